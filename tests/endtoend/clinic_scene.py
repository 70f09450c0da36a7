"""A day at the example clinic, and a relay that is played: it has people in rooms and no media.

The clinic is the real one, on a socket; its relay answers from a table what the clinic asks it for,
and serves the gallery in the place of the SDK. Used by `clinic_gallery`.
"""

from __future__ import annotations

import base64
import contextlib
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from examples.clinic.accounts import Accounts
from examples.clinic.appointments import Appointments
from examples.clinic.database import FILE_NAME, Database
from examples.clinic.happenings import Happening, Happenings
from examples.clinic.serving import serving
from examples.clinic.sessions import Sessions
from examples.clinic.settings import Settings
from examples.clinic.web.door import PATIENT_COOKIE, STAFF_COOKIE
from relay.rooms.permissions import Role
from relay.rooms.settings import Priority
from relay.rooms.standing import Standing
from signalling.api.schemas import Participant, ParticipantList, Quality, Room, RoomList, Token
from signalling.api.schemas import Path as Way
from tests.endtoend.relay_process import free_tcp_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from examples.clinic.appointments import Appointment
    from relay.rooms.events import Verdict

ROOT = Path(__file__).resolve().parents[2]
SESSION_KEY = b"k" * 32
WEBHOOK_SECRET = f"whsec_{base64.b64encode(b'w' * 32).decode()}"
FIRST_HOUR, BETWEEN = 10, timedelta(minutes=30)
GALLERY = 'import "../tests/sdk/gallery/embedded.js";'
"""What the played relay serves as the SDK."""

PATIENTS = {
    "waiting": "Jeanne Petit",
    "conferring": "Karim Benali",
    "elsewhere": "Louise Moreau",
    "over": "Paul Roche",
    "silent": "Awa Sow",
}
"""By how their appointment stands: the patient waits; staff confer; the patient was moved to the
room of the one before; it is over; it is over and the relay has told nothing of it."""
STAFF = {
    "practitioner": ("Dr Claire Martin", Role.PRACTITIONER),
    "assistant": ("Robin Leroy", Role.ASSISTANT),
    "expert": ("Dr Ngozi Okafor", Role.EXPERT),
}
"""By login. No appointment is the expert's."""
HAPPENED = (
    ("participant.checked", 0),
    ("participant.waiting", 8),
    ("participant.admitted", 95),
    ("quality.degraded", 410),
    ("quality.recovered", 440),
    ("participant.left", 1_260),
    ("room.closed", 1_261),
)
"""What the relay told of the one that is over, and after how many seconds."""


@dataclass
class Scene:
    """The clinic, and how to be somebody there."""

    url: str
    numbers: dict[str, int]
    """Of the appointments, as `PATIENTS` names them."""
    cookies: dict[str, tuple[str, str]]
    """Name and value: by login for staff, by appointment for patients."""


