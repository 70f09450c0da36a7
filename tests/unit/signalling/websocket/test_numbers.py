"""Numbers that cannot be meant, in every field of every message: an error each, and no more."""

from __future__ import annotations

from math import isfinite

import msgspec
import pytest

from relay.metrics.table import BAD_INPUT
from signalling.messages import ClientMessage
from signalling.websocket.reading import Unreadable, read_untrusted
from tests.unit.signalling.conversation import MakeToken, OpenSocket, join
from tests.unit.signalling.every_field import TOO_MUCH, Hole, holes
from tests.unit.signalling.fake_relay import FakeRelay

FIELDS = list(holes(ClientMessage))
NUMBERS = [field for field in FIELDS if field.is_number]


def test_every_number_of_the_protocol_is_tried() -> None:
    paths = {field.path for field in NUMBERS}
    assert "Moderate.command.extend.seconds" in paths
    assert {f"{each.__name__}.id" for each in ClientMessage.__args__} <= paths


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.path)
def test_a_number_that_cannot_be_meant_is_refused_wherever_it_stands(field: Hole) -> None:
    for number in TOO_MUCH:
        with pytest.raises(Unreadable) as refused:
            read_untrusted(field.filled(number), max_bytes=65_536)
        assert refused.value.error.code == "invalid_message"


@pytest.mark.parametrize("field", NUMBERS, ids=lambda field: field.path)
def test_a_number_that_can_be_meant_is_read(field: Hole) -> None:
    """Or the test before this one would hold of messages that are refused for something else."""
    request = read_untrusted(field.filled("1"), max_bytes=65_536)
    assert b"1" in msgspec.json.encode(request)
    assert isfinite(request.id)


@pytest.mark.parametrize("number", TOO_MUCH, ids=lambda number: number[:12])
async def test_it_is_answered_and_counted_and_the_connection_lives(
    open_socket: OpenSocket, make_token: MakeToken, relay: FakeRelay, number: str
) -> None:
    socket = await open_socket()
    await join(socket, make_token())
    for field in NUMBERS:
        await socket.send_str(field.filled(number).decode())
        reply = await socket.receive_json(timeout=5)
        assert (reply["type"], reply["code"]) == ("error", "invalid_message")
        assert "1111" not in reply["words"], "what was sent is not quoted"
    counted = relay.tally.counters[BAD_INPUT]
    assert counted == {("signalling", "invalid_message"): len(NUMBERS)}
    await socket.send_json({"type": "ping", "id": 5})
    assert await socket.receive_json(timeout=5) == {"type": "pong", "id": 5}
    await socket.close()
