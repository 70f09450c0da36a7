"""Consultations through a real coturn, and what it refuses."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
import pytest_asyncio
from aioice import stun, turn

from signalling.messages import SUBPROTOCOL
from signalling.turn.credentials import credential
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.consultation import Consultation
from tests.endtoend.relay_process import RelayProcess, running_relay
from tests.endtoend.turn_scene import come_in, restart_ice, see_and_hear, words_of_the_way
from tests.endtoend.turn_server import FIRST_PORT, LAST_PORT, TURNSERVER, running_turn_server
from tests.endtoend.wire import BACK, forwarding

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.tab import Browser
    from tests.endtoend.turn_server import Over, TurnServer

pytestmark = pytest.mark.timeout(120)

REFUSED_WITHIN_S = 20.0
CHANNEL_REFRESH_S = turn.DEFAULT_CHANNEL_REFRESH_TIME
NOWHERE = ("192.0.2.1", 9)
"""Of TEST-NET-1 (RFC 5737), the discard port."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def turn_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[TurnServer]:
    """Give the one that everything in this file goes through."""
    if not os.access(TURNSERVER, os.X_OK):
        pytest.fail(f"missing: {TURNSERVER}; `make test-tools` installs it")
    async with running_turn_server(tmp_path_factory.mktemp("turn")) as running:
        yield running


@pytest.fixture
def over() -> Over:
    """Say how the relay's clients come to the server, where a test does not say it."""
    return "udp"


@pytest_asyncio.fixture(loop_scope="session")
async def relay(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
    tmp_path: Path,
    turn_server: TurnServer,
    over: Over,
) -> AsyncIterator[RelayProcess]:
    """Give a relay that names that server, in the place of the run's own."""
    async with running_relay(
        tmp_path,
        allowed_origins=[front_end],
        listen=[turn_server.address],
        more=turn_server.section(over),
    ) as running:
        yield running


@pytest.mark.parametrize("over", [pytest.param("tcp", marks=pytest.mark.thorough), "tls"])
async def test_sound_and_picture_go_both_ways_through_the_server(
    consultation: Consultation, over: Over
) -> None:
    practitioner, patient = await come_in(consultation, {"iceTransportPolicy": "relay"})
    await see_and_hear(practitioner, patient)
    for person in (practitioner, patient):
        await words_of_the_way(person, over, blocked=False)
        await restart_ice(person)
    await asyncio.gather(practitioner.sees(BLUE), patient.sees(RED))


async def test_where_the_direct_way_is_blocked_tls_is_found_and_said_in_words(
    tmp_path: Path,
    browser: Callable[[str, Appearance], Awaitable[Browser]],
    front_end: str,
    turn_server: TurnServer,
) -> None:
    async with (
        running_relay(
            tmp_path,
            allowed_origins=[front_end],
            listen=[BACK],
            announce=[turn_server.address],
            more=turn_server.section("tls"),
        ) as relay,
        forwarding(relay.port, relay.media_port, front=turn_server.address) as wire,
    ):
        wire.blocks = lambda sender: not turn_server.is_sender(sender)
        room = Consultation(relay, front_end, browser)
        practitioner, patient = await come_in(room, {"lang": "fr"})
        await see_and_hear(practitioner, patient)
        assert wire.lost_datagrams > 0, "nothing was blocked: nobody tried the direct way"
        for person in (practitioner, patient):
            words = await words_of_the_way(person, "tls", blocked=True)
            assert words.startswith("Votre réseau semble ne laisser passer que le web chiffré.")
        await room.close()


