"""Who is logged in: a signed cookie in the browser, a row in the database.

The cookie holds a random number and a signature, so a forged one is refused without a look into the
database. The row holds a digest of the number: whoever reads the database has nobody's session.
Logging out deletes it. Called by `examples.clinic.web.door`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from examples.clinic.database import Connection, Database

STAFF_S: Final = 10 * 3_600.0
"""A working day."""
PATIENT_S: Final = 24 * 3_600.0
"""The link is good for longer; a patient opens it on the day."""
ID_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that has shown who it is."""

    id: str = field(repr=False)
    account: int | None
    """Whose, for somebody who works here."""
    appointment: int | None
    """Which, for a patient."""
    csrf: str = field(repr=False)
    """What our own pages know and other sites do not."""


class Sessions:
    """All of them."""

    def __init__(self, database: Database, key: bytes, now_s: Callable[[], float]) -> None:
        """Prepare it.

        Args:
            database: Where they are kept.
            key: With which cookies are signed.
            now_s: Unix time.

        """
        self._database = database
        self._key = key
        self._now_s = now_s

    async def begin(self, *, account: int | None = None, appointment: int | None = None) -> str:
        """Begin a session of somebody who works here, or of a patient; give the cookie."""
        number = secrets.token_urlsafe(ID_BYTES)
        now_s = self._now_s()
        expires_s = now_s + (PATIENT_S if account is None else STAFF_S)

        def insert(connection: Connection) -> None:
            connection.execute("DELETE FROM sessions WHERE expires_unix_s <= ?", (now_s,))
            connection.execute(
                "INSERT INTO sessions (digest, account, appointment, expires_unix_s) "
                "VALUES (?, ?, ?, ?)",
                (_digest(number), account, appointment, expires_s),
            )

        await self._database.do(insert)
        return f"{number}.{self._sign('cookie', number)}"

    async def find(self, cookie: str) -> Session | None:
        """Give the session of a cookie, whatever it is; `None` where it is none, or is over."""
        number, _, signature = cookie.partition(".")
        expected = self._sign("cookie", number)
        if not hmac.compare_digest(_bytes(signature), expected.encode()):
            return None

        def read(connection: Connection) -> tuple[int | None, int | None] | None:
            found = connection.execute(_FIND, (_digest(number), self._now_s()))
            row: tuple[int | None, int | None] | None = found.fetchone()
            return row

        row = await self._database.do(read)
        if row is None:
            return None
        return Session(number, row[0], row[1], self._sign("csrf", number))

    async def end(self, session: Session) -> None:
        """Log out: the cookie is good for nothing from now on, wherever it was copied to."""

        def delete(connection: Connection) -> None:
            connection.execute("DELETE FROM sessions WHERE digest = ?", (_digest(session.id),))

        await self._database.do(delete)

    def _sign(self, purpose: str, number: str) -> str:
        return hmac.digest(self._key, _bytes(f"{purpose} {number}"), "sha256").hex()


def _digest(number: str) -> str:
    return hashlib.sha256(_bytes(number)).hexdigest()


def _bytes(text: str) -> bytes:
    """Encode what a stranger sent: a header may hold anything (PEP 383)."""
    return text.encode("utf-8", "surrogatepass")


_FIND: Final = "SELECT account, appointment FROM sessions WHERE digest = ? AND expires_unix_s > ?"
