"""Whether something keeps the machine's clock right: tokens begin and end by it.

A backend mints a token by its clock and the relay judges it by its own; logs of two machines are
compared by both.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from relay.config import RelayConfig
from signalling.doctor.finding import ADMINISTRATOR, Finding, ok, warning

NAME: Final = "clock"

FAR_OFF_US: Final = 1_000_000
"""A second: tokens carry whole seconds (RFC 7519 §2), so less cannot be told from rounding."""

_STA_UNSYNC: Final = 0x40  # linux/timex.h
_TIME_ERROR: Final = 5  # what adjtimex(2) gives where the clock is not synchronised
_TIMESYNC_MARK: Final = Path("/run/systemd/timesync/synchronized")


class _Timex(ctypes.Structure):
    """The head of `struct timex` (linux/timex.h), and room for the rest of it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 40),
    )


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """What is known of the clock."""

    synchronised: bool | None
    """`None` where the kernel does not tell."""
    max_error_us: int


def check(_config: RelayConfig) -> list[Finding]:
    """Ask the kernel, and look for the mark that systemd-timesyncd leaves."""
    return [judge(_facts())]


def judge(facts: ClockFacts) -> Finding:
    """Say whether tokens expire when they should."""
    action = "timedatectl set-ntp true   (or install chrony, with `rtcsync` in its configuration)"
    if facts.synchronised is None:
        words = "The kernel does not tell whether the clock is synchronised."
        return warning(NAME, words, who=ADMINISTRATOR, action="chronyc tracking, or timedatectl")
    if not facts.synchronised:
        words = (
            "The kernel knows of nothing that keeps the clock right. Once it is off, tokens are "
            "refused that are good, or accepted that have expired."
        )
        return warning(NAME, words, who=ADMINISTRATOR, action=action)
    error_ms = facts.max_error_us / 1_000
    if facts.max_error_us > FAR_OFF_US:
        words = f"The clock is synchronised, but may be off by up to {error_ms:,.0f} ms."
        return warning(NAME, words, who=ADMINISTRATOR, action=action)
    return ok(NAME, f"It is synchronised, to {error_ms:,.0f} ms at worst.")


def _facts() -> ClockFacts:
    timex = _Timex(modes=0)  # no mode: it is read and not set, which anybody may
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    if state < 0:
        synchronised = True if _TIMESYNC_MARK.exists() else None
        return ClockFacts(synchronised, 0)
    unsynchronised = state == _TIME_ERROR or bool(timex.status & _STA_UNSYNC)
    return ClockFacts(not unsynchronised, timex.maxerror)
