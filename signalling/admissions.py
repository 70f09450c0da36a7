"""Who was let in and who was sent back, kept over restarts: a waiting room goes on as it was.

Hears what happens (`signalling.consultations`) and has it written down; nobody waits for the disk.
On the disk are digests and times. Whoever was let in counts as let in for minutes only, so that
nobody walks into somebody else's hour; whoever was sent back, for a day. Called by
`signalling.platform`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Final

from relay.clock import Clock
from relay.ids import RoomId
from relay.rooms.digests import digest_of
from relay.rooms.recalled import Past, Recalled
from relay.units import ns_of_seconds
from signalling.consultations import Occurrence
from signalling.database import Table
from signalling.kept_rows import KeptRows, Row

READMITTED_S: Final = 600.0
"""How long a relay may be away, and people after it, for a consultation to count as the same."""
SENT_BACK_S: Final = 24 * 3_600.0
"""As long as a token lives."""
ALIVE_EVERY_S: Final = 60.0
"""How often it is written down that the relay lives, while anybody is in by admission."""
ALIVE: Final = "alive"
"""The row that says when the relay lived last; no digest is so short."""


class _Row(Row, frozen=True):
    was_let_in: bool


class Admissions:
    """The disk's copy of how people stand who were admitted or sent back."""

    def __init__(
        self, recalled: Recalled, table: Table, clock: Clock, unix_now_s: Callable[[], float]
    ) -> None:
        self._recalled = recalled
        self._rows = KeptRows(table, _Row, clock, unix_now_s)
        self._clock = clock
        self._unix_now_s = unix_now_s
        self._kept: dict[RoomId, dict[str, bool]] = {}
        """By room and digest, whether somebody was let in; otherwise they were sent back."""
        self._past: dict[str, bool] = {}
        """The same of a life before, whose rooms are not known until people come back."""

    async def load(self) -> None:
        """Recall what counted before a restart.

        Raises:
            StoreUnavailable: It cannot be read.

        """
        rows = await self._rows.read()
        now_ns, now_unix_s = self._clock.now_ns(), self._unix_now_s()
        away_s = now_unix_s - max((row.at_unix_s for row in rows), default=now_unix_s)
        for row in rows:
            if row.whose == ALIVE:
                continue
            lasts_s = READMITTED_S if row.was_let_in else SENT_BACK_S
            if (away_s if row.was_let_in else now_unix_s - row.at_unix_s) >= lasts_s:
                self._rows.forget(row.whose)
                continue
            self._past[row.whose] = row.was_let_in
            past = Past(row.was_let_in, now_ns + ns_of_seconds(lasts_s))
            self._recalled.recall(row.whose, past)

    def observe(self, occurrence: Occurrence) -> None:
        """Take note of what happened; never waits and never fails."""
        room, identity = occurrence.room, occurrence.identity
        if occurrence.type == "room.closed":
            if occurrence.reason != "draining":
                for whose in self._kept.pop(room, {}):
                    self._rows.forget(whose)
            return
        if identity is None:
            return
        whose = digest_of(room, identity)
        match occurrence.type:
            case "participant.admitted":
                self._keep(room, whose, was_let_in=True)
            case "participant.sent_back":
                self._keep(room, whose, was_let_in=False)
            case "participant.joined" | "participant.waiting" if whose in self._past:
                self._kept.setdefault(room, {})[whose] = self._past.pop(whose)
            case "participant.left" | "participant.moved" if occurrence.reason != "draining":
                self._forget_admission(room, whose)
            case _:
                pass

    def running(self) -> AbstractAsyncContextManager[None]:
        """Write down what changes until the block ends; what changed in it is written by then.

        *Cancellation:* what the disk has not taken is lost.
        """
        return self._rows.running("admissions", self._live())

    def _keep(self, room: RoomId, whose: str, *, was_let_in: bool) -> None:
        self._past.pop(whose, None)
        self._kept.setdefault(room, {})[whose] = was_let_in
        self._rows.keep(_Row(whose, self._unix_now_s(), was_let_in))

    def _forget_admission(self, room: RoomId, whose: str) -> None:
        """Whoever was let in and went waits when they come again; who was sent back does anyway."""
        people = self._kept.get(room, {})
        if people.get(whose):
            del people[whose]
            self._rows.forget(whose)

    async def _live(self) -> None:
        began_ns = self._clock.now_ns()
        while True:
            await self._clock.sleep(ALIVE_EVERY_S)
            if any(any(people.values()) for people in self._kept.values()):
                self._rows.keep(_Row(ALIVE, self._unix_now_s(), was_let_in=False))
            if self._clock.now_ns() - began_ns >= ns_of_seconds(READMITTED_S):
                for whose in [each for each, was_let_in in self._past.items() if was_let_in]:
                    del self._past[whose]
                    self._rows.forget(whose)