@dataclass
class PlayedRelay:
    """Who is in which room."""

    people: dict[str, tuple[Participant, ...]] = field(default_factory=dict)

    def application(self) -> web.Application:
        """Give what answers the clinic, and its pages' browsers."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/v1/rooms", self._rooms),
                web.post("/v1/rooms", self._room),
                web.get("/v1/rooms/{room}/participants", self._participants),
                web.post("/v1/rooms/{room}/tokens", self._token),
                web.get("/sdk/visavis.js", self._sdk),
            ]
        )
        for folder in ("signalling/client", "signalling/pages", "tests/sdk/gallery"):
            app.router.add_static(f"/{folder}", ROOT / folder)
        app.on_response_prepare.append(_for_every_origin)
        return app

    async def _rooms(self, _request: web.Request) -> web.Response:
        rooms = tuple(room_called(name) for name in self.people)
        return _answer(RoomList(rooms=rooms, next_cursor=None))

    async def _room(self, request: web.Request) -> web.Response:
        return _answer(room_called((await request.json())["id"]))

    async def _participants(self, request: web.Request) -> web.Response:
        people = self.people.get(request.match_info["room"], ())
        return _answer(ParticipantList(participants=people, next_cursor=None))

    async def _token(self, _request: web.Request) -> web.Response:
        expires_at = datetime.now(UTC) + timedelta(minutes=10)
        return _answer(Token(token="fake", expires_at=expires_at, url="", link=""))

    async def _sdk(self, _request: web.Request) -> web.Response:
        return web.Response(text=GALLERY, content_type="text/javascript")


@contextlib.asynccontextmanager
async def playing_clinic(folder: Path) -> AsyncIterator[Scene]:
    """Serve the clinic and its relay until the block ends.

    Args:
        folder: For the clinic's database.

    """
    relay = PlayedRelay()
    runner = web.AppRunner(relay.application())
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        settings = Settings(
            url=f"http://127.0.0.1:{free_tcp_port()}",
            relay=f"http://{host}:{port}",
            folder=folder,
            api_key="played",
            webhook_secret=WEBHOOK_SECRET,
            session_key=SESSION_KEY,
        )
        scene = await _set(settings, relay)
        async with serving(settings):
            yield scene
    finally:
        await runner.cleanup()


async def _set(settings: Settings, relay: PlayedRelay) -> Scene:
    """Make people and appointments, and have them stand as `PATIENTS` says."""
    database = Database(settings.folder / FILE_NAME)
    try:
        accounts = Accounts(database)
        sessions = Sessions(database, settings.session_key, time.time)
        staff = {
            login: await accounts.create(login=login, name=name, role=role, password="not used")
            for login, (name, role) in STAFF.items()
        }
        made = await _appointments(Appointments(database, time.time), staff["practitioner"].id)
        await _happenings(Happenings(database), made["over"])
        practitioner, assistant = staff["practitioner"].pseudonym, staff["assistant"].pseudonym
        waits, confers = made["waiting"], made["conferring"]
        relay.people = {
            waits.room: (
                person(waits.pseudonym, Role.PATIENT, place=1),
                person(assistant, Role.ASSISTANT),
            ),
            confers.room: (
                person(confers.pseudonym, Role.PATIENT, verdict="poor"),
                person(made["elsewhere"].pseudonym, Role.PATIENT, place=1, is_connected=False),
                person(practitioner, Role.PRACTITIONER, is_private=True),
                person(assistant, Role.ASSISTANT, is_private=True),
            ),
        }
        cookies = {
            login: (STAFF_COOKIE, await sessions.begin(account=account.id))
            for login, account in staff.items()
        }
        for name, appointment in made.items():
            cookies[name] = PATIENT_COOKIE, await sessions.begin(appointment=appointment.id)
        numbers = {name: appointment.id for name, appointment in made.items()}
        return Scene(settings.url, numbers, cookies)
    finally:
        await database.close()


async def _appointments(appointments: Appointments, practitioner: int) -> dict[str, Appointment]:
    """Make them, one after the other on this day, and end those that are over."""
    first = datetime.now(UTC).astimezone()
    first = first.replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0)
    made = {}
    for index, (name, patient) in enumerate(PATIENTS.items()):
        link = await appointments.create(
            at_unix_s=(first + index * BETWEEN).timestamp(),
            patient=patient,
            practitioner=practitioner,
        )
        appointment = await appointments.by_link(link)
        assert appointment is not None
        if name in {"over", "silent"}:
            await appointments.end(appointment.id)
        made[name] = appointment
    return made


async def _happenings(happenings: Happenings, over: Appointment) -> None:
    for index, (kind, after_s) in enumerate(HAPPENED):
        happening = Happening(
            id=f"msg_{index}",
            room=over.room,
            at_unix_s=over.at_unix_s + after_s,
            type=kind,
            identity=over.pseudonym if kind.startswith("participant.") else None,
        )
        await happenings.keep(happening)


def person(
    identity: str,
    role: Role,
    *,
    place: int | None = None,
    is_connected: bool = True,
    is_private: bool = False,
    verdict: Verdict = "good",
) -> Participant:
    """Give somebody in a room, or in its waiting room if they have a place there."""
    is_in = place is None
    way = Way(verdict=verdict, loss_ratio=None, rtt_ms=None)
    return Participant(
        identity=identity,
        participant=f"participant-of-{identity}",
        role=role,
        standing=Standing.ADMITTED if is_in else Standing.WAITING,
        place=place,
        connected=is_connected,
        here_s=400,
        media="connected" if is_in else "none",
        speaking=False,
        tracks=(),
        held_back=(),
        private=is_private,
        quality=Quality(from_=way, towards=way) if is_in else None,
        precall=None,
    )


def room_called(name: str) -> Room:
    """Give an open room with a waiting room."""
    return Room(
        id=name,
        state="open",
        created_at=None,
        opens_at=None,
        closes_at=None,
        notice="",
        waiting_room=True,
        max_participants=6,
        max_publishing=6,
        max_waiting=10,
        max_duration_s=3_600.0,
        priority=Priority.NORMAL,
        consultation=None,
        participants=0,
        waiting=0,
        locked=False,
        ends_in_s=None,
    )


def _answer(what: msgspec.Struct) -> web.Response:
    return web.Response(body=msgspec.json.encode(what), content_type="application/json")


async def _for_every_origin(_request: web.Request, response: web.StreamResponse) -> None:
    response.headers["Access-Control-Allow-Origin"] = "*"
