"""Who is cut off, since when, and how it ended. Pure. Called by the chart."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from relay.charts.facts import Cut, CutCause, Stood
from relay.units import NS_PER_S

JOINED_WITHIN_NS: Final = 3 * NS_PER_S
"""What goes away again so soon was not back: a packet or two slip through a path that breaks."""

BEGAN_WITHIN_NS: Final = 3 * NS_PER_S
"""A page knows to a second when it was stopped, its word travels, and packets may stop later than
its timers. What went on for longer was not stopped by that."""

RESUMED_WITHIN_NS: Final = 10 * NS_PER_S
"""A page that goes on has its devices and its path again by then; what lasts has another cause."""

MAX_CUTS: Final = 200
"""Of one consultation; whoever is cut off more often has been seen to be."""


class _Open(NamedTuple):
    began_ns: int
    leg: int | None
    """The connection that it began on; `None` where that was gone at once, as with a reload."""
    withheld: bool = False
    """Whether their client has said in the course of it that its devices give nothing."""


@dataclass(slots=True)
class Cuts:
    """Those of one consultation."""

    over: list[Cut] = field(default_factory=list)
    left_out: int = 0
    _open: dict[str, _Open] = field(default_factory=dict)

    @property
    def now(self) -> AbstractSet[str]:
        """Who is cut off just now."""
        return self._open.keys()

    def quiet(self, who: str, since_ns: int, leg: int | None) -> None:
        """Take that nothing comes from somebody, and since when."""
        if who in self._open:
            return
        last = next((cut for cut in reversed(self.over) if cut.participant == who), None)
        if last is not None and since_ns - (last.ended_ns or 0) < JOINED_WITHIN_NS:
            self.over.remove(last)
            began_on = None if last.cause == "new_connection" else leg
            self._open[who] = _Open(last.began_ns, began_on, last.cause == "device")
        else:
            self._open[who] = _Open(since_ns, leg)

    def back(self, who: str, leg: int | None, now_ns: int, *, withheld: bool = False) -> None:
        """Take that something comes from somebody who was cut off, or need not.

        Args:
            who: They.
            leg: Over which connection.
            now_ns: When, monotonic.
            withheld: Whether their client says that its devices give nothing.

        """
        began = self._open.get(who)
        if began is None:
            return
        if began.leg != leg:
            self._end(who, now_ns, "new_connection")
        else:
            self._end(who, now_ns, "device" if withheld or began.withheld else "network")

    def stood_still(self, who: str, stood: Stood) -> None:
        """Take when somebody's page stood still: it explains a cut that began with that.

        The same may be said again.
        """
        for index, cut in enumerate(self.over):
            if cut.participant == who and cut.cause == "network" and _explains(stood, cut):
                self.over[index] = cut._replace(cause="device")

    def gone(self, who: str, now_ns: int) -> None:
        """Take that somebody who is cut off is waited for no longer."""
        if who in self._open:
            self._end(who, now_ns, "gone")

    def every(self) -> list[Cut]:
        """Give every cut, by its beginning."""
        lasting = [
            Cut(who, each.began_ns, None, "device" if each.withheld else "network")
            for who, each in self._open.items()
        ]
        return sorted([*self.over, *lasting], key=lambda cut: cut.began_ns)

    def _end(self, who: str, now_ns: int, cause: CutCause) -> None:
        began = self._open.pop(who)
        if len(self.over) < MAX_CUTS:
            self.over.append(Cut(who, began.began_ns, max(began.began_ns, now_ns), cause))
        else:
            self.left_out += 1


def _explains(stood: Stood, cut: Cut) -> bool:
    return (
        cut.ended_ns is not None
        and abs(cut.began_ns - stood.began_ns) <= BEGAN_WITHIN_NS
        and cut.ended_ns <= stood.ended_ns + RESUMED_WITHIN_NS
    )
