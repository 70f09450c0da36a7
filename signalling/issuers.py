"""Whose clocks are ahead of ours: what their tokens say of when they were issued is doubted.

A token says by its issuer's clock when it was issued. Where that clock is ahead, a token from
before somebody was put out, or a room was closed, seems to be from after it. Such a clock is known
by a token that comes before it was issued; from then on its tokens count as old as they may be.
Kept in memory, for each key; no clock is read here. Called by `signalling.tokens`.
"""

from __future__ import annotations

from typing import Final

AHEAD_S: Final = 1.0
"""Below, clocks that are kept by NTP differ, and those who round to whole seconds."""


class IssuerClocks:
    """Which issuers were seen to be ahead."""

    def __init__(self) -> None:
        self._ahead: set[str] = set()

    def age_s(self, issuer: str, said_s: float, most_ahead_s: float) -> float:
        """Give the age that a token may have at most.

        Args:
            issuer: The id of the key that has signed it: no stranger adds one.
            said_s: Its age by what it says itself; negative before it was issued.
            most_ahead_s: How far a clock may be ahead for its tokens to be taken at all.

        """
        if said_s < -AHEAD_S:
            self._ahead.add(issuer)
        doubt_s = most_ahead_s if issuer in self._ahead else 0.0
        return max(0.0, said_s + doubt_s)
