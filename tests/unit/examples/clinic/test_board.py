"""The board has what the relay said last, and wakes whoever waits for a change."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from examples.clinic.board import Board
from relay.rooms.permissions import Role
from relay.rooms.standing import Standing
from signalling.api.schemas import Participant, Path, Quality


class Clock:
    """A clock that a test moves."""

    now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def board(clock: Clock) -> Board:
    return Board(clock)


def somebody(standing: Standing = Standing.WAITING, **what: Any) -> Participant:
    """Give somebody as the relay tells of them."""
    usual: dict[str, Any] = {
        "identity": "p-1",
        "participant": "a",
        "role": Role.PATIENT,
        "place": 1 if standing is Standing.WAITING else None,
        "connected": True,
        "here_s": 0,
        "media": "none",
        "speaking": False,
        "tracks": (),
        "held_back": (),
        "private": False,
        "quality": None,
        "precall": None,
    }
    return Participant(standing=standing, **{**usual, **what})


def test_the_same_again_is_no_change(board: Board) -> None:
    board.put("r", [somebody(here_s=5)])
    version = board.version
    board.put("r", [somebody(here_s=8)])
    assert board.version == version
    board.put("r", [somebody(connected=False)])
    assert board.version == version + 1
    assert not board.people("r")[0].is_connected


def test_it_is_known_for_how_long_somebody_has_waited_and_been_in(
    board: Board, clock: Clock
) -> None:
    board.put("r", [somebody(here_s=90)])
    assert board.here_s(board.people("r")[0]) == 90
    clock.now_s += 30
    board.put("r", [somebody(here_s=120)])
    assert board.here_s(board.people("r")[0]) == 120
    board.put("r", [somebody(Standing.ADMITTED, here_s=121)])
    clock.now_s += 7
    assert board.here_s(board.people("r")[0]) == 7


def test_an_empty_room_is_none(board: Board) -> None:
    board.put("r", [somebody()])
    assert list(board.rooms) == ["r"]
    version = board.version
    board.put("r", [])
    assert (list(board.rooms), board.version) == ([], version + 1)
    board.put("r", [])
    assert board.version == version + 1


@pytest.mark.parametrize(
    ("verdict", "is_heard"), [("good", True), ("weak", True), ("poor", False), ("silent", False)]
)
def test_whoever_does_not_come_through_is_seen_to(
    board: Board, verdict: Any, is_heard: bool
) -> None:
    bad = Path(verdict=verdict, loss_ratio=None, rtt_ms=None)
    good = Path(verdict="good", loss_ratio=None, rtt_ms=None)
    board.put("r", [somebody(Standing.ADMITTED, quality=Quality(from_=bad, towards=good))])
    assert board.people("r")[0].is_heard is is_heard


async def test_whoever_waits_for_a_change_is_woken_by_it(board: Board) -> None:
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        waits = [tasks.create_task(board.after(board.version)) for _ in range(3)]
        await asyncio.sleep(0)
        assert not any(each.done() for each in waits)
        board.put("r", [somebody()])
    await board.after(board.version - 1)


async def test_nobody_waits_for_a_board_that_is_closed(board: Board) -> None:
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        tasks.create_task(board.after(board.version))
        await asyncio.sleep(0)
        board.close()
    await board.after(board.version)
