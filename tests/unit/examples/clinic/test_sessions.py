"""A cookie is good for what was begun with it, until its end, and no other is good for anything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.clinic.accounts import Accounts
from examples.clinic.database import FILE_NAME, Database
from examples.clinic.sessions import STAFF_S, Sessions
from relay.rooms.permissions import Role

KEY = b"k" * 32


@dataclass
class Clock:
    """Unix time, which a test moves."""

    now_s: float = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path / FILE_NAME)
    await Accounts(database).create(
        login="martin", name="Dr Martin", role=Role.PRACTITIONER, password="p"
    )
    yield database
    await database.close()


async def test_a_session_is_found_by_its_cookie_until_it_is_over(database: Database) -> None:
    clock = Clock()
    sessions = Sessions(database, KEY, clock)
    cookie = await sessions.begin(account=1)
    found = await sessions.find(cookie)
    assert found is not None
    assert (found.account, found.appointment) == (1, None)
    clock.now_s += STAFF_S
    assert await sessions.find(cookie) is None


async def test_logging_out_ends_it_wherever_the_cookie_was_copied_to(database: Database) -> None:
    sessions = Sessions(database, KEY, Clock())
    cookie, other = await sessions.begin(account=1), await sessions.begin(account=1)
    found = await sessions.find(cookie)
    assert found is not None
    await sessions.end(found)
    assert await sessions.find(cookie) is None
    assert await sessions.find(other) is not None


async def test_a_cookie_of_another_key_is_none(database: Database) -> None:
    cookie = await Sessions(database, b"other" * 8, Clock()).begin(account=1)
    assert await Sessions(database, KEY, Clock()).find(cookie) is None


async def test_what_other_sites_do_not_know_is_of_one_session(database: Database) -> None:
    sessions = Sessions(database, KEY, Clock())
    cookies = [await sessions.begin(account=1) for _ in range(2)]
    found = [await sessions.find(cookie) for cookie in cookies]
    known = {each.csrf for each in found if each is not None}
    assert len(known) == 2
    assert not any(csrf in cookie for csrf in known for cookie in cookies)


async def test_the_file_holds_nobody_s_cookie(database: Database, tmp_path: Path) -> None:
    cookie = await Sessions(database, KEY, Clock()).begin(account=1)
    number = cookie.split(".")[0].encode()
    files = files_of(tmp_path)
    assert files
    assert all(number not in text for _, text in files)
    assert {mode for mode, _ in files} == {0o600}


def files_of(folder: Path) -> list[tuple[int, bytes]]:
    """Give the rights and the content of each file of a folder."""
    return [(path.stat().st_mode & 0o777, path.read_bytes()) for path in folder.iterdir()]


@given(st.text(st.characters(), max_size=200))
def test_whatever_a_stranger_sends_is_no_session(cookie: str) -> None:
    # A forged cookie is refused before the database, which is not there.
    sessions = Sessions(Database(Path("/nowhere/at/all")), KEY, time.time)
    assert asyncio.run(sessions.find(cookie)) is None
