"""A file that cannot be used: refused to whoever asks, and not logged without a pause."""

from __future__ import annotations

from pathlib import Path

import pytest

from signalling.database import Database, StoreUnavailable

TRIES = 20


async def test_a_disk_that_refuses_does_not_fill_the_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(tmp_path)  # a folder, where a file should be
    for _ in range(TRIES):
        with pytest.raises(StoreUnavailable):
            await database.do(lambda _: None)
    await database.close()
    lines = capsys.readouterr().out.count("the database cannot be used")
    assert 1 <= lines <= TRIES // 2
