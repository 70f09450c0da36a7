"""Keeps the board true: asks the relay again whenever a webhook says that something happened.

A webhook is a reason to look, not what is believed: it may be late, come twice, or tell of what is
over already. What no webhook tells (a page that lost its network) is found by looking every few
seconds at the rooms in which somebody is. Run by `examples.clinic.web.app`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import Final

import aiohttp
import msgspec

from examples.clinic.board import Board
from signalling.api_client import ApiClient, ProblemError

EVERY_S: Final = 3.0
"""Between two looks at the rooms in which somebody is."""
ROUNDS_A_SEARCH: Final = 20
"""Looks before all open rooms are asked for: once a minute, in case a webhook was lost."""
NO_ANSWER: Final = (aiohttp.ClientError, TimeoutError, msgspec.DecodeError)
"""The relay, or what stands in front of it, is not there or says something else."""
NOTHING_LEARNT: Final = (ProblemError, aiohttp.ClientError, TimeoutError, msgspec.DecodeError)


class Following:
    """Follows one relay."""

    def __init__(self, relay: ApiClient, board: Board, *, every_s: float = EVERY_S) -> None:
        self._relay = relay
        self._board = board
        self._every_s = every_s
        self._due: set[str] = set()
        self._something = asyncio.Event()

    def told(self, room: str) -> None:
        """Have a room looked at soon: something happened there."""
        self._due.add(room)
        self._something.set()

    async def look(self, room: str) -> None:
        """Look at a room now; where the relay does not answer, the board says that it is old."""
        try:
            people = [each async for each in self._relay.participants(room)]
        except ProblemError as error:
            is_gone = error.problem.status == HTTPStatus.NOT_FOUND
            if is_gone:
                self._board.put(room, ())
            self._board.believe(is_true=is_gone)
        except NO_ANSWER:
            self._board.believe(is_true=False)
        else:
            self._board.put(room, people)
            self._board.believe(is_true=True)

    async def run(self) -> None:
        """Follow until cancelled."""
        loop = asyncio.get_running_loop()
        round_at, rounds = loop.time(), 0
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(round_at):
                    await self._something.wait()
            self._something.clear()
            due, self._due = self._due, set()
            if loop.time() >= round_at:
                due.update(self._board.rooms)
                if not self._board.is_true or rounds % ROUNDS_A_SEARCH == 0:
                    due.update(await self._open_rooms())
                round_at, rounds = loop.time() + self._every_s, rounds + 1
            for room in sorted(due):
                await self.look(room)

    async def _open_rooms(self) -> set[str]:
        """Find where people are: at the start, after the relay was away, and now and then."""
        try:
            found = {room.id async for room in self._relay.rooms() if room.state == "open"}
        except NOTHING_LEARNT:
            return set()
        self._board.believe(is_true=True)
        return found
