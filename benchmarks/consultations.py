"""Two-party consultations, as the relay's legs and as the generator's participants.

Keys, SSRCs and ids are dealt out here, to both sides: the stand-in for signalling and DTLS while
the generator speaks neither.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

AEAD_AES_128_GCM: Final = 7
"""RFC 7714 §14.2: the profile Chromium and Firefox choose with this relay."""

EXTENSIONS: Final = {"audio_level": 1, "abs_send_time": 2, "transport_sequence": 3, "mid": 4}
"""The ids Chromium offers."""

EXTENSION_URIS: Final = {
    "audio_level": "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "abs_send_time": "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "transport_sequence": (
        "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    ),
    "mid": "urn:ietf:params:rtp-hdrext:sdes:mid",
}

OPUS, VP8, VP8_RTX = 111, 96, 97
KEY_BYTES, SALT_BYTES = 16, 12

_ssrcs = itertools.count(0x1000_0000)


def _hex(count: int) -> str:
    return secrets.token_hex(count)


def _key() -> dict[str, str]:
    return {"key": _hex(KEY_BYTES), "salt": _hex(SALT_BYTES)}


def _ssrc() -> int:
    return next(_ssrcs)


@dataclass(frozen=True, slots=True)
class Person:
    """One participant: what both ends of the leg have to agree on."""

    ufrag: str = field(default_factory=lambda: _hex(4))
    password: str = field(default_factory=lambda: _hex(16))
    sends: dict[str, str] = field(default_factory=_key)
    receives: dict[str, str] = field(default_factory=_key)
    audio_ssrc: int = field(default_factory=_ssrc)
    video_ssrc: int = field(default_factory=_ssrc)
    slot_audio_ssrc: int = field(default_factory=_ssrc)
    slot_video_ssrc: int = field(default_factory=_ssrc)
    slot_rtx_ssrc: int = field(default_factory=_ssrc)

    def leg(self) -> dict[str, Any]:
        """Give what the relay has to know."""
        return {name: getattr(self, name) for name in self.__slots__}

    def participant(self, relay: str | None) -> dict[str, Any]:
        """Give what the generator has to know; without a relay it sends to the other directly."""
        return {
            "relay": relay,
            "ice": relay and {"ufrag": self.ufrag, "password": self.password},
            "sends": self.sends,
            "receives": self.receives,
            "audio": {"ssrc": self.audio_ssrc, "payload_type": OPUS, "mid": "0"},
            "video": {"ssrc": self.video_ssrc, "payload_type": VP8, "mid": "1"},
        }


Consultation = tuple[Person, Person]


def relayed(count: int) -> list[Consultation]:
    """Make consultations that go through the relay."""
    return [(Person(), Person()) for _ in range(count)]


def bare(count: int) -> list[Consultation]:
    """Make consultations without a relay: what one sends, the other receives under the same key."""
    pairs = relayed(count)
    return [(one, Person(sends=one.receives, receives=one.sends)) for one, _ in pairs]


def setup(
    through_relay: Sequence[Consultation],
    direct: Sequence[Consultation],
    *,
    relay: str,
    seed: int,
    core: int,
    warm_up_s: float,
    measure_s: float,
    samples: int,
) -> dict[str, Any]:
    """Give the generator's whole document."""
    towards_relay = [[one.participant(relay) for one in pair] for pair in through_relay]
    without = [[one.participant(None) for one in pair] for pair in direct]
    return {
        "seed": seed,
        "core": core,
        "warm_up_s": warm_up_s,
        "measure_s": measure_s,
        "pace": 1.0,
        "profile_iana": AEAD_AES_128_GCM,
        "extensions": EXTENSIONS,
        "samples": samples,
        "consultations": towards_relay + without,
    }
