"""What was to be told to a platform that is told nothing any more does not stay on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from signalling.database import Database
from signalling.platform import DATABASE_NAME
from signalling.webhooks.outbox import Event, Outbox
from tests.unit.signalling.api.conftest import Platform


@pytest.fixture
async def left_over(tmp_path: Path) -> None:
    """Leave an event in the state folder, as a relay does that had webhooks."""
    database = Database(tmp_path / DATABASE_NAME)
    await Outbox(database, max_queued=10).put([Event("msg_1", "a", b"{}", 1.0)])
    await database.close()


async def test_a_relay_without_webhooks_keeps_none(left_over: None, platform: Platform) -> None:
    assert left_over is None, "asked for first: the folder is read when the relay starts"
    assert await Outbox(platform.api.database, max_queued=10).count() == 0
