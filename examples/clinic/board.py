"""Who is in which room just now, as the relay said last; and a way to wait for a change.

Pure but for the waiting: it is handed what the relay says. `examples.clinic.following` writes on
it; the pages' streams read it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from relay.rooms.permissions import Role
from relay.rooms.standing import Standing
from signalling.api.schemas import Participant

WORTH_TELLING = frozenset({"poor", "silent"})
"""Verdicts on somebody's sound and picture that those who wait for them should know of."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody in a room, or in its waiting room."""

    participant: str
    """The relay's own name for them, which is new in each room."""
    identity: str = field(repr=False)
    """Our pseudonym for them."""
    role: Role
    standing: Standing
    place: int | None
    is_connected: bool
    is_heard: bool
    """Whether their sound and picture come through, as far as anybody can tell."""
    is_private: bool
    """Whether they confer, unheard by the others."""
    since_s: float = field(compare=False)
    """When they came to stand where they stand, on the board's clock."""


class Board:
    """All rooms in which somebody is."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        """Prepare it.

        Args:
            now_s: A clock that is never set, such as `time.monotonic`.

        """
        self._now_s = now_s
        self._rooms: dict[str, tuple[Presence, ...]] = {}
        self._changed = asyncio.Event()
        self.version = 0
        """How often something has changed."""
        self.is_true = False
        """Whether the relay answers, so that what is written here is so."""
        self.is_closed = False

    @property
    def rooms(self) -> Sequence[str]:
        """Those in which somebody is or waits."""
        return tuple(self._rooms)

    def people(self, room: str) -> Sequence[Presence]:
        """Give those who are in a room or wait."""
        return self._rooms.get(room, ())

    def here_s(self, presence: Presence) -> float:
        """Say for how long somebody has stood where they stand."""
        return max(0.0, self._now_s() - presence.since_s)

    def put(self, room: str, people: Iterable[Participant]) -> None:
        """Write down who is in a room, as the relay says."""
        before = {each.participant: each for each in self._rooms.get(room, ())}
        now = tuple(self._presence(each, before.get(each.participant)) for each in people)
        if now != self._rooms.get(room, ()):
            self._rooms[room] = now
            self.tell()
        if not now:
            self._rooms.pop(room, None)

    def believe(self, *, is_true: bool) -> None:
        """Take note of whether the relay answers."""
        if self.is_true is not is_true:
            self.is_true = is_true
            self.tell()

    async def after(self, version: int) -> None:
        """Wait until something has changed since a version, or the board is closed."""
        while self.version <= version and not self.is_closed:
            await self._changed.wait()

    def close(self) -> None:
        """Let everybody go who waits for a change."""
        self.is_closed = True
        self.tell()

    def tell(self) -> None:
        """Wake everybody who waits for a change."""
        self.version += 1
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _presence(self, who: Participant, before: Presence | None) -> Presence:
        now_s = self._now_s()
        if before is None:
            since_s = now_s - who.here_s
        else:
            since_s = before.since_s if before.standing is who.standing else now_s
        verdict = None if who.quality is None else who.quality.from_.verdict
        return Presence(
            participant=who.participant,
            identity=who.identity,
            role=who.role,
            standing=who.standing,
            place=who.place,
            is_connected=who.connected,
            is_heard=verdict not in WORTH_TELLING,
            is_private=who.private,
            since_s=since_s,
        )
