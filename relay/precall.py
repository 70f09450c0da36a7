"""What somebody's check of their devices and their network came to, before the consultation.

Pure data: closed vocabularies and bounded numbers, for whoever sends it is a stranger. It names no
device, no address and no person. Kept by `relay.checks.kept`, sent and shown by `signalling`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta, Struct


class PrecallVerdict(StrEnum):
    """Whether somebody can consult with what they have."""

    READY = "ready"
    """They are heard and seen well."""
    LIMITED = "limited"
    """They can consult, and something is worse than it should be, or not known."""
    NOT_READY = "not_ready"
    """Something has to be done first."""


class Checked(StrEnum):
    """What was looked at."""

    BROWSER = "browser"
    SERVER = "server"
    """Whether the relay answers, and takes the link."""
    CLOCK = "clock"
    CAMERA = "camera"
    MICROPHONE = "microphone"
    SPEAKER = "speaker"
    NETWORK = "network"
    """Whether sound and picture get through at all."""
    BANDWIDTH = "bandwidth"


class Outcome(StrEnum):
    """How one of them was found."""

    GOOD = "good"
    WEAK = "weak"
    """It will do."""
    BAD = "bad"
    UNKNOWN = "unknown"
    """It could not be looked at, or nobody has answered yet."""


class PathKind(StrEnum):
    """A way for sound and picture."""

    UDP = "udp"
    TCP = "tcp"
    TURN_UDP = "turn_udp"
    """Through a TURN server that is reached by UDP; the others likewise."""
    TURN_TCP = "turn_tcp"
    TURN_TLS = "turn_tls"


FindingCode = Literal[
    "fine",
    "insecure_context",
    "unsupported_browser",
    "in_app_browser",
    "old_browser",
    "unreachable",
    "token_invalid",
    "token_expired",
    "ejected",
    "unknown_room",
    "clock_wrong",
    "permission_denied",
    "permission_dismissed",
    "permission_blocked_by_system",
    "device_missing",
    "device_busy",
    "device_unsuitable",
    "device_lost",
    "capture_failed",
    "camera_dark",
    "camera_still",
    "not_heard",
    "not_asked",
    "playback_refused",
    "speaker_silent",
    "media_unreachable",
    "detour",
    "narrow",
    "too_narrow",
    "overloaded",
    "not_measured",
]
"""What was found; the SDK has words for each (signalling/client/check/words.js)."""


class Finding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was found of one thing."""

    of: Checked
    outcome: Outcome
    code: FindingCode


class PathTried(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way for sound and picture, tried by itself."""

    path: PathKind
    works: bool
    after_ms: Annotated[int, Meta(ge=0, le=60_000)] | None = None
    """How long it took to come up."""


Kbps = Annotated[int, Meta(ge=0, le=1_000_000)]


class CheckResult(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole check; what could not be measured is null."""

    verdict: PrecallVerdict
    findings: Annotated[tuple[Finding, ...], Meta(max_length=16)]
    paths: Annotated[tuple[PathTried, ...], Meta(max_length=8)] = ()
    from_kbps: Kbps | None = None
    """What the network carries from the participant to the relay, as links carry it."""
    towards_kbps: Kbps | None = None
    """What it carries the other way."""
    rtt_ms: Annotated[int, Meta(ge=0, le=60_000)] | None = None
    clock_offset_s: Annotated[int, Meta(ge=-(2**40), le=2**40)] | None = None
    """By how much the device's clock is ahead of the relay's."""
    browser: Literal["chromium", "firefox", "safari", "other"] = "other"
    took_ms: Annotated[int, Meta(ge=0, le=600_000)] = 0


@dataclass(frozen=True, slots=True)
class KeptCheck:
    """A check, and when the relay was told of it."""

    result: CheckResult
    taken_ns: int
