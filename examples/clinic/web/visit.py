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
            practitioner=await self._practitioner(patient),
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
        if patient is None or patient.appointment.is_over:
            raise web.HTTPSeeOther("/visit")
        try:
            token = await self._rooms.patient_token(patient.appointment)
        except NOTHING_LEARNT as error:
            raise web.HTTPServiceUnavailable from error
        return self._pages.page(
            request,
            "visit_room",
            appointment=patient.appointment,
            practitioner=await self._practitioner(patient),
            token=token,
        )

    async def _practitioner(self, patient: Patient) -> str:
        accounts = await self._door.accounts.everybody()
        return accounts[patient.appointment.practitioner].name
