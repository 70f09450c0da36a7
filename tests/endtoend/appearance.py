"""What each participant of a test looks and sounds like, so that a receiver can tell whom it gets.

A participant is a colour, crossed by a white bar, and a tone that beeps. `media_files` writes it
for Chromium's file-backed devices, `pages/sources.js` draws it where a browser has none.
"""

from __future__ import annotations

from dataclasses import dataclass

WIDTH, HEIGHT, FRAMES_PER_S = 640, 360, 15
BAR_WIDTH = 64
PERIOD_S = 2.0
"""The bar crosses the picture, and the beep repeats, a whole number of times in this."""
BEEP_S, PAUSE_S = 0.35, 0.15
"""A steady tone is what noise suppressors remove; a beep is not."""


@dataclass(frozen=True)
class Appearance:
    """A participant's colour and tone."""

    name: str
    colour: tuple[int, int, int]
    tone_hz: int

    def as_json(self) -> dict[str, object]:
        """Give what `pages/sources.js` needs to draw and sound the same."""
        return {
            "colour": list(self.colour),
            "toneHz": self.tone_hz,
            "width": WIDTH,
            "height": HEIGHT,
            "framesPerSecond": FRAMES_PER_S,
            "barWidth": BAR_WIDTH,
            "periodS": PERIOD_S,
            "beepS": BEEP_S,
            "pauseS": PAUSE_S,
        }


RED = Appearance("red", (190, 40, 40), 500)
BLUE = Appearance("blue", (40, 60, 190), 800)
GREEN = Appearance("green", (40, 150, 50), 1250)
