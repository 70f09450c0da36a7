"""What a relay does at its start where what it kept cannot be read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from aiohttp import web

from relay.config import parse_config
from relay.errors import ConfigurationError
from signalling.database import Database
from signalling.keys import KeyRing
from signalling.platform import DATABASE_NAME, Platform
from tests.unit.signalling.fake_relay import FakeRelay


async def test_reports_that_the_disk_refuses_end_the_start_with_what_to_do(
    tmp_path: Path, relay: FakeRelay, keys: KeyRing
) -> None:
    database = Database(tmp_path / DATABASE_NAME)
    await database.do(_keep_what_is_over)
    await database.close()
    config = parse_config(f'[keys]\nstate_dir = "{tmp_path}"\n[api]\nstore_reports = true')
    platform = Platform(config, relay.as_relay(), keys)
    with pytest.raises(ConfigurationError, match="cannot be used") as refused:
        await anext(platform._run(web.Application()))
    assert "Look at its rights" in refused.value.action
    await platform.audit.close()
    await platform.database.close()


def _keep_what_is_over(connection: sqlite3.Connection) -> None:
    """Put a report there that is over its time, and refuse to let it go."""
    connection.execute("INSERT INTO reports VALUES ('c-1', 0.0, x'00')")
    connection.execute(
        "CREATE TRIGGER refuses BEFORE DELETE ON reports"
        " BEGIN SELECT RAISE(ABORT, 'as a broken disk does'); END"
    )
