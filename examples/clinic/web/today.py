"""The list of today, and the page of one consultation, for those who work here.

Called through `examples.clinic.web.app`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from aiohttp import web

from examples.clinic.accounts import Account
from examples.clinic.appointments import Appointment
from examples.clinic.following import NOTHING_LEARNT
from examples.clinic.happenings import Happenings
from examples.clinic.rooms import Rooms
from examples.clinic.views import Views
from examples.clinic.web.door import Door, Staff
from examples.clinic.web.pages import Pages, as_script_data
from relay.rooms.permissions import Role

STEERING: Final = frozenset({Role.PRACTITIONER, Role.ASSISTANT})
"""Who lets people in; experts are guests."""


class Today:
    """What staff look at."""

    def __init__(
        self, door: Door, pages: Pages, views: Views, rooms: Rooms, happenings: Happenings
    ) -> None:
        self._door = door
        self._pages = pages
        self._views = views
        self._rooms = rooms
        self._happenings = happenings

    async def show(self, request: web.Request) -> web.Response:
        """Show the appointments of today."""
        staff = await self._door.staff(request)
        appointments = await self._views.mine(staff.account)
        return self._pages.page(
            request,
            "today",
            appointments=appointments,
            names=await self._names(),
            **await self._usual(staff),
        )

    async def consultation(self, request: web.Request) -> web.Response:
        """Show a consultation: the room itself, or what happened once it is over."""
        staff, appointment = await self._door.concerned(request)
        if appointment.is_over:
            return await self._record(request, staff, appointment)
        token = await self._token(staff, appointment)
        names = await self._names()
        return self._pages.page(
            request,
            "consultation",
            appointment=appointment,
            names=names,
            token=token,
            others=await self._others(appointment, staff.account),
            practitioner=names[appointment.practitioner],
            is_practitioner=appointment.practitioner == staff.account.id,
            **await self._usual(staff),
        )

    async def token(self, request: web.Request) -> web.Response:
        """Give another token to a page whose first is too old, or whose seat is gone."""
        if await self._door.find_staff(request) is None:
            # Not a redirect: what it leads to is no token.
            raise web.HTTPUnauthorized
        staff, appointment = await self._door.concerned(request)
        if appointment.is_over:
            raise web.HTTPGone
        return web.Response(text=await self._token(staff, appointment))

    async def _token(self, staff: Staff, appointment: Appointment) -> str:
        try:
            return await self._rooms.staff_token(appointment, staff.account)
        except NOTHING_LEARNT as error:
            raise web.HTTPServiceUnavailable from error

    async def _record(
        self, request: web.Request, staff: Staff, appointment: Appointment
    ) -> web.Response:
        names = {each.pseudonym: each.name for each in (await self._accounts()).values()}
        names |= {each.pseudonym: each.patient for each in await self._views.appointments.today()}
        return self._pages.page(
            request,
            "record",
            appointment=appointment,
            names=names,
            happenings=await self._happenings.of_room(appointment.room),
            **await self._usual(staff),
        )

    async def _usual(self, staff: Staff) -> dict[str, Any]:
        """Give what every page of somebody who is logged in needs."""
        return {
            "staff": staff.account,
            "csrf": staff.session.csrf,
            "may_steer": staff.account.role in STEERING,
            "now": as_script_data(await self._views.today(staff.account)),
        }

    async def _others(self, here: Appointment, account: Account) -> Sequence[Appointment]:
        """Give the appointments to whose rooms somebody may be moved."""
        mine = await self._views.mine(account)
        return [each for each in mine if each.id != here.id and not each.is_over]

    async def _names(self) -> dict[int, str]:
        return {number: each.name for number, each in (await self._accounts()).items()}

    async def _accounts(self) -> dict[int, Account]:
        return dict(await self._door.accounts.everybody())
