"""The last event of an attachment, with its words.

Pure data, part of `relay.rooms.events`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

ClosingCode = Literal[
    "replaced", "taken_over", "room_closed", "draining", "slow_consumer", "ejected"
]


@dataclass(frozen=True, slots=True)
class Closing:
    """The relay closes this attachment; nothing follows."""

    code: ClosingCode
    words: str
    action: str


def closing(code: ClosingCode) -> Closing:
    """Give the last event of an attachment, with its words."""
    return Closing(code, *_CLOSING_WORDS[code])


_CLOSING_WORDS: Final[Mapping[ClosingCode, tuple[str, str]]] = {
    "replaced": (
        "This consultation has been reopened, in this window or another one.",
        "Continue there; to come back here, reload the page.",
    ),
    "taken_over": (
        "This consultation is being continued in another window or on another device.",
        "Continue there, or open your link again here.",
    ),
    "room_closed": ("The consultation has ended.", "You can close this page."),
    "ejected": (
        "You have been removed from this consultation.",
        "If you think this is a mistake, contact the practice for a new link.",
    ),
    "draining": (
        "The relay is being restarted.",
        "Wait a moment: the page connects again by itself.",
    ),
    "slow_consumer": (
        "Your connection is too slow to follow the consultation.",
        "The page connects again by itself; move closer to your Wi-Fi if it happens again.",
    ),
}