async def test_what_the_relay_gives_opens_a_way_to_it_and_nowhere_else(
    relay: RelayProcess, turn_server: TurnServer
) -> None:
    given = await given_by(relay)
    assert given["urls"] == [turn_server.url("udp")]
    name, password = given["username"], given["credential"]
    async with way_through(turn_server, name, password) as (transport, way):
        address, port = transport.get_extra_info("sockname")
        assert address == turn_server.address
        assert FIRST_PORT <= port <= LAST_PORT
        transport.sendto(b"anything", NOWHERE)
        async with asyncio.timeout(REFUSED_WITHIN_S):
            refusal = await way.refused
        assert isinstance(refusal, stun.TransactionFailed)
        assert refusal.response.error_code == 403
    for secret in (name, password, turn_server.secret):
        assert secret not in relay.log


async def test_credentials_that_have_expired_or_are_forged_are_refused(
    turn_server: TurnServer,
) -> None:
    now_s = int(time.time())
    secret = turn_server.secret
    name, password = credential("somebody", secret=secret, expires_unix_s=now_s + 600)
    async with way_through(turn_server, name, password):
        pass
    for what, (other_name, other_password) in {
        "expired": credential("somebody", secret=secret, expires_unix_s=now_s - 60),
        "of another secret": credential("somebody", secret="o" * 64, expires_unix_s=now_s + 600),
        "with a later end": (f"{now_s + 1200}:somebody", password),
        "of somebody else": (f"{now_s + 600}:else", password),
    }.items():
        with pytest.raises(stun.TransactionFailed) as refused:
            await turn.create_turn_endpoint(
                asyncio.DatagramProtocol,
                (turn_server.address, turn_server.port),
                username=other_name,
                password=other_password,
            )
        assert refused.value.response.error_code == 401, what


async def test_a_way_that_is_open_goes_on_when_its_name_has_ended(turn_server: TurnServer) -> None:
    ends_s = int(time.time()) + 2
    name, password = credential("somebody", secret=turn_server.secret, expires_unix_s=ends_s)
    server = (turn_server.address, turn_server.port)
    _, way = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: turn.TurnClientUdpProtocol(
            server, name, password, turn.DEFAULT_ALLOCATION_LIFETIME, CHANNEL_REFRESH_S
        ),
        remote_addr=server,
    )
    await way.connect()
    try:
        await asyncio.sleep(ends_s + 1.5 - time.time())
        with pytest.raises(stun.TransactionFailed) as refused:
            await turn.create_turn_endpoint(
                asyncio.DatagramProtocol, server, username=name, password=password
            )
        assert refused.value.response.error_code == 401
        refresh = stun.Message(message_method=stun.Method.REFRESH, message_class=stun.Class.REQUEST)
        refresh.attributes["LIFETIME"] = turn.DEFAULT_ALLOCATION_LIFETIME
        answer, _ = await way.request_with_retry(refresh)
        assert answer.attributes["LIFETIME"] == turn.DEFAULT_ALLOCATION_LIFETIME
    finally:
        await way.delete()


async def given_by(relay: RelayProcess) -> dict[str, Any]:
    """Join, and give the one entry of what a connection is to be made with."""
    token = await relay.token("a-room-of-its-own", "practitioner")
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(relay.websocket_url, protocols=(SUBPROTOCOL,)) as socket,
    ):
        await socket.send_json({"type": "join", "id": 1, "token": token})
        (server,) = (await socket.receive_json(timeout=10))["ice_servers"]
        return dict(server)


class Way(asyncio.DatagramProtocol):
    """One allocation's other end."""

    def __init__(self) -> None:
        self.refused: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()
        self.closed = asyncio.Event()

    def error_received(self, exc: Exception) -> None:
        if not self.refused.done():
            self.refused.set_result(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self.closed.set()


@contextlib.asynccontextmanager
async def way_through(
    server: TurnServer, name: str, password: str
) -> AsyncIterator[tuple[turn.TurnTransport, Way]]:
    """Hold an allocation for as long as the block runs."""
    transport, way = await turn.create_turn_endpoint(
        Way, (server.address, server.port), username=name, password=password
    )
    try:
        yield transport, way
    finally:
        transport.close()
        await way.closed.wait()
