"""What can be wrong with a device, a browser, a link or a network, and what is to be read then.

What a browser does of itself is left to it (permissions, insecure pages); the rest is made before
the page's own scripts. Used by `test_bad_circumstances`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STALE_S = 3_600.0
"""How old a link is that has expired long ago."""
ELSEWHERE = "clinic.test"
"""A name that leads here: a page of it is as insecure as any without TLS."""
ANDROID_WEB_VIEW = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 9 Build/BP2A; wv) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Version/4.0 Chrome/156.0 Mobile Safari/537.36"
)

FIVE_TIMES_AS_FAST = """
const [later, now] = [window.setTimeout.bind(window), performance.now.bind(performance)];
window.setTimeout = (action, delay_ms = 0, ...more) => later(action, delay_ms / 5, ...more);
performance.now = () => 5 * now();
"""
"""For what gives up after half a minute."""
NO_SOCKET = """
window.WebSocket = class {
  readyState = 3;
  constructor() {
    later(() => this.onclose?.({ code: 1006 }), 0);
  }
  close() {}
};
"""
"""After `FIVE_TIMES_AS_FAST`."""
TWO_HOURS_BEHIND = "const date = Date.now; Date.now = () => date() - 7_200_000;"


@dataclass(frozen=True)
class Case:
    """What is wrong, and what is read by language: what happened, and what to do."""

    words: Mapping[str, Sequence[str]]
    script: str = ""
    """Run before the page's own."""
    then: Sequence[str] = ()
    """Waited for, one after the other, until each is true; what comes last does the harm."""
    permissions: Sequence[str] = ("camera", "microphone")
    agent: str | None = None
    host: str = "127.0.0.1"
    issued_s_ago: float = 0.0


CASES = {
    "refused permission": Case(
        {
            "en": (
                "The browser does not let this page use the microphone.",
                "Touch the icon to the left of the page's address.",
            ),
            "fr": (
                "Le navigateur ne laisse pas cette page utiliser le micro.",
                "Touchez l'icône à gauche de l'adresse de la page.",
            ),
        },
        permissions=("geolocation",),
    ),
    "a camera in use": Case(
        {
            "en": ("Another application is using the camera.", "Close other video applications"),
            "fr": (
                "Une autre application utilise la caméra.",
                "Fermez les autres applications vidéo, puis réessayez.",
            ),
        },
        """
const devices = navigator.mediaDevices;
const open = devices?.getUserMedia.bind(devices);
const busy = async () => {
  throw new DOMException("Could not start video source", "NotReadableError");
};
if (devices) devices.getUserMedia = (wish) => (wish.video ? busy() : open(wish));
""",
    ),
    "a device pulled out in mid-call": Case(
        {
            "en": (
                "The camera was unplugged or stopped working.",
                "Plug it in again or choose another one in the settings.",
            ),
            "fr": (
                "La caméra a été débranchée ou s'est arrêtée.",
                "Rebranchez-la ou choisissez-en une autre dans les réglages.",
            ),
        },
        """
window.camera = () => {
  const { state, local } = document.querySelector("visavis-consultation").consultation ?? {};
  if (state?.state !== "waiting") return null;
  return local.sources.find(({ source }) => source === "camera")?.mediaTrack;
};
window.pullOut = (track) => {
  navigator.mediaDevices.getUserMedia = async () => {
    throw new DOMException("Requested device not found", "NotFoundError");
  };
  return track.dispatchEvent(new Event("ended"));
};
""",
        ("Boolean(window.camera())", "window.pullOut(window.camera())"),
    ),
    "an insecure page": Case(
        {
            "en": (
                "This page was not opened securely, so the browser keeps camera and microphone",
                "Open the link again with https:// in front.",
            ),
            "fr": (
                "Cette page n'est pas ouverte de façon sécurisée",
                "Ouvrez de nouveau le lien, avec https:// devant.",
            ),
        },
        host=ELSEWHERE,
    ),
    "an old browser": Case(
        {
            "en": (
                "This browser cannot hold a video consultation.",
                "Use a recent Chrome, Edge, Firefox or Safari.",
            ),
            "fr": (
                "Ce navigateur ne permet pas la téléconsultation.",
                "Utilisez une version récente de Chrome, Edge, Firefox ou Safari.",
            ),
        },
        "delete window.RTCPeerConnection;",
    ),
    "a browser within an application": Case(
        {
            "en": (
                "This page was opened inside another application, which keeps camera and",
                "Open it in your browser: touch",
            ),
            "fr": (
                "Cette page est ouverte dans une autre application, qui ne lui laisse ni caméra",
                "Ouvrez-la dans votre navigateur : touchez",
            ),
        },
        "Object.defineProperty(Navigator.prototype, 'mediaDevices', { value: undefined });",
        agent=ANDROID_WEB_VIEW,
    ),
    "an expired token": Case(
        {
            "en": ("This link has expired.", "Ask for a new link."),
            "fr": ("Ce lien a expiré.", "Demandez un nouveau lien."),
        },
        issued_s_ago=STALE_S,
    ),
    "an expired token, by a clock that is behind": Case(
        {
            "en": ("This link has expired.", "Ask for a new link."),
            "fr": ("Ce lien a expiré.", "Demandez un nouveau lien."),
        },
        TWO_HOURS_BEHIND,
        issued_s_ago=STALE_S,
    ),
    "no socket gets through, by a clock that is behind": Case(
        {
            "en": (
                "The consultation's server cannot be reached, and the date or the time of this",
                "Set both to automatic in the device's settings.",
            ),
            "fr": (
                "Le serveur de la consultation est injoignable, et la date ou l'heure de cet",
                "Réglez-les sur automatique dans les réglages de l'appareil.",
            ),
        },
        TWO_HOURS_BEHIND + FIVE_TIMES_AS_FAST + NO_SOCKET,
    ),
    "no socket gets through": Case(
        {
            "en": (
                "The consultation's server cannot be reached.",
                "Check your internet connection, then try again.",
            ),
            "fr": (
                "Le serveur de la consultation est injoignable.",
                "Vérifiez votre connexion à internet, puis réessayez.",
            ),
        },
        FIVE_TIMES_AS_FAST + NO_SOCKET,
    ),
    "no sound or picture gets through": Case(
        {
            "en": (
                "This network lets no sound or picture through.",
                "Try another network, for example your phone's.",
            ),
            "fr": (
                "Ce réseau ne laisse passer ni le son ni l'image.",
                "Essayez un autre réseau, par exemple celui de votre téléphone.",
            ),
        },
        FIVE_TIMES_AS_FAST
        + """
const Connection = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Connection {
  constructor(configuration) {
    super({ ...configuration, iceServers: [], iceTransportPolicy: "relay" });
  }
};
""",
    ),
}
