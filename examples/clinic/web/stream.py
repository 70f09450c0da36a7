"""The list, live: server-sent events to the pages of staff.

A page gets all of what it shows each time something has changed, so nothing can be missed and
nothing has to be told twice. After a cut browsers come back by themselves, after a refusal the
page's script asks again. Called through `examples.clinic.web.app`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import hdrs, web

from examples.clinic.board import Board
from examples.clinic.views import Views
from examples.clinic.web.door import Door

BEAT_S: Final = 15.0
"""Proxies close what is silent for a minute; a closed page is noticed by writing to it."""
MAX_STREAMS: Final = 200


class Stream:
    """All pages that listen."""

    def __init__(self, door: Door, views: Views, board: Board, *, beat_s: float = BEAT_S) -> None:
        self._door = door
        self._views = views
        self._board = board
        self._beat_s = beat_s
        self._open = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Tell a page what changes, until it or the session ends."""
        if await self._door.find_staff(request) is None:
            # Not a redirect: a page is no stream. Who logs in again elsewhere goes on here, too.
            raise web.HTTPUnauthorized
        if self._open >= MAX_STREAMS:
            raise web.HTTPServiceUnavailable
        response = web.StreamResponse(
            status=HTTPStatus.OK,
            # What proxies gather comes late (X-Accel-Buffering is nginx's word for that).
            headers={hdrs.CONTENT_TYPE: "text/event-stream", "X-Accel-Buffering": "no"},
        )
        await response.prepare(request)
        self._open += 1
        try:
            with suppress(ConnectionResetError):
                await self._tell(request, response)
        finally:
            self._open -= 1
        return response

    async def _tell(self, request: web.Request, response: web.StreamResponse) -> None:
        while not self._board.is_closed:
            version = self._board.version
            staff = await self._door.find_staff(request)
            if staff is None:
                return
            text = msgspec.json.encode(await self._views.today(staff.account))
            await response.write(b"data: " + text + b"\n\n")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._beat_s):
                    await self._board.after(version)
