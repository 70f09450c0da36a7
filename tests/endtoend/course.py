"""How one received picture goes on over time, and what a publisher sends: asked of the browsers.

`pages/course.js` looks; this waits and compares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.endtoend.participant import polling
from tests.endtoend.tab import call

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.participant import Participant

WHOLE, HALF = 640, 320
"""The widths of a camera's best encoding and of the next one."""

JUDGED_FRAMES = 20
POLLS_COMPARED = 5
"""A second, in which every encoding that is sent has a frame, on a busy machine, too."""


@dataclass(frozen=True)
class Counted:
    """What a receiver has counted of one picture since it began."""

    line: str
    """Its statistics' name and SSRC: another one is another stream."""
    decoder: str
    """Empty where the browser does not say (Firefox)."""
    width: int
    decoded: int
    key_frames: int
    lost: int
    plis: int
    frozen_s: float
    shown: int
    longest_s: float
    """Between two frames that were shown, since it is watched."""
    widths: tuple[int, ...]
    """As they were shown, one after the other, since it is watched."""


@dataclass(frozen=True)
class Watched:
    """One person's picture of another."""

    participant: Participant
    appearance: Appearance

    @classmethod
    async def begin(cls, participant: Participant, appearance: Appearance) -> Watched:
        """Watch from now on."""
        await participant.until(call("window.course.watch", list(appearance.colour)))
        return cls(participant, appearance)

    async def counted(self) -> Counted:
        """Say what has been counted so far."""
        told = await self.participant.tab.evaluate(
            call("window.course.told", list(self.appearance.colour))
        )
        return Counted(**{**told, "widths": tuple(told["widths"])})

    async def shows(self, width: int, *, within_s: float = 15.0) -> Counted:
        """Wait until frames of this width are shown, and so many more of them have been decoded.

        Raises:
            AssertionError: They were not; says what was counted.

        """
        return await self._shows(lambda shown: shown == width, f"{width}", within_s)

    async def shows_less_than(self, width: int, *, within_s: float = 20.0) -> Counted:
        """Wait likewise for frames of any smaller width.

        Raises:
            AssertionError: As above.

        """
        return await self._shows(lambda shown: shown < width, f"less than {width}", within_s)

    async def _shows(
        self, is_wanted: Callable[[int], bool], wanted: str, within_s: float
    ) -> Counted:
        began: Counted | None = None
        now: Counted | None = None
        async for _ in polling(within_s):
            now = await self.counted()
            if not (is_wanted(now.width) and is_wanted(now.widths[-1])):
                began = None
            elif began is None:
                began = now
            elif now.decoded >= began.decoded + JUDGED_FRAMES:
                return now
        raise AssertionError(f"{self.participant} does not see {wanted} in {within_s} s: {now}")


@dataclass(frozen=True)
class Sent:
    """What a browser says of one encoding that it may send."""

    rid: str
    active: bool
    """As its page has set it."""
    frames: int
    width: int
    plis: int


async def sent(publisher: Participant) -> dict[str, Sent]:
    """Say what is set and has been sent of the camera so far, by rid."""
    told = await publisher.tab.evaluate("window.course.sent()")
    return {each["rid"]: Sent(**each) for each in told}


async def sends(
    publisher: Participant,
    *rids: str,
    also_any_of: str = "",
    silent: str = "",
    within_s: float = 20.0,
) -> None:
    """Wait until frames are sent of some encodings, and no more of others.

    Args:
        publisher: Whose camera.
        rids: Those that are to be sent.
        also_any_of: At least one of these as well, a letter each.
        silent: Those that are to be off, a letter each, and of which no frame comes.
        within_s: For how long.

    Raises:
        AssertionError: It did not come to that; says what was counted.

    """
    before = now = await sent(publisher)
    wanted = f"{rids}, some of {also_any_of!r} and none of {silent!r}"
    polls = 0
    async for _ in polling(within_s):
        now = await sent(publisher)
        polls += 1
        if polls % POLLS_COMPARED:
            continue
        going = {rid for rid, each in now.items() if each.frames > before[rid].frames}
        are_off = not any(now[rid].active for rid in silent)
        is_more = not also_any_of or bool(going & set(also_any_of))
        if going >= set(rids) and is_more and not going & set(silent) and are_off:
            return
        before = now
    raise AssertionError(f"{publisher} does not send {wanted}: {before} {now}")
