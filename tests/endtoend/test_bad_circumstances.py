"""What is wrong with a device, a browser, a link or a network is said, with what to do about it.

Sentences are compared as people read them, in both languages, as far as tells them apart. What a
browser does of itself is left to it (permissions, missing devices, insecure pages); the rest is
made before the page's own scripts.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright

from relay.rooms.permissions import Role
from signalling.keys import parse_keys
from signalling.links import full_grant
from signalling.tokens import Invitation, mint
from tests.endtoend import chromium
from tests.endtoend.appearance import BLUE
from tests.endtoend.chromium import ChromiumTab
from tests.endtoend.participant import Participant
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from playwright.async_api import Browser

    from tests.endtoend.relay_process import RelayProcess

pytestmark = pytest.mark.timeout(90)

WITHIN_S = 25.0
STALE_S = 3_600.0
ELEMENT = "document.querySelector('visavis-consultation')"
ELSEWHERE = "clinic.test"
"""A name that leads here: a page of it is as insecure as any without TLS."""
ASKING = [flag for flag in chromium.FLAGS if "fake-ui" not in flag]
"""Nobody answers the browser's question but what a test has granted."""
CAMERALESS = [flag for flag in chromium.FLAGS if "fake-device" not in flag] + [
    "--use-fake-device-for-media-stream=device-count=0"
]
ANDROID_WEB_VIEW = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 9 Build/BP2A; wv) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Version/4.0 Chrome/156.0 Mobile Safari/537.36"
)

READS = """((words) => {
  const plain = (text) => text.replaceAll(/[\\u00a0\\u202f]/g, " ").replaceAll("\\u2019", "'");
  const root = document.querySelector("visavis-consultation").shadowRoot;
  const shown = [...root.querySelectorAll(".card *")].filter((one) => one.checkVisibility());
  return shown.some((one) => plain(one.textContent).startsWith(words));
})"""

FIVE_TIMES_AS_FAST = """
const [later, now] = [window.setTimeout.bind(window), performance.now.bind(performance)];
window.setTimeout = (action, delay_ms = 0, ...more) => later(action, delay_ms / 5, ...more);
performance.now = () => 5 * now();
"""
"""For what gives up after half a minute."""


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
    "a wrong clock": Case(
        {
            "en": (
                "The date or the time of this device does not fit this link.",
                "Set both to automatic in the device's settings and open the link again.",
            ),
            "fr": (
                "La date ou l'heure de cet appareil ne va pas avec ce lien.",
                "Réglez-les sur automatique dans les réglages de l'appareil, puis rouvrez le lien.",
            ),
        },
        "const now = Date.now; Date.now = () => now() - 7_200_000;",
        issued_s_ago=STALE_S,
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
        FIVE_TIMES_AS_FAST
        + """
window.WebSocket = class {
  readyState = 3;
  constructor() {
    later(() => this.onclose?.({ code: 1006 }), 0);
  }
  close() {}
};
""",
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


@contextlib.asynccontextmanager
async def launched(flags: Sequence[str]) -> AsyncIterator[Browser]:
    """Start a Chromium that ends with the block."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.EXECUTABLE, headless=True, args=flags
        )
        try:
            yield browser
        finally:
            await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def asking(
    programs: None,  # noqa: ARG001 - it must have run
) -> AsyncIterator[Browser]:
    """Give a Chromium that asks before it opens devices."""
    names = f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"
    async with launched([*ASKING, names]) as browser:
        yield browser


def token(relay: RelayProcess, issued_s_ago: float) -> str:
    """Mint a token as a backend did some time ago; it was good for ten minutes."""
    ring = parse_keys((relay.config.parent / "keys").read_text(), "the test's keys")
    (key,) = ring.values()
    room = f"room-{secrets.token_hex(4)}"
    grant = full_grant(room, Role.PATIENT, None, open_room=True)
    return mint(Invitation(grant, url=relay.websocket_url), key, time.time() - issued_s_ago)


async def opened(browser: Browser, relay: RelayProcess, case: Case, language: str) -> Participant:
    """Open a patient's link in circumstances of a case."""
    context = await browser.new_context(
        locale=language, permissions=list(case.permissions), user_agent=case.agent
    )
    if case.script:
        await context.add_init_script(f"{{{case.script}}}")
    tab = ChromiumTab(await context.new_page())
    link = f"lang={language}#token={token(relay, case.issued_s_ago)}"
    await tab.goto(f"http://{case.host}:{relay.port}/consultation?{link}")
    return Participant("patient", BLUE, "page", tab)


async def says(browser: Browser, relay: RelayProcess, case: Case, language: str) -> None:
    """Wait until the page says in one language what is wrong and what to do."""
    patient = await opened(browser, relay, case, language)
    try:
        await patient.until(f"Boolean({ELEMENT}?.shadowRoot)", within_s=WITHIN_S)
        for step in case.then:
            await patient.until(step, within_s=WITHIN_S)
        for words in case.words[language]:
            await patient.until(call(READS, words), within_s=WITHIN_S)
    finally:
        await patient.tab.close()


@pytest.mark.parametrize("name", CASES)
async def test_it_is_said_what_is_wrong_and_what_to_do(
    asking: Browser, relay: RelayProcess, name: str
) -> None:
    case = CASES[name]
    await asyncio.gather(*(says(asking, relay, case, language) for language in case.words))


async def test_a_missing_camera_is_said_and_the_sound_goes_on(
    programs: None,  # noqa: ARG001 - it must have run
    relay: RelayProcess,
) -> None:
    words = {
        "en": ("No camera was found.", "Plug in a camera, or continue with sound only."),
        "fr": (
            "Aucune caméra n'a été trouvée.",
            "Branchez une caméra, ou continuez avec le son seul.",
        ),
    }
    sound = f"{ELEMENT}.consultation?.local.sources.some(({{ source }}) => source === 'microphone')"
    async with launched(CAMERALESS) as browser:
        await asyncio.gather(
            *(says(browser, relay, Case(words, then=(sound,)), language) for language in words)
        )


async def test_a_page_whose_script_does_not_run_says_so_in_both_languages(
    asking: Browser, relay: RelayProcess
) -> None:
    context = await asking.new_context()
    await context.route("**/sdk/visavis.js", lambda route: route.abort())
    tab = ChromiumTab(await context.new_page())
    patient = Participant("patient", BLUE, "page", tab)
    try:
        await tab.goto(f"{relay.url}/consultation")
        assert not await tab.evaluate(f"{SAID}.some(Boolean)"), "before the script could come"
        await patient.until(f"{SAID}.length === 2 && {SAID}.every(Boolean)", within_s=WITHIN_S)
    finally:
        await tab.close()


SAID = """
[...document.querySelectorAll(".late > p[lang]")].map((one) =>
  one.checkVisibility({ visibilityProperty: true }),
)
"""
