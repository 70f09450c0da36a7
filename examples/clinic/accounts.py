"""The people who work at the clinic: who they are, and whether a password is theirs.

The relay never hears a name: it knows each of them by a pseudonym drawn here. Called by
`examples.clinic.web` and by the command that makes accounts.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from examples.clinic import passwords
from examples.clinic.database import AlreadyThere, Connection, Database
from relay.rooms.permissions import Role

STAFF: Final = (Role.PRACTITIONER, Role.ASSISTANT, Role.EXPERT)
"""Who may have an account; patients come by a link."""
AT_ONCE: Final = 2
"""Passwords that are checked at the same time: each takes 32 MiB and a core."""


class LoginTakenError(Exception):
    """Somebody else logs in by this name."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who works here."""

    id: int
    login: str
    name: str
    role: Role
    pseudonym: str = field(repr=False)
    """What the relay knows them by."""


class Accounts:
    """All of them, in the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._checking = asyncio.Semaphore(AT_ONCE)
        self._nobody = ""

    async def create(self, *, login: str, name: str, role: Role, password: str) -> Account:
        """Make an account.

        Raises:
            LoginTakenError: There is one of that login.

        """
        assert role in STAFF, "patients have links"
        kept = await self._slowly(password)
        row = (login, name, role.value, f"s-{secrets.token_hex(8)}", kept)

        def insert(connection: Connection) -> int | None:
            return connection.execute(_INSERT, row).lastrowid

        try:
            number = await self._database.do(insert)
        except AlreadyThere as error:
            raise LoginTakenError(login) from error
        assert number is not None
        return Account(number, login, name, role, row[3])

    async def check(self, login: str, password: str) -> Account | None:
        """Give whose login and password these are; `None` where they are nobody's.

        It takes as long for a login that does not exist, so that nobody learns which do.
        """

        def read(connection: Connection) -> tuple[object, ...] | None:
            row: tuple[object, ...] | None = connection.execute(_ONE, (login,)).fetchone()
            return row

        row = await self._database.do(read)
        if row is None and not self._nobody:
            self._nobody = await self._slowly(passwords.draw())
        kept = self._nobody if row is None else str(row[0])
        async with self._checking:
            is_right = await asyncio.to_thread(passwords.matches, password, kept)
        return _account(row[1:]) if is_right and row is not None else None

    async def everybody(self) -> Mapping[int, Account]:
        """Give everybody who works here, by number."""

        def read(connection: Connection) -> list[tuple[object, ...]]:
            return connection.execute(_EVERYBODY).fetchall()

        found = map(_account, await self._database.do(read))
        return {account.id: account for account in found}

    async def _slowly(self, password: str) -> str:
        async with self._checking:
            return await asyncio.to_thread(passwords.hashed, password)


def _account(row: tuple[object, ...]) -> Account:
    number, login, name, role, pseudonym = row
    assert isinstance(number, int)
    return Account(number, str(login), str(name), Role(str(role)), str(pseudonym))


_INSERT: Final = (
    "INSERT INTO accounts (login, name, role, pseudonym, password) VALUES (?, ?, ?, ?, ?)"
)
_ONE: Final = "SELECT password, id, login, name, role, pseudonym FROM accounts WHERE login = ?"
_EVERYBODY: Final = "SELECT id, login, name, role, pseudonym FROM accounts ORDER BY id"
