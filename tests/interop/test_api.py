"""The HTTP API of a running relay: held against its own document by schemathesis, and used."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from relay.rooms.permissions import Role
from signalling.api.schemas import CreateRoom, CreateToken, SendMessage, UpdateRoom
from signalling.api_client import ApiClient, ProblemError
from tests.endtoend.relay_process import REPOSITORY, running_relay, visavis
from tests.interop.websocket_client import Refused, websocket_client

if TYPE_CHECKING:
    from tests.endtoend.relay_process import RelayProcess

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CHECKED_WITHIN_S = 150
EXAMPLES = (8, pytest.param(25, marks=pytest.mark.thorough))
"""Of each operation, at the most."""

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


@dataclass
class Served:
    """A running relay, and a key for its API."""

    relay: RelayProcess
    key: str


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """Run a relay that lets schemathesis ask as fast as it can."""
    folder = tmp_path_factory.mktemp("api")
    more = "[api]\nrequests_per_minute = 1000000\nfailures_per_minute = 1000000"
    async with running_relay(folder, more=more) as relay:
        scopes = ("read", "rooms", "tokens", "moderate", "messages")
        arguments = [argument for scope in scopes for argument in ("--scope", scope)]
        config = ("--config", str(relay.config))
        key = (await visavis("key", "create", "tests", *arguments, *config)).strip()
        async with asyncio.timeout(10), ApiClient(relay.url, key) as client:
            while True:  # the running relay looks for new keys every two seconds
                try:
                    await anext(client.rooms(), None)
                    break
                except ProblemError:
                    await asyncio.sleep(0.2)
        yield Served(relay, key)


@pytest.mark.parametrize("examples", EXAMPLES)
@pytest.mark.timeout(CHECKED_WITHIN_S + 20)
async def test_what_the_api_does_is_what_its_document_says(
    served: Served, tmp_path: Path, examples: int
) -> None:
    await schemathesis(served, tmp_path, examples, SETTINGS)


@pytest.mark.parametrize("examples", EXAMPLES)
@pytest.mark.timeout(CHECKED_WITHIN_S + 20)
async def test_it_is_so_with_people_in_the_room_too(
    served: Served, tmp_path: Path, examples: int
) -> None:
    room = f"live-{examples}"
    async with (
        ApiClient(served.relay.url, served.key) as client,
        websocket_client(served.relay.websocket_url) as doctor,
        websocket_client(served.relay.websocket_url) as patient,
    ):
        await client.create_room(CreateRoom(id=room))
        people = ((doctor, "doctor-3", Role.PRACTITIONER), (patient, "patient-7", Role.PATIENT))
        for socket, identity, role in people:
            invitation = CreateToken(identity=identity, role=role)
            token = await client.create_token(room, invitation)
            await socket.request("join", token=token.token)
        # What ends the consultation would end the test: each has tests of its own.
        ending = [f"--exclude-operation-id={name}" for name in ENDING]
        parameters = f'[parameters]\nroom = "{room}"\nidentity = "patient-7"\n'
        await schemathesis(served, tmp_path, examples, parameters + SETTINGS, *ending)
        listed = {who.identity async for who in client.participants(room)}
        assert listed == {"doctor-3", "patient-7"}


async def schemathesis(
    served: Served, folder: Path, examples: int, settings: str, *arguments: str
) -> None:
    """Hold the relay against its document; what differs is in the failure."""
    config = folder / "schemathesis.toml"
    config.write_text(settings)
    checking = await asyncio.create_subprocess_exec(
        str(SCHEMATHESIS),
        f"--config-file={config}",
        "run",
        f"{served.relay.url}/v1/openapi.json",
        f"--header=Authorization: Bearer {served.key}",
        "--checks=all",
        f"--max-examples={examples}",
        "--generation-deterministic",
        "--no-color",
        *arguments,
        cwd=folder,
        env={**os.environ, "SCHEMATHESIS_HOOKS": HOOKS, "PYTHONPATH": str(REPOSITORY)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(CHECKED_WITHIN_S):
        said, _ = await checking.communicate()
    assert checking.returncode == 0, said.decode()[-6_000:]


async def test_a_platform_makes_a_room_invites_sees_writes_and_closes(served: Served) -> None:
    async with ApiClient(served.relay.url, served.key) as client:
        room = await client.create_room(CreateRoom(max_participants=2))
        assert room.state == "created"
        invitation = CreateToken(identity="patient-7", role=Role.PATIENT)
        token = await client.create_token(room.id, invitation)
        assert token.url == served.relay.websocket_url
        async with websocket_client(served.relay.websocket_url) as patient:
            joined = await patient.request("join", token=token.token)
            (who,) = [who async for who in client.participants(room.id)]
            assert (who.identity, who.participant) == ("patient-7", joined["participant"])
            opened = await client.room(room.id)
            assert (opened.state, opened.participants) == ("open", 1)
            assert (await client.quality(room.id)).participants[0].identity == "patient-7"
            sent = await client.send_message(room.id, SendMessage(to="all", type="notice"))
            assert sent.recipients == 1
            assert (await client.update_room(room.id, UpdateRoom())).id == room.id
            assert room.id in [each.id async for each in client.rooms()]
            await client.close_room(room.id)
        assert opened.consultation is not None
        report = await client.report(opened.consultation)
        assert [stay.reason for stay in report.participants] == ["room_closed"]
        with pytest.raises(ProblemError) as gone:
            await client.room(room.id)
        assert gone.value.problem.code == "not_found"


async def test_an_invitation_is_taken_back_before_anybody_has_come_by_it(served: Served) -> None:
    async with (
        ApiClient(served.relay.url, served.key) as client,
        websocket_client(served.relay.websocket_url) as stranger,
        websocket_client(served.relay.websocket_url) as patient,
    ):
        room = await client.create_room(CreateRoom())
        invitation = CreateToken(identity="patient-7", role=Role.PATIENT, once=True)
        went_astray = await client.create_token(room.id, invitation)
        await client.eject(room.id, "patient-7")
        with pytest.raises(Refused) as refusal:
            await stranger.request("join", token=went_astray.token)
        assert refusal.value.code == "ejected"
        another = await client.create_token(room.id, invitation)
        await patient.request("join", token=another.token)
        await client.close_room(room.id)


HOOKS = "tests.interop.schemathesis_hooks"
ENDING = ("closeRoom", "ejectParticipant", "moveParticipant")
SETTINGS = """
[checks.positive_data_acceptance]
# Well formed and not to be meant (422), or of a room that is not there (404), is no wrong schema.
expected-statuses = ["2xx", 404, 409, 422]
"""


async def test_the_examples_of_the_document_work_as_they_stand(served: Served) -> None:
    page = (REPOSITORY / "docs" / "api.md").read_text()
    examples = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    assert len(examples) >= 8
    for example in examples:
        shell = await asyncio.create_subprocess_exec(
            *("bash", "-euc", example),
            env={**os.environ, "RELAY": served.relay.url, "KEY": served.key},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await shell.communicate()
        assert shell.returncode == 0, f"{example}\n{said.decode()}"
