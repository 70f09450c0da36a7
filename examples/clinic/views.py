"""What somebody who works here sees of today: names for pseudonyms, and only what concerns them.

Called by `examples.clinic.web.stream`, which sends it to the pages, and by the pages themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from msgspec import Struct

from examples.clinic.accounts import Account, Accounts
from examples.clinic.appointments import Appointment, Appointments
from examples.clinic.board import Board, Presence


class Person(Struct, frozen=True, kw_only=True):
    """Somebody in a room, as a page shows them."""

    who: str
    """Our pseudonym, by which commands name them."""
    name: str
    role: str
    standing: str
    place: int | None
    is_connected: bool
    is_heard: bool
    is_private: bool
    is_me: bool
    here_s: float
    """For how long: clocks of browsers are wrong, so no hour is sent."""


class Row(Struct, frozen=True, kw_only=True):
    """An appointment, as it stands."""

    id: int
    is_over: bool
    elsewhere: str
    """In which other appointment's room the patient is; empty where they are in none."""
    people: Sequence[Person]


class Today(Struct, frozen=True, kw_only=True):
    """All of today that concerns somebody."""

    rows: Sequence[Row]
    is_true: bool
    """Whether the relay answers; otherwise this is how it was."""


@dataclass(frozen=True, slots=True)
class Views:
    """Makes them."""

    accounts: Accounts
    appointments: Appointments
    board: Board

    async def mine(self, account: Account) -> Sequence[Appointment]:
        """Give the appointments of today that concern somebody."""
        return [each for each in await self.appointments.today() if each.concerns(account)]

    async def today(self, account: Account) -> Today:
        """Give what the pages of somebody show just now."""
        appointments = await self.appointments.today()
        staff = await self.accounts.everybody()
        names = {each.pseudonym: each.name for each in staff.values()}
        # Whoever was moved is in another appointment's room than their own.
        names |= {each.pseudonym: each.patient for each in appointments}
        places = {
            who.identity: each for each in appointments for who in self.board.people(each.room)
        }
        rows = [
            Row(
                id=each.id,
                is_over=each.is_over,
                elsewhere=_elsewhere(each, places.get(each.pseudonym), staff),
                people=self._people(each.room, names, account),
            )
            for each in appointments
            if each.concerns(account)
        ]
        return Today(rows=rows, is_true=self.board.is_true)

    def _people(self, room: str, names: Mapping[str, str], account: Account) -> list[Person]:
        return [self._person(each, names, account) for each in self.board.people(room)]

    def _person(self, who: Presence, names: Mapping[str, str], account: Account) -> Person:
        return Person(
            who=who.identity,
            name=names.get(who.identity, ""),
            role=who.role.value,
            standing=who.standing.value,
            place=who.place,
            is_connected=who.is_connected,
            is_heard=who.is_heard,
            is_private=who.is_private,
            is_me=who.identity == account.pseudonym,
            here_s=round(self.board.here_s(who), 1),
        )


def _elsewhere(own: Appointment, place: Appointment | None, staff: Mapping[int, Account]) -> str:
    """Say where a patient is who has been moved."""
    if place is None or place.id == own.id:
        return ""
    return f"{place.hour} · {staff[place.practitioner].name}"
