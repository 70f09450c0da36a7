"""Who was let in and who was sent back, kept over restarts: a waiting room goes on as it was.

Hears what happens (`signalling.consultations`) and writes it down on the database's thread; nobody
waits for the disk, and where it refuses the relay goes on by what it holds in memory. On the disk
are digests and times. Whoever was let in counts as let in for minutes only, so that nobody walks
into somebody else's hour; whoever was sent back, for a day. Called by `signalling.platform`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import msgspec
from msgspec import Struct

from relay.clock import Clock
from relay.ids import RoomId
from relay.rooms.ejections import digest_of
from relay.rooms.recalled import Past, Recalled
from relay.units import ns_of_seconds
from signalling.consultations import Occurrence
from signalling.database import StoreUnavailable, Table

READMITTED_S: Final = 600.0
"""How long a relay may be away, and people after it, for a consultation to count as the same."""
SENT_BACK_S: Final = 24 * 3_600.0
"""As long as a token lives."""
ALIVE_EVERY_S: Final = 60.0
"""How often it is written down that the relay lives, while anybody is in by admission."""
STORE_PAUSE_S: Final = 30.0
"""Between two tries where the disk refuses."""
MAX_UNWRITTEN: Final = 100_000
"""Changes that wait for the disk; the oldest are given up."""
ALIVE: Final = "alive"
"""The row that says when the relay lived last; no digest is so short."""


class _Row(Struct, frozen=True):
    """One on the disk; its time is the wall clock's, which goes on while no relay runs."""

    whose: str
    was_let_in: bool
    at_unix_s: float


class Admissions:
    """The disk's copy of how people stand who were admitted or sent back."""

    def __init__(
        self, recalled: Recalled, table: Table, clock: Clock, unix_now_s: Callable[[], float]
    ) -> None:
        self._recalled = recalled
        self._table = table
        self._clock = clock
        self._unix_now_s = unix_now_s
        self._kept: dict[RoomId, dict[str, bool]] = {}
        """By room and digest, whether somebody was let in; otherwise they were sent back."""
        self._past: dict[str, bool] = {}
        """The same of a life before, whose rooms are not known until people come back."""
        self._unwritten: dict[str, bytes | None] = {}
        self._something = asyncio.Event()

    async def load(self) -> None:
        """Recall what counted before a restart.

        Raises:
            StoreUnavailable: It cannot be read.

        """
        rows = [_DECODER.decode(text) for text in await self._table.read_all()]
        now_ns, now_unix_s = self._clock.now_ns(), self._unix_now_s()
        away_s = now_unix_s - max((row.at_unix_s for row in rows), default=now_unix_s)
        for row in rows:
            if row.whose == ALIVE:
                continue
            lasts_s = READMITTED_S if row.was_let_in else SENT_BACK_S
            if (away_s if row.was_let_in else now_unix_s - row.at_unix_s) >= lasts_s:
                self._note(row.whose, None)
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
                    self._note(whose, None)
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

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Write down what changes until the block ends; what changed in it is written by then.

        *Cancellation:* what the disk has not taken is lost.
        """
        async with asyncio.TaskGroup() as tasks:
            owned = (
                tasks.create_task(self._write(), name="admissions to disk"),
                tasks.create_task(self._live(), name="sign of life for admissions"),
            )
            try:
                yield
            finally:
                for task in owned:
                    task.cancel()
        with suppress(StoreUnavailable):  # the database has said why
            await self._write_once()

    def _keep(self, room: RoomId, whose: str, *, was_let_in: bool) -> None:
        self._past.pop(whose, None)
        self._kept.setdefault(room, {})[whose] = was_let_in
        self._note(whose, self._document(whose, was_let_in=was_let_in))

    def _forget_admission(self, room: RoomId, whose: str) -> None:
        """Whoever was let in and went waits when they come again; who was sent back does anyway."""
        people = self._kept.get(room, {})
        if people.get(whose):
            del people[whose]
            self._note(whose, None)

    def _document(self, whose: str, *, was_let_in: bool) -> bytes:
        return msgspec.json.encode(_Row(whose, was_let_in, self._unix_now_s()))

    def _note(self, whose: str, document: bytes | None) -> None:
        self._unwritten.pop(whose, None)  # its place is now the last
        self._unwritten[whose] = document
        if len(self._unwritten) > MAX_UNWRITTEN:
            del self._unwritten[next(iter(self._unwritten))]
        self._something.set()

    async def _write(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            try:
                await self._write_once()
            except StoreUnavailable:
                await self._clock.sleep(STORE_PAUSE_S)
                self._something.set()

    async def _write_once(self) -> None:
        """Write down what waits; where the disk refuses, it goes on waiting."""
        batch = dict(self._unwritten)
        if not batch:
            return
        await self._table.change(batch)
        for whose, document in batch.items():
            if whose in self._unwritten and self._unwritten[whose] is document:
                del self._unwritten[whose]

    async def _live(self) -> None:
        began_ns = self._clock.now_ns()
        while True:
            await self._clock.sleep(ALIVE_EVERY_S)
            if any(any(people.values()) for people in self._kept.values()):
                self._note(ALIVE, self._document(ALIVE, was_let_in=False))
            if self._clock.now_ns() - began_ns >= ns_of_seconds(READMITTED_S):
                for whose in [each for each, was_let_in in self._past.items() if was_let_in]:
                    del self._past[whose]
                    self._note(whose, None)


_DECODER: Final = msgspec.json.Decoder(_Row)
