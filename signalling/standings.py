"""How people stand and which rooms are locked, over restarts: a consultation goes on as it was.

Hears what happens (`signalling.consultations`) and has it written down; nobody waits for the disk.
On the disk are digests and times. Who was let in, what a moderator muted and a lock count for
minutes only, so that nobody walks into somebody else's hour; whoever was sent back waits for a
day. Called by `signalling.platform`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from relay.clock import Clock
from relay.ids import RoomId
from relay.rooms.digests import digest_of
from relay.rooms.permissions import Source
from relay.rooms.recalled import Past, Recalled
from relay.units import ns_of_seconds
from signalling.consultations import Occurrence
from signalling.database import Table
from signalling.kept_rows import KeptRows, Row

SAME_S: Final = 600.0
"""How long a relay may be away, and people after it, for a consultation to count as the same."""
SENT_BACK_S: Final = 24 * 3_600.0
"""As long as a token lives."""
ALIVE_EVERY_S: Final = 60.0
"""How often it is written down that the relay lives, while there is anything that counts for
minutes only."""
ALIVE: Final = "alive"
"""The row that says when the relay lived last; no digest is so short."""


class _Row(Row, frozen=True):
    was_let_in: bool | None = None
    """As in `relay.rooms.recalled`, and so the next two."""
    held_back: tuple[Source, ...] = ()
    was_in: bool | None = None
    locked: bool = False
    """Of a room: its digest is the row's."""


@dataclass(slots=True)
class _Person:
    was_let_in: bool | None = None
    held_back: frozenset[Source] = frozenset()
    is_in: bool | None = None
    """Whether they are in or wait; `None` where they have no seat."""
    is_kept: bool = False
    """Whether the disk has a row of them."""


@dataclass(slots=True)
class _Room:
    locked: bool
    people: dict[str, _Person] = field(default_factory=dict)
    """By digest: who has a seat, and of whom something is to be remembered."""


