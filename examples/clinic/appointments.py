"""The appointments: who sees whom, at what hour, in which room of the relay.

A patient's link holds a secret of 256 bits of which a digest is kept. Room and pseudonym are drawn:
the relay learns neither a name nor an hour. Called by `examples.clinic.web`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from examples.clinic.accounts import Account
from examples.clinic.database import Connection, Database
from relay.rooms.permissions import Role

DAY_S: Final = 24 * 3_600.0
LINK_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Appointment:
    """One of them."""

    id: int
    at_unix_s: float
    patient: str = field(repr=False)
    """Their name, which stays here."""
    practitioner: int
    """Whose account."""
    expert: int | None
    """Whose advice may be asked; `None` for nobody's."""
    pseudonym: str = field(repr=False)
    """What the relay knows the patient by."""
    room: str = field(repr=False)
    ended_unix_s: float | None

    @property
    def hour(self) -> str:
        """The hour, as people here write it."""
        return _local(self.at_unix_s).strftime("%H:%M")

    @property
    def is_over(self) -> bool:
        """Whether somebody has ended the consultation."""
        return self.ended_unix_s is not None

    def concerns(self, account: Account) -> bool:
        """Tell whether somebody has to do with it: assistants have with all."""
        return account.role is Role.ASSISTANT or account.id in {self.practitioner, self.expert}


class Appointments:
    """All of them, in the database."""

    def __init__(self, database: Database, now_s: Callable[[], float]) -> None:
        self._database = database
        self._now_s = now_s

    async def create(
        self, *, at_unix_s: float, patient: str, practitioner: int, expert: int | None = None
    ) -> str:
        """Make an appointment and give the secret of the patient's link, once."""
        link = secrets.token_urlsafe(LINK_BYTES)
        pseudonym, room = f"p-{secrets.token_hex(8)}", f"r-{secrets.token_hex(16)}"
        row = (at_unix_s, patient, practitioner, expert, pseudonym, room, _digest(link))

        def insert(connection: Connection) -> None:
            connection.execute(_INSERT, row)

        await self._database.do(insert)
        return link

    async def find(self, number: int) -> Appointment | None:
        """Give one by its number."""
        found = await self._read("WHERE id = ?", number)
        return found[0] if found else None

    async def by_link(self, link: str) -> Appointment | None:
        """Give the one to which a link leads, whatever its secret is."""
        found = await self._read("WHERE link_digest = ?", _digest(link))
        return found[0] if found else None

    async def today(self) -> Sequence[Appointment]:
        """Give everybody's of this day, in order."""
        now_s = self._now_s()
        near = await self._read(
            "WHERE at_unix_s BETWEEN ? AND ? ORDER BY at_unix_s, id", now_s - DAY_S, now_s + DAY_S
        )
        day = _local(now_s).date()
        return [each for each in near if _local(each.at_unix_s).date() == day]

    async def end(self, number: int) -> None:
        """Take note that a consultation is over; the first time counts."""
        now_s = self._now_s()

        def update(connection: Connection) -> None:
            connection.execute(
                "UPDATE appointments SET ended_unix_s = ? WHERE id = ? AND ended_unix_s IS NULL",
                (now_s, number),
            )

        await self._database.do(update)

    async def move(self, pseudonym: str, to: int) -> None:
        """Take note of the appointment in whose room a patient goes on; of others nothing is."""

        def insert(connection: Connection) -> None:
            connection.execute(_MOVE, (to, pseudonym))

        await self._database.do(insert)

    async def whereabouts(self, own: Appointment) -> Appointment | None:
        """Give the appointment in whose room a patient is expected.

        It is their own unless they were moved, and again once that one is over; `None` where there
        is no room to go to.
        """
        for each in (*await self._read(_MOVED, own.id), own):
            if not each.is_over:
                return each
        return None

    async def _read(self, condition: str, *values: float | str) -> list[Appointment]:
        """Read those of which one of this file's own conditions holds."""

        def read(connection: Connection) -> list[Appointment]:
            rows = connection.execute(f"{_SELECT} {condition}", values).fetchall()
            return [Appointment(*row) for row in rows]

        return await self._database.do(read)


def _local(unix_s: float) -> datetime:
    return datetime.fromtimestamp(unix_s, UTC).astimezone()


def _digest(link: str) -> str:
    return hashlib.sha256(link.encode("utf-8", "surrogatepass")).hexdigest()


_SELECT: Final = (
    "SELECT id, at_unix_s, patient, practitioner, expert, pseudonym, room, ended_unix_s "
    "FROM appointments"
)
_MOVE: Final = (
    "INSERT OR REPLACE INTO moves (appointment, goes_on_in) "
    "SELECT id, ? FROM appointments WHERE pseudonym = ?"
)
_MOVED: Final = "WHERE id = (SELECT goes_on_in FROM moves WHERE appointment = ?)"
_INSERT: Final = (
    "INSERT INTO appointments "
    "(at_unix_s, patient, practitioner, expert, pseudonym, room, link_digest) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)
