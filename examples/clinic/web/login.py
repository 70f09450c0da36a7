"""Logging in and out, for those who work here.

Called through `examples.clinic.web.app`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web

from examples.clinic.attempts import Attempts
from examples.clinic.passwords import MAX_CHARS
from examples.clinic.web.door import Door
from examples.clinic.web.forms import form_of
from examples.clinic.web.pages import Pages

FROM_ONE_ADDRESS: Final = 30
"""Wrong tries, whoever they are for: many people may sit behind one address, and guess rarely."""


class Login:
    """The door for staff."""

    def __init__(self, door: Door, pages: Pages, now_s: Callable[[], float]) -> None:
        self._door = door
        self._pages = pages
        self._now_s = now_s
        self._attempts = Attempts()
        self._addresses = Attempts(allowed=FROM_ONE_ADDRESS)

    async def show(self, request: web.Request) -> web.Response:
        """Ask for login and password."""
        if await self._door.find_staff(request) is not None:
            raise web.HTTPSeeOther("/")
        return self._pages.page(request, "login", problem="", login="")

    async def enter(self, request: web.Request) -> web.Response:
        """Let somebody in whose password is right; say what to do otherwise."""
        self._door.require_own_origin(request)
        form = await form_of(request)
        login, password = form.get("login", "")[:MAX_CHARS], form.get("password", "")
        # Behind a proxy `remote` is the proxy's: have it limit, or take the address it names.
        address = request.remote or ""
        person, now_s = f"{address} {login}", self._now_s()
        wait_s = max(self._attempts.wait_s(person, now_s), self._addresses.wait_s(address, now_s))
        if wait_s > 0:
            return self._again(request, login, "too_often", wait_s)
        # Counted before the password is looked at: of many tries at once none is free.
        self._attempts.failed(person, now_s)
        self._addresses.failed(address, now_s)
        account = None
        if len(password) <= MAX_CHARS:
            account = await self._door.accounts.check(login, password)
        if account is None:
            return self._again(request, login, "wrong", 0)
        self._attempts.succeeded(person)
        self._addresses.forgive(address, now_s)
        response = web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: "/"})
        await self._door.welcome_staff(response, account)
        return response

    async def leave(self, request: web.Request) -> web.Response:
        """Log somebody out."""
        staff = await self._door.staff(request)
        form = await form_of(request)
        self._door.require_own_page(request, staff.session, form.get("csrf", ""))
        response = web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: "/login"})
        await self._door.see_off(response, staff)
        return response

    def _again(self, request: web.Request, login: str, problem: str, wait_s: float) -> web.Response:
        is_too_often = problem == "too_often"
        sentence = self._pages.words(request)["login"][problem]
        response = self._pages.page(
            request,
            "login",
            status=HTTPStatus.TOO_MANY_REQUESTS if is_too_often else HTTPStatus.UNAUTHORIZED,
            problem=sentence.format(minutes=math.ceil(wait_s / 60)),
            login=login,
        )
        if is_too_often:
            response.headers[hdrs.RETRY_AFTER] = str(math.ceil(wait_s))
        return response
