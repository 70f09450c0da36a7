"""H.264's media parameters: which decoder shows which stream (RFC 6184 §8.1). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum


class H264Profile(IntEnum):
    """The profiles browsers offer, the most widely decoded first."""

    CONSTRAINED_BASELINE = 0
    BASELINE = 1
    CONSTRAINED_HIGH = 2
    MAIN = 3
    HIGH = 4


# profile_idc, and the bits of profile_iop that must be as given: (mask, value).
# RFC 6184 table 5; constrained high is ITU-T H.264 A.2.4.2.
_PROFILES = (
    (0x42, 0x40, 0x40, H264Profile.CONSTRAINED_BASELINE),
    (0x4D, 0x80, 0x80, H264Profile.CONSTRAINED_BASELINE),
    (0x58, 0xC0, 0xC0, H264Profile.CONSTRAINED_BASELINE),
    (0x42, 0x40, 0x00, H264Profile.BASELINE),
    (0x58, 0xC0, 0x80, H264Profile.BASELINE),
    (0x4D, 0x80, 0x00, H264Profile.MAIN),
    (0x64, 0x0C, 0x0C, H264Profile.CONSTRAINED_HIGH),
    (0x64, 0x0C, 0x00, H264Profile.HIGH),
)
# What a decoder of each profile shows beside its own (ITU-T H.264 A.2: constrained baseline is a
# subset of all; main and constrained high are subsets of high).
_SHOWS = {
    H264Profile.CONSTRAINED_BASELINE: {H264Profile.CONSTRAINED_BASELINE},
    H264Profile.BASELINE: {H264Profile.CONSTRAINED_BASELINE, H264Profile.BASELINE},
    H264Profile.MAIN: {H264Profile.CONSTRAINED_BASELINE, H264Profile.MAIN},
    H264Profile.CONSTRAINED_HIGH: {
        H264Profile.CONSTRAINED_BASELINE,
        H264Profile.CONSTRAINED_HIGH,
    },
    H264Profile.HIGH: set(H264Profile) - {H264Profile.BASELINE},
}
_PROFILE_LEVEL_ID = re.compile(r"[0-9A-Fa-f]{6}")
# RFC 6184 §8.1: absent means baseline at level 1.
_DEFAULT_PROFILE_LEVEL_ID = "42000a"


@dataclass(frozen=True, slots=True)
class H264Format:
    """Profile and packetization mode; the level is a bound on rate that the SFU does not set."""

    profile: H264Profile
    packetization_mode: int

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> H264Format | None:
        """Read a=fmtp parameters; `None` for a profile or mode the relay does not carry."""
        text = parameters.get("profile-level-id", _DEFAULT_PROFILE_LEVEL_ID)
        mode = parameters.get("packetization-mode", "0")
        if not _PROFILE_LEVEL_ID.fullmatch(text) or mode not in ("0", "1"):
            return None
        idc, iop = int(text[:2], 16), int(text[2:4], 16)
        for profile_idc, mask, value, profile in _PROFILES:
            if idc == profile_idc and iop & mask == value:
                return cls(profile, int(mode))
        return None

    def decodes(self, other: H264Format) -> bool:
        """Tell whether this receiver shows the other's stream.

        Mode 1 receivers take single NAL units too (RFC 6184 §6.3), mode 0 receivers nothing else.
        """
        return (
            other.profile in _SHOWS[self.profile]
            and other.packetization_mode <= self.packetization_mode
        )

    @property
    def preference(self) -> int:
        """Lower is better: mode 1 before mode 0, then the most widely decoded profile."""
        return (1 - self.packetization_mode) * len(H264Profile) + self.profile
