"""Who had been let in, and who sent back to wait, before the relay was started again.

Pure. Given by whoever keeps it on disk (`signalling.admissions`), and said once to the room that
somebody comes to: it then remembers by itself. Digests, as in `relay.rooms.ejections`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from relay.rooms.digests import digest_of
from relay.rooms.room import Room


@dataclass(frozen=True, slots=True)
class Past:
    """How somebody stood."""

    was_let_in: bool
    """Otherwise they were sent back, and wait also where others do not."""
    until_ns: int
    """Later it counts no more."""


@dataclass(slots=True)
class Recalled:
    """How people stood in rooms that are not open again, or to which they have not come yet."""

    _pasts: dict[str, Past] = field(default_factory=dict, repr=False)

    def recall(self, whose: str, past: Past) -> None:
        """Take in how somebody stood.

        Args:
            whose: A digest of the room and the identity.
            past: Replaces what was known of them.

        """
        self._pasts[whose] = past

    def remind(self, room: Room, identity: str, now_ns: int) -> None:
        """Tell a room how somebody stood who is about to come."""
        past = self._pasts.pop(digest_of(room.id, identity), None)
        if past is None or now_ns >= past.until_ns:
            return
        (room.readmitted if past.was_let_in else room.must_wait).add(identity)
