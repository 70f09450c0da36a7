"""The board follows the relay: at the start, on what webhooks tell, and when the relay was away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from examples.clinic.board import Board
from examples.clinic.following import Following
from relay.rooms.permissions import Role
from signalling.api_client import ApiClient
from tests.polling import until
from tests.unit.examples.clinic.conftest import RelayBeside

NEVER_S = 3_600.0


@asynccontextmanager
async def following(
    relay: RelayBeside, *, key: str | None = None, every_s: float = NEVER_S
) -> AsyncIterator[tuple[Following, Board]]:
    """Follow until the block ends."""
    board = Board(asyncio.get_running_loop().time)
    async with ApiClient(relay.url, key or relay.key) as client, asyncio.TaskGroup() as tasks:
        follower = Following(client, board, every_s=every_s)
        running = tasks.create_task(follower.run())
        try:
            yield follower, board
        finally:
            running.cancel()


async def test_who_is_there_at_the_start_is_found(relay: RelayBeside) -> None:
    await relay.enters("r-1", Role.PATIENT, "p-1", waits=True)
    async with following(relay) as (_, board):
        await until(lambda: board.is_true and board.rooms == ("r-1",))
        (who,) = board.people("r-1")
        assert (who.identity, who.standing.value, who.place) == ("p-1", "waiting", 1)


async def test_a_room_is_looked_at_when_something_is_told_of_it(relay: RelayBeside) -> None:
    async with following(relay) as (follower, board):
        await until(lambda: board.is_true)
        await relay.enters("r-1", Role.PATIENT, "p-1", waits=True)
        follower.told("r-1")
        follower.told("no-such-room")
        await until(lambda: board.rooms == ("r-1",))
        assert board.is_true, "that a room is not there is an answer"


async def test_what_no_webhook_tells_is_found_by_looking(relay: RelayBeside) -> None:
    async with following(relay, every_s=0.05) as (follower, board):
        await until(lambda: board.is_true)
        await relay.enters("r-1", Role.PATIENT, "p-1", waits=True)
        follower.told("r-1")
        await until(lambda: board.rooms == ("r-1",))
        await relay.enters("r-1", Role.PRACTITIONER, "s-1", waits=False)
        await until(lambda: len(board.people("r-1")) == 2)


async def test_a_relay_that_refuses_or_is_away_leaves_what_was_known(
    relay: RelayBeside, monkeypatch: pytest.MonkeyPatch
) -> None:
    await relay.enters("r-1", Role.PATIENT, "p-1", waits=True)
    async with following(relay) as (follower, board):
        await until(lambda: board.rooms == ("r-1",))

        async def silent(*_: Any, **__: Any) -> bytes:
            raise TimeoutError

        with monkeypatch.context() as meanwhile:
            meanwhile.setattr(ApiClient, "_send", silent)
            await follower.look("r-1")
        assert not board.is_true
        assert board.rooms == ("r-1",)
        await follower.look("r-1")
        assert board.is_true
    async with following(relay, key="vvk_clinic_wrong") as (follower, board):
        await follower.look("r-1")
        assert not board.is_true
