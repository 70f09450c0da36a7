"""Encodings that are asked for in vain: for how long, and when again.

Of 640x360 Chromium makes two encodings, whatever it is asked for; another comes when the picture
grows, or never. To ask costs the publisher a new configuration of its encoder, so it is asked for a
while, and again after waits that grow. Pure.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from relay.units import US_PER_S

ASK_US: Final = 10 * US_PER_S
"""An encoder whose uplink is narrow begins a further encoding within seconds, or not at all."""

FIRST_WAIT_US: Final = 30 * US_PER_S
MOST_WAIT_US: Final = 32 * FIRST_WAIT_US
"""A quarter of an hour: one consultation asks for it a few times."""


@dataclass(slots=True)
class _Asked:
    """One of them."""

    until_us: int
    """Until when it is asked for, or rests."""
    wait_us: int = FIRST_WAIT_US
    rests: bool = False
    pixels: int = 0
    """Of the best one when it was given up."""


@dataclass(slots=True)
class Vain:
    """One track's."""

    _asked: dict[int, _Asked] = field(default_factory=dict)

    @property
    def wanted(self) -> frozenset[int]:
        """Those to ask for just now."""
        return frozenset(which for which, asked in self._asked.items() if not asked.rests)

    def update(
        self, overdue: Collection[int], sending: Collection[int], pixels: int, now_us: int
    ) -> frozenset[int]:
        """Take in what comes and what should; give what nobody counts on.

        Args:
            overdue: The encodings that should have come by now.
            sending: Those that come. Without any the publisher is away, and nothing is vain.
            pixels: Of the best one: when it has grown since one was given up, that one may come.
            now_us: The relay's clock.

        """
        if not sending:
            self._asked.clear()
        for which in self._asked.keys() & set(sending):
            del self._asked[which]
        for asked in self._asked.values():
            if now_us >= asked.until_us or (asked.rests and pixels > asked.pixels):
                asked.rests = not asked.rests
                asked.until_us = now_us + (asked.wait_us if asked.rests else ASK_US)
                if asked.rests:
                    asked.wait_us = min(2 * asked.wait_us, MOST_WAIT_US)
                    asked.pixels = pixels
        if sending:
            for which in set(overdue) - set(sending) - self._asked.keys():
                self._asked[which] = _Asked(now_us + ASK_US)
        return frozenset(self._asked)
