"""What staff do to a consultation, and how the relay is asked for it.

A command arrives as JSON, is checked by its type, held against who may give it, and becomes one
request to the relay. Called by `examples.clinic.web.steering`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from msgspec import Meta, Struct

from examples.clinic.accounts import Account, Accounts
from examples.clinic.appointments import Appointment, Appointments
from examples.clinic.board import Board, Presence
from examples.clinic.following import NO_ANSWER, Following
from examples.clinic.rooms import Rooms
from relay.rooms.permissions import Role
from relay.rooms.standing import Standing
from signalling.api.schemas import Confer, HandOver, Move, UpdateRoom
from signalling.api_client import ApiClient, ProblemError

MAX_NOTICE_CHARS: Final = 300
Pseudonym = Annotated[str, Meta(min_length=1, max_length=128)]


class Command(Struct, tag_field="do", forbid_unknown_fields=True):
    """One of those below, by its field `do`."""


class Admit(Command, tag="admit"):
    """Let somebody in who waits."""

    who: Pseudonym


class SendBack(Command, tag="send_back"):
    """Have somebody wait again."""

    who: Pseudonym


class MoveOn(Command, tag="move"):
    """Have somebody go on in the room of another appointment."""

    who: Pseudonym
    to: int


class HandOn(Command, tag="hand_over"):
    """Leave the room to the practitioner: they and the patient are in, who asks stands aside."""


class ConferApart(Command, tag="confer"):
    """Let all staff in the room confer, unheard by the patient."""


class ConferNoMore(Command, tag="confer_no_more"):
    """Let everybody hear everybody again."""


class Notify(Command, tag="notice"):
    """Say what those who wait read."""

    text: Annotated[str, Meta(max_length=MAX_NOTICE_CHARS)]


class End(Command, tag="end"):
    """End the consultation for everybody, for good."""


AnyCommand = Admit | SendBack | MoveOn | HandOn | ConferApart | ConferNoMore | Notify | End


class RefusedError(Exception):
    """A command that cannot be carried out; `reason` names the sentence that says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Steering:
    """Carries out commands."""

    relay: ApiClient
    rooms: Rooms
    board: Board
    following: Following
    accounts: Accounts
    appointments: Appointments

    async def carry_out(self, command: AnyCommand, where: Appointment, by: Account) -> None:
        """Do what somebody asks for, and look at what has become of it.

        Raises:
            RefusedError: They may not, it cannot be done now, or the relay does not answer.

        """
        if by.role is Role.EXPERT or not where.concerns(by):
            raise RefusedError("not_allowed")
        if where.is_over:
            raise RefusedError("over")
        try:
            await self._ask(command, where, by)
        except ProblemError as error:
            raise RefusedError(REASONS.get(error.problem.code, "refused")) from error
        except NO_ANSWER as error:
            raise RefusedError("no_answer") from error
        await self.following.look(where.room)

    async def _ask(self, command: AnyCommand, where: Appointment, by: Account) -> None:
        relay, room = self.relay, where.room
        match command:
            case Admit(who=who):
                await relay.admit(room, who)
            case SendBack(who=who):
                await relay.hold(room, who)
            case MoveOn(who=who, to=to):
                await self._move(room, who, to, by)
            case HandOn():
                await relay.hand_over(room, await self._hand_over(where, by))
            case ConferApart():
                await relay.open_private(room, Confer(members=self._colleagues(room)))
            case ConferNoMore():
                await relay.close_private(room)
            case Notify(text=text):
                await self.rooms.open(where)
                await relay.update_room(room, UpdateRoom(notice=text))
            case End():
                await self._end(where)

    async def _move(self, room: str, who: str, to: int, by: Account) -> None:
        other = await self.appointments.find(to)
        if other is None or other.is_over or not other.concerns(by):
            raise RefusedError("not_there")
        await self.rooms.open(other)
        await self.relay.move(room, who, Move(to=other.room))
        # Whoever loses their seat there is to come back there.
        await self.appointments.move(who, other.id)
        self.following.told(other.room)

    async def _hand_over(self, where: Appointment, by: Account) -> HandOver:
        practitioner = (await self.accounts.everybody())[where.practitioner]
        here = {each.identity for each in self.board.people(where.room)}
        if by.pseudonym not in here:
            raise RefusedError("you_are_away")
        if practitioner.pseudonym not in here:
            raise RefusedError("practitioner_away")
        return HandOver(
            actor=by.pseudonym,
            to=practitioner.pseudonym,
            patient=where.pseudonym if where.pseudonym in here else None,
        )

    def _colleagues(self, room: str) -> tuple[str, ...]:
        """Give the staff who are in; the relay lets no patient confer anyway."""
        people: Sequence[Presence] = self.board.people(room)
        found = tuple(
            each.identity
            for each in people
            if each.role is not Role.PATIENT and each.standing is Standing.ADMITTED
        )
        if len(found) < ENOUGH_TO_CONFER:
            raise RefusedError("nobody_to_confer_with")
        return found

    async def _end(self, where: Appointment) -> None:
        try:
            await self.relay.close_room(where.room)
        except ProblemError as error:
            # Nobody ever came, or the room has ended by itself: over is over.
            if error.problem.code not in NO_ROOM:
                raise
        await self.appointments.end(where.id)
        self.board.tell()


ENOUGH_TO_CONFER: Final = 2
NO_ROOM: Final = frozenset({"not_found", "unknown_room"})
REASONS: Final = {
    # What the relay answers (docs/api.md), and the sentence of ours that says it to a person.
    "not_found": "not_there",
    "unknown_room": "not_there",
    "room_full": "full",
    "conflict": "not_now",
    "not_allowed": "not_allowed",
    "scope_missing": "key",
    "key_refused": "key",
}
