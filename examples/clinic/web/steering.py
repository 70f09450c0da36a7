"""Commands of staff, from their pages' scripts.

Called through `examples.clinic.web.app`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web

from examples.clinic.commands import AnyCommand, RefusedError, Steering
from examples.clinic.web.door import Door
from examples.clinic.web.pages import Pages

_DECODER: Final = msgspec.json.Decoder(AnyCommand)


class Desk:
    """Takes commands."""

    def __init__(self, door: Door, pages: Pages, steering: Steering) -> None:
        self._door = door
        self._pages = pages
        self._steering = steering

    async def command(self, request: web.Request) -> web.Response:
        """Carry out a command; a refusal has a sentence for the person."""
        staff, appointment = await self._door.concerned(request)
        self._door.require_own_page(request, staff.session)
        try:
            command = _DECODER.decode(await request.read())
        except msgspec.DecodeError as error:
            raise web.HTTPBadRequest from error
        try:
            await self._steering.carry_out(command, appointment, staff.account)
        except RefusedError as error:
            sentence = self._pages.words(request)["refusals"][error.reason]
            return web.json_response({"words": sentence}, status=HTTPStatus.CONFLICT)
        return web.Response(status=HTTPStatus.NO_CONTENT)
