"""The patient's way: a link, a greeting, the waiting room.

The link's secret stands behind its `#`, which browsers do not send; the page's script hands it over
once, and a cookie takes its place. Called through `examples.clinic.web.app`.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from examples.clinic.appointments import Appointment
from examples.clinic.following import NOTHING_LEARNT
from examples.clinic.rooms import Rooms
from examples.clinic.web.door import Door, Patient
from examples.clinic.web.pages import Pages


class Invitation(Struct, forbid_unknown_fields=True):
    """What the page's script has read off its address."""

    link: Annotated[str, Meta(min_length=1, max_length=128)]


_DECODER: Final = msgspec.json.Decoder(Invitation)


class Visit:
    """The pages of patients."""

    def __init__(self, door: Door, pages: Pages, rooms: Rooms) -> None:
        self._door = door
        self._pages = pages
        self._rooms = rooms

    async def greet(self, request: web.Request) -> web.Response:
        """Say with whom and when the appointment is; without a link, what to do."""
        patient = await self._door.find_patient(request)
        if patient is None:
            return self._pages.page(request, "visit", appointment=None, practitioner="")
        return self._pages.page(
            request,
            "visit",
            appointment=patient.appointment,
            practitioner=await self._practitioner(patient.appointment),
        )

    async def enter(self, request: web.Request) -> web.Response:
        """Take a link in exchange for a cookie."""
        self._door.require_own_origin(request)
        try:
            invitation = _DECODER.decode(await request.read())
        except msgspec.DecodeError as error:
            raise web.HTTPBadRequest from error
        appointment = await self._door.appointments.by_link(invitation.link)
        if appointment is None:
            raise web.HTTPNotFound
        response = web.Response(status=HTTPStatus.NO_CONTENT)
        await self._door.welcome_patient(response, appointment)
        return response

    async def room(self, request: web.Request) -> web.Response:
        """Show the consultation, which begins in the waiting room."""
        patient = await self._door.find_patient(request)
        where = await self._whereabouts(patient)
        if patient is None or where is None:
            raise web.HTTPSeeOther("/visit")
        return self._pages.page(
            request,
            "visit_room",
            appointment=patient.appointment,
            practitioner=await self._practitioner(where),
            token=await self._token(patient, where),
        )

    async def token(self, request: web.Request) -> web.Response:
        """Give another token to a page whose first is too old, or whose seat is gone."""
        patient = await self._door.find_patient(request)
        if patient is None:
            raise web.HTTPUnauthorized
        where = await self._whereabouts(patient)
        if where is None:
            raise web.HTTPGone
        return web.Response(text=await self._token(patient, where))

    async def _token(self, patient: Patient, where: Appointment) -> str:
        try:
            return await self._rooms.patient_token(patient.appointment, where)
        except NOTHING_LEARNT as error:
            raise web.HTTPServiceUnavailable from error

    async def _whereabouts(self, patient: Patient | None) -> Appointment | None:
        if patient is None:
            return None
        return await self._door.appointments.whereabouts(patient.appointment)

    async def _practitioner(self, appointment: Appointment) -> str:
        accounts = await self._door.accounts.everybody()
        return accounts[appointment.practitioner].name
