"""The audit file: whole lines, its owner's only, put aside when it is full, removed in time."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from relay.config import AuditConfig, KeysConfig
from signalling.audit import TIDY_EVERY_S, Audit, Entry, audit_path, opaque
from signalling.database import StoreUnavailable
from tests.polling import until
from tests.unit.relay.fakes import HandClock, settle

NOW = datetime(2026, 9, 21, 12, tzinfo=UTC)


class Day:
    """The time, which a test moves."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def entry(did: str = "createRoom") -> Entry:
    return Entry(at=NOW, by="clinic", did=did, outcome="done", room=opaque("a"))


def open_audit(path: Path, day: Day, *, max_bytes: int = 4_096) -> Audit:
    return Audit(path, max_bytes=max_bytes, keep_days=30, now=day)


async def test_a_line_is_on_the_disk_when_the_write_returns(tmp_path: Path) -> None:
    path = tmp_path / "state" / "audit.jsonl"
    audit = open_audit(path, Day())
    await audit.write(entry())
    assert path.stat().st_mode & 0o777 == 0o600
    assert json.loads(path.read_text()) == {
        "at": "2026-09-21T12:00:00Z",
        "by": "clinic",
        "did": "createRoom",
        "outcome": "done",
        "room": opaque("a"),
    }
    await audit.close()


async def test_a_full_file_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    audit = open_audit(path, Day(), max_bytes=10)
    await audit.write(entry("one"))
    await audit.write(entry("two"))
    (aside,) = put_aside(path)
    assert json.loads(aside.read_text())["did"] == "one"
    assert json.loads(path.read_text())["did"] == "two"
    await audit.close()


async def test_what_was_kept_long_enough_is_removed_though_nothing_is_written(
    tmp_path: Path,
) -> None:
    day, clock = Day(), HandClock()
    old, newer = (
        tmp_path / f"audit.jsonl.{NOW - timedelta(days=days):%Y%m%dT%H%M%S%fZ}" for days in (29, 9)
    )
    stranger = tmp_path / "audit.jsonl.bak"
    for path in (old, newer, stranger):
        path.write_text("{}\n")
    audit = open_audit(tmp_path / "audit.jsonl", day)

    def is_removed_within_the_hour() -> bool:
        clock.move(TIDY_EVERY_S)
        return not old.exists()

    async with asyncio.TaskGroup() as tasks:
        tidying = tasks.create_task(audit.keep_tidying(clock))
        await settle()
        assert old.exists(), "its time is not over"
        day.now += timedelta(days=2)
        await until(is_removed_within_the_hour)
        tidying.cancel()
    assert newer.exists()
    assert stranger.exists(), "what the relay did not put aside is not its to remove"
    await audit.close()


async def test_yesterdays_file_is_put_aside_though_nothing_is_written(tmp_path: Path) -> None:
    path, day, clock = tmp_path / "audit.jsonl", Day(), HandClock()
    audit = open_audit(path, day)
    await audit.write(entry())
    os.utime(path, (day.now.timestamp(), day.now.timestamp()))
    day.now += timedelta(days=1)
    async with asyncio.TaskGroup() as tasks:
        tidying = tasks.create_task(audit.keep_tidying(clock))
        await until(lambda: put_aside(path))
        tidying.cancel()
    assert not path.exists()
    await audit.close()


async def test_each_day_has_a_file_of_its_own_so_that_days_can_be_kept(tmp_path: Path) -> None:
    path, day = tmp_path / "audit.jsonl", Day()
    audit = open_audit(path, day, max_bytes=1 << 20)
    for did in ("one", "two"):
        await audit.write(entry(did))
        os.utime(path, (day.now.timestamp(), day.now.timestamp()))
    day.now += timedelta(days=1)
    await audit.write(entry("three"))
    (yesterday,) = put_aside(path)
    assert told(yesterday) == ["one", "two"]
    await audit.close()


def told(path: Path) -> list[str]:
    return [json.loads(line)["did"] for line in path.read_text().splitlines()]


def put_aside(path: Path) -> list[Path]:
    return list(path.parent.glob("audit.jsonl.2*"))


async def test_lines_that_could_not_be_written_come_first_when_they_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "audit.jsonl"
    audit = open_audit(path, Day())
    with monkeypatch.context() as full:
        # A disk with room for three bytes.
        full.setattr(os, "write", lambda descriptor, line: write(descriptor, line[:3]))
        await audit.write(entry("one"))
        with pytest.raises(StoreUnavailable):
            await audit.require_ready()
        assert path.read_text() == "", "no half line"
    assert "cannot be written" in capsys.readouterr().out
    await audit.require_ready()
    await audit.write(entry("two"))
    assert told(path) == ["one", "two"]
    await audit.close()


write = os.write


async def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    other, path = tmp_path / "other", tmp_path / "audit.jsonl"
    other.write_text("")
    path.symlink_to(other)
    audit = open_audit(path, Day())
    await audit.write(entry())
    assert other.read_text() == ""
    with pytest.raises(StoreUnavailable):
        await audit.require_ready()
    await audit.close()


def test_its_place_is_configured_or_the_state_folder(tmp_path: Path) -> None:
    keys = KeysConfig(state_dir=str(tmp_path))
    assert audit_path(AuditConfig(), keys) == tmp_path / "audit.jsonl"
    assert audit_path(AuditConfig(file="/var/log/audit"), keys) == Path("/var/log/audit")
