"""A clinic on a real socket, beside the relay's own API without an engine behind it."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer

from examples.clinic import passwords
from examples.clinic.accounts import Account, Accounts
from examples.clinic.appointments import Appointment, Appointments
from examples.clinic.database import FILE_NAME, Database
from examples.clinic.happenings import Happenings
from examples.clinic.settings import Settings
from examples.clinic.web.app import create_clinic
from relay import Relay
from relay.config import parse_config
from relay.ids import RoomId
from relay.rooms.permissions import Role
from relay.seats.seat import Seat
from signalling.app import create_app
from signalling.keys import parse_keys
from signalling.links import full_grant
from tests.serving import SECRET
from tests.unit.relay.fakes import HandClock
from tests.unit.relay.whole_engine import WholeEngine
from tests.unit.signalling.api.conftest import make_key

URL = "http://clinic.test"
WEBHOOK_SECRET = f"whsec_{base64.b64encode(b'w' * 32).decode()}"
PASSWORD = "correct horse battery"
CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


@dataclass
class RelayBeside:
    """The relay that the clinic embeds."""

    media_plane: Relay
    url: str
    key: str = field(repr=False)

    async def enters(self, room: str, role: Role, identity: str, *, waits: bool) -> Seat:
        """Let somebody take a seat as their page would."""
        grant = full_grant(room, role, identity, open_room=True, waits=waits)
        return await self.media_plane.join(grant)


@dataclass
class Clinic:
    """The clinic, and what a test knows of it."""

    client: TestClient[Any, Any]
    relay: RelayBeside
    database: Database
    accounts: Accounts
    appointments: Appointments
    happenings: Happenings

    async def account(self, login: str, role: Role) -> Account:
        """Make an account; the password is always the same."""
        return await self.accounts.create(
            login=login, name=f"Dr {login.title()}", role=role, password=PASSWORD
        )

    async def appointment(
        self, practitioner: Account, patient: str = "Jeanne Petit", expert: Account | None = None
    ) -> tuple[Appointment, str]:
        """Make an appointment of this moment; give the secret of its link, too."""
        link = await self.appointments.create(
            at_unix_s=time.time(),
            patient=patient,
            practitioner=practitioner.id,
            expert=None if expert is None else expert.id,
        )
        found = await self.appointments.by_link(link)
        assert found is not None
        return found, link

    async def post(self, path: str, *, origin: str = URL, **what: Any) -> ClientResponse:
        """Send what a page of the clinic sends."""
        headers = {"Origin": origin, **what.pop("headers", {})}
        response: ClientResponse = await self.client.post(
            path, headers=headers, allow_redirects=False, **what
        )
        return response

    async def get(self, path: str, language: str = "en") -> ClientResponse:
        """Ask for a page, as a browser does."""
        headers = {"Accept": "text/html", "Accept-Language": language}
        response: ClientResponse = await self.client.get(
            path, headers=headers, allow_redirects=False
        )
        return response

    async def log_in(self, login: str, password: str = PASSWORD) -> ClientResponse:
        """Log in."""
        return await self.post("/login", data={"login": login, "password": password})

    async def csrf(self) -> str:
        """Read what the pages of who is logged in know."""
        found = CSRF.search(await (await self.get("/today")).text())
        assert found is not None
        return found[1]

    async def command(self, appointment: Appointment, **command: Any) -> ClientResponse:
        """Give a command as the page's script does."""
        return await self.post(
            f"/appointments/{appointment.id}/commands",
            data=json.dumps(command),
            headers={"X-CSRF": await self.csrf()},
        )

    def standing(self, room: str) -> dict[str, str]:
        """Say how everybody in a room stands, by the relay itself."""
        people = self.relay.media_plane.desk().room(RoomId(room)).people
        return {who.identity: who.standing.value for who in people}


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out what makes guessing slow: the tests know the passwords."""
    monkeypatch.setattr(passwords, "COST", 16)


@pytest.fixture
async def relay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[RelayBeside]:
    monkeypatch.setattr("relay.service.MediaEngine", WholeEngine)
    state = tmp_path / "relay"
    config = parse_config(f'[keys]\nstate_dir = "{state}"\n[media]\nlisten = ["192.0.2.7"]')
    key = make_key(config, "clinic")
    async with Relay(config, clock=HandClock()) as media_plane:
        app = create_app(config, media_plane, keys=parse_keys(f"key-1 {SECRET}\n", "the test"))
        async with TestServer(app) as server:
            yield RelayBeside(media_plane, str(server.make_url("")).rstrip("/"), key)


@pytest.fixture
def settings(relay: RelayBeside, tmp_path: Path) -> Settings:
    return Settings(
        url=URL,
        relay=relay.url,
        folder=tmp_path / "clinic",
        api_key=relay.key,
        webhook_secret=WEBHOOK_SECRET,
        session_key=b"k" * 32,
    )


@pytest.fixture
async def clinic(settings: Settings, relay: RelayBeside) -> AsyncIterator[Clinic]:
    database = Database(settings.folder / FILE_NAME)
    async with TestClient(TestServer(create_clinic(settings))) as client:
        yield Clinic(
            client,
            relay,
            database,
            Accounts(database),
            Appointments(database, time.time),
            Happenings(database),
        )
    await database.close()
