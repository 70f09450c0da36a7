"""How people stood and rooms were locked before the relay was started again.

Pure. Given by whoever keeps it on disk (`signalling.standings`), and said once to the room that
somebody comes to: it then remembers by itself. Digests, as in `relay.rooms.ejections`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from relay.errors import RoomLocked
from relay.ids import RoomId
from relay.rooms.digests import digest_of
from relay.rooms.permissions import Grant, Right, Source, permissions_of
from relay.rooms.room import Room


@dataclass(frozen=True, slots=True)
class Past:
    """How somebody stood."""

    was_let_in: bool | None
    """By a moderator. `False`: they were sent back, and wait also where others do not."""
    until_ns: int
    """Later it counts no more."""
    held_back: frozenset[Source] = frozenset()
    """What a moderator had muted."""
    was_in: bool | None = None
    """Of a locked room: whether they were in or waited; `None` where they had no seat in one."""


def _tells_nobody(_: RoomId, __: str, ___: frozenset[Source]) -> None:
    """Whom mutes that nobody keeps tell."""


@dataclass(slots=True)
class Recalled:
    """How it was with rooms that are not open again, or to which people have not come yet."""

    held_back_changed: Callable[[RoomId, str, frozenset[Source]], None] = _tells_nobody
    """Told of a room, an identity and what a moderator has muted of them; returns at once."""
    _pasts: dict[str, list[Past]] = field(default_factory=dict, repr=False)
    _locks: dict[str, int] = field(default_factory=dict, repr=False)
    """By room, until when its lock counts."""

    def recall(self, whose: str, past: Past) -> None:
        """Take in how somebody stood.

        Args:
            whose: A digest of the room and the identity.
            past: Beside what is known of them.

        """
        self._pasts.setdefault(whose, []).append(past)

    def recall_lock(self, whose: str, until_ns: int) -> None:
        """Take in that a room was locked; `whose` is its digest."""
        self._locks[whose] = until_ns

    def relock(self, room: Room, now_ns: int) -> None:
        """Lock a room that opens again, if it was locked.

        It is remembered until somebody comes in: whoever is refused changes nothing.
        """
        room.locked = self._is_locked(room.id, now_ns)

    def prepare(self, room: Room | None, grant: Grant, now_ns: int) -> None:
        """Tell a room how somebody stood who is to be held against its rules.

        Args:
            room: `None` where it is not open: then its lock of before counts.
            grant: Theirs.
            now_ns: Monotonic.

        Raises:
            RoomLocked: It was locked, and they had no seat in it and may not moderate.

        """
        if room is not None:
            self.remind(room, grant.identity, now_ns)
            return
        pasts = self._pasts.get(digest_of(grant.room, grant.identity), ())
        had_seat = any(past.was_in is not None and now_ns < past.until_ns for past in pasts)
        may_moderate = Right.MODERATE in permissions_of(grant).rights
        if self._is_locked(grant.room, now_ns) and not had_seat and not may_moderate:
            raise RoomLocked

    def arrive(self, room: Room, identity: str, now_ns: int) -> None:
        """Tell a room how somebody stood who comes in; it remembers by itself from now on."""
        self.remind(room, identity, now_ns)
        self._locks.pop(digest_of(room.id, None), None)

    def remind(self, room: Room, identity: str, now_ns: int) -> None:
        """Tell a room how somebody stood who may come in, or be brought; once."""
        for past in self._pasts.pop(digest_of(room.id, identity), ()):
            if now_ns >= past.until_ns:
                continue
            if past.was_let_in or past.was_in is not None:
                room.readmitted.add(identity)
            if past.was_let_in is False or past.was_in is False:
                room.must_wait.add(identity)
            if past.held_back:
                room.held_back[identity] = past.held_back

    def _is_locked(self, room: RoomId, now_ns: int) -> bool:
        return now_ns < self._locks.get(digest_of(room, None), now_ns)