class Standings:
    """The disk's copy of how people stand, and of locks."""

    def __init__(
        self, recalled: Recalled, table: Table, clock: Clock, unix_now_s: Callable[[], float]
    ) -> None:
        self._recalled = recalled
        self._rows = KeptRows(table, _Row, clock, unix_now_s)
        self._clock = clock
        self._unix_now_s = unix_now_s
        self._rooms: dict[RoomId, _Room] = {}
        self._past: dict[str, _Row] = {}
        """Of a life before: whose rooms are not known until people come back."""
        self._moving: str | None = None
        """Who has just left a room to go on in another one: it hears of them next."""
        recalled.held_back_changed = self._hold_back

    async def load(self) -> None:
        """Recall what counted before a restart.

        Raises:
            StoreUnavailable: It cannot be read.

        """
        rows = await self._rows.read()
        now_ns, now_unix_s = self._clock.now_ns(), self._unix_now_s()
        away_s = now_unix_s - max((row.at_unix_s for row in rows), default=now_unix_s)
        soon_ns = now_ns + ns_of_seconds(SAME_S)
        later_ns = now_ns + ns_of_seconds(SENT_BACK_S)
        for each in rows:
            if each.whose == ALIVE:
                continue
            row = each if away_s < SAME_S else _lasting(each)
            if now_unix_s - row.at_unix_s >= SENT_BACK_S:
                row = replace(row, was_let_in=row.was_let_in or None)
            if _says_nothing(row):
                self._rows.forget(row.whose)
                continue
            self._past[row.whose] = row
            if row.locked:
                self._recalled.recall_lock(row.whose, soon_ns)
                continue
            if row.was_let_in is False:
                self._recalled.recall(row.whose, Past(was_let_in=False, until_ns=later_ns))
            if row != _lasting(row):
                was_let_in, held_back = row.was_let_in or None, frozenset(row.held_back)
                past = Past(was_let_in, soon_ns, held_back, row.was_in)
                self._recalled.recall(row.whose, past)

    def observe(self, occurrence: Occurrence) -> None:
        """Take note of what happened; never waits and never fails."""
        room, identity = occurrence.room, occurrence.identity
        if identity is None:
            self._observe_room(occurrence)
            return
        whose = digest_of(room, identity)
        was_moved = identity == self._moving
        self._moving = identity if occurrence.type == "participant.moved" else None
        match occurrence.type:
            case "participant.joined":
                person = self._person(room, whose)
                person.is_in = True
                if was_moved:  # whoever was let in before goes in there without waiting
                    person.was_let_in = True
            case "participant.waiting":
                self._person(room, whose).is_in = False
            case "participant.admitted":
                self._person(room, whose).was_let_in = True
            case "participant.sent_back":
                person = self._person(room, whose)
                person.was_let_in = person.is_in = False
            case "participant.left" | "participant.moved" if occurrence.reason != "draining":
                # Whoever was let in waits when they come again; who was sent back does anyway.
                person = self._person(room, whose)
                person.is_in = None
                person.was_let_in = False if person.was_let_in is False else None
            case _:
                return
        self._write(room, whose)

    def running(self) -> AbstractAsyncContextManager[None]:
        """Write down what changes until the block ends; what changed in it is written by then.

        *Cancellation:* what the disk has not taken is lost.
        """
        return self._rows.running("standings", self._live())

    def _observe_room(self, occurrence: Occurrence) -> None:
        room = occurrence.room
        whose = digest_of(room, None)
        state = self._rooms.get(room)
        if state is None:
            return
        if occurrence.type == "room.closed" and occurrence.reason != "draining":
            del self._rooms[room]
            self._forget(whose, state)
        elif occurrence.type in {"room.locked", "room.unlocked"}:
            state.locked = occurrence.type == "room.locked"
            if state.locked:
                self._rows.keep(_Row(whose, self._unix_now_s(), locked=True))
            else:
                self._rows.forget(whose)
            for each in list(state.people):
                self._write(room, each)

    def _hold_back(self, room: RoomId, identity: str, sources: frozenset[Source]) -> None:
        whose = digest_of(room, identity)
        self._person(room, whose).held_back = sources
        self._write(room, whose)

    def _open(self, room: RoomId) -> _Room:
        lock = self._past.pop(digest_of(room, None), None)
        state = self._rooms[room] = _Room(locked=lock is not None)
        return state

    def _person(self, room: RoomId, whose: str) -> _Person:
        """Give somebody of a room, as they stood in a life before where they are new."""
        state = self._rooms.get(room) or self._open(room)
        person = state.people.get(whose)
        if person is None:
            past = self._past.pop(whose, None)
            person = _Person()
            if past is not None:
                person = _Person(past.was_let_in, frozenset(past.held_back), is_kept=True)
            state.people[whose] = person
        return person

    def _write(self, room: RoomId, whose: str) -> None:
        """Have written down what is to be remembered of somebody, if anything is."""
        state = self._rooms[room]
        person = state.people[whose]
        row = _Row(
            whose,
            self._unix_now_s(),
            was_let_in=person.was_let_in,
            held_back=tuple(sorted(person.held_back)),
            was_in=person.is_in if state.locked else None,
        )
        if not _says_nothing(row):
            self._rows.keep(row)
            person.is_kept = True
            return
        if person.is_kept:
            self._rows.forget(whose)
            person.is_kept = False
        if person.is_in is None:
            del state.people[whose]

    def _forget(self, whose: str, state: _Room) -> None:
        """Forget a room, and all that is remembered of its people."""
        if state.locked:
            self._rows.forget(whose)
        for each, person in state.people.items():
            if person.is_kept:
                self._rows.forget(each)

    async def _live(self) -> None:
        began_ns = self._clock.now_ns()
        while True:
            await self._clock.sleep(ALIVE_EVERY_S)
            if any(map(_has_passing, self._rooms.values())):
                self._rows.keep(_Row(ALIVE, self._unix_now_s()))
            if self._clock.now_ns() - began_ns >= ns_of_seconds(SAME_S):
                self._end_same()

    def _end_same(self) -> None:
        """Forget what counted for minutes of those who have not come back."""
        for whose, row in list(self._past.items()):
            lasting = _lasting(row)
            if _says_nothing(lasting):
                del self._past[whose]
                self._rows.forget(whose)
            elif lasting != row:
                self._past[whose] = lasting
                self._rows.keep(lasting)


def _lasting(row: _Row) -> _Row:
    """Give what of a row counts for more than minutes."""
    was_let_in = False if row.was_let_in is False else None
    return replace(row, was_let_in=was_let_in, held_back=(), was_in=None, locked=False)


def _says_nothing(row: _Row) -> bool:
    is_plain = row.was_let_in is None and row.was_in is None
    return is_plain and not row.held_back and not row.locked


def _has_passing(room: _Room) -> bool:
    """Whether anything of a room counts for minutes only."""
    return room.locked or any(each.was_let_in or each.held_back for each in room.people.values())
