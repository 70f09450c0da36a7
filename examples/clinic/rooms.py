"""The consultations' rooms at the relay, and who may sit down in them.

A room is made when somebody first wants to enter it: with a waiting room, so that patients and
experts wait until somebody lets them in. Tokens are made here, on the server, for one page each.
Called by `examples.clinic.web` and `examples.clinic.commands`.
"""

from __future__ import annotations

from typing import Final

from examples.clinic.accounts import Account
from examples.clinic.appointments import Appointment
from relay.rooms.permissions import Role
from signalling.api.schemas import CreateRoom, CreateToken
from signalling.api_client import ApiClient, ProblemError

MAX_PARTICIPANTS: Final = 6
MAX_DURATION_S: Final = 3 * 3_600.0
"""A room that nobody ends ends by itself."""
TOKEN_S: Final = 600
"""From the page to the relay; who has joined stays, and whose seat is gone asks for another."""


class Rooms:
    """The rooms of this clinic."""

    def __init__(self, relay: ApiClient) -> None:
        self._relay = relay

    async def open(self, appointment: Appointment) -> None:
        """Make an appointment's room, where it is not there yet."""
        assert not appointment.is_over, "its room was closed for good"
        wanted = CreateRoom(
            id=appointment.room,
            waiting_room=True,
            max_participants=MAX_PARTICIPANTS,
            max_duration_s=MAX_DURATION_S,
        )
        try:
            await self._relay.create_room(wanted)
        except ProblemError as error:
            if error.problem.code != "room_exists":
                raise

    async def staff_token(self, appointment: Appointment, account: Account) -> str:
        """Give somebody who works here their token for an appointment's room."""
        await self.open(appointment)
        wanted = CreateToken(
            identity=account.pseudonym, role=account.role, label=appointment.hour, ttl_s=TOKEN_S
        )
        return (await self._relay.create_token(appointment.room, wanted)).token

    async def patient_token(self, appointment: Appointment, where: Appointment) -> str:
        """Give the patient of an appointment theirs for a room, their own or a colleague's.

        Those who let them in read the hour beside their place. It is good for the page it is for
        alone: on a shared computer it is nobody else's way in, and each page has its own.
        """
        await self.open(where)
        wanted = CreateToken(
            identity=appointment.pseudonym,
            role=Role.PATIENT,
            label=appointment.hour,
            ttl_s=TOKEN_S,
            once=True,
        )
        return (await self._relay.create_token(where.room, wanted)).token
