"""The clinic as one aiohttp application: made of its parts, and routed.

Decides nothing. Called by `examples.clinic.serving` and by tests.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path
from typing import Final

from aiohttp import web

from examples.clinic.accounts import Accounts
from examples.clinic.appointments import Appointments
from examples.clinic.board import Board
from examples.clinic.commands import Steering
from examples.clinic.database import FILE_NAME, Database
from examples.clinic.following import Following
from examples.clinic.happenings import Happenings
from examples.clinic.rooms import Rooms
from examples.clinic.sessions import Sessions
from examples.clinic.settings import Settings
from examples.clinic.views import Views
from examples.clinic.web.door import Door
from examples.clinic.web.headers import STATIC, adding, security_headers
from examples.clinic.web.hooks import Hooks
from examples.clinic.web.login import Login
from examples.clinic.web.pages import Pages, choose_language, explaining
from examples.clinic.web.steering import Desk
from examples.clinic.web.stream import Stream
from examples.clinic.web.today import Today
from examples.clinic.web.visit import Visit
from signalling.api_client import ApiClient

MAX_BODY_BYTES: Final = 65_536
STATIC_FOLDER: Final = Path(__file__).parents[1] / "static"


def create_clinic(settings: Settings) -> web.Application:
    """Give the application; it follows its relay while it serves."""
    database = Database(settings.folder / FILE_NAME)
    relay = ApiClient(settings.relay, settings.api_key)
    accounts = Accounts(database)
    appointments = Appointments(database, time.time)
    happenings = Happenings(database)
    sessions = Sessions(database, settings.session_key, time.time)
    board = Board(time.monotonic)
    following = Following(relay, board)
    rooms = Rooms(relay)
    views = Views(accounts, appointments, board)

    pages = Pages(settings)
    door = Door(settings, sessions, accounts, appointments)
    login = Login(door, pages, time.monotonic)
    today = Today(door, pages, views, rooms, happenings)
    desk = Desk(door, pages, Steering(relay, rooms, board, following, accounts, appointments))
    stream = Stream(door, views, board)
    visit = Visit(door, pages, rooms)
    hooks = Hooks(settings.webhook_secret, happenings, following)

    async def run(_app: web.Application) -> AsyncIterator[None]:
        async with relay, asyncio.TaskGroup() as tasks:
            follower = tasks.create_task(following.run(), name="following the relay")
            yield
            follower.cancel()
        await database.close()

    async def let_streams_go(_app: web.Application) -> None:
        board.close()

    app = web.Application(middlewares=[explaining(pages)], client_max_size=MAX_BODY_BYTES)
    app.add_routes(
        [
            web.get("/", _start),
            web.get("/login", login.show),
            web.post("/login", login.enter),
            web.post("/logout", login.leave),
            web.get("/language", choose_language),
            web.get("/today", today.show),
            web.get("/today/events", stream.serve),
            web.get(r"/appointments/{number:\d{1,9}}", today.consultation),
            web.get(r"/appointments/{number:\d{1,9}}/token", today.token),
            web.post(r"/appointments/{number:\d{1,9}}/commands", desk.command),
            web.get("/visit", visit.greet),
            web.post("/visit/enter", visit.enter),
            web.get("/visit/room", visit.room),
            web.get("/visit/token", visit.token),
            web.post("/webhooks", hooks.hear),
        ]
    )
    app.router.add_static(STATIC, STATIC_FOLDER)
    app.cleanup_ctx.append(run)
    app.on_shutdown.append(let_streams_go)
    app.on_response_prepare.append(adding(security_headers(settings)))
    return app


async def _start(_request: web.Request) -> web.Response:
    return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/today"})
