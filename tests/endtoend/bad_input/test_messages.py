"""Messages that are no messages: answered with a code, and the connection goes on."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING

import pytest

from tests.interop.websocket_client import WebSocketClient, websocket_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.endtoend.bad_input.conftest import Bystanders
    from tests.endtoend.relay_process import RelayProcess

CLOSED_TOO_LARGE = 1009
CLOSED_PROTOCOL_ERROR = 4003

ANSWERED = {
    "no JSON": ("invalid_message", "{"),
    "not an object": ("invalid_message", "[1, 2]"),
    "no type": ("invalid_message", '{"id": 1}'),
    "a type nobody knows": ("unknown_type", '{"type": "obey", "id": 1}'),
    "no id": ("invalid_message", '{"type": "ping"}'),
    "an id that is text": ("invalid_message", '{"type": "ping", "id": "1"}'),
    "a field nobody described": ("invalid_message", '{"type": "ping", "id": 1, "sudo": true}'),
    "the same key twice": ("invalid_message", '{"type": "ping", "id": 1, "id": 2}'),
    "a number beyond numbers": ("invalid_message", '{"type": "ping", "id": 1e999}'),
    "deep": ("too_deep", '{"type": "ping", "id": ' + "[" * 100 + "]" * 100 + "}"),
    "very deep": ("too_deep", "[" * 30_000),
    "half a character": ("invalid_message", '{"type": "ping", "id": 1, "\\ud800": 1}'),
}


@contextlib.asynccontextmanager
async def seated(relay: RelayProcess, room: str) -> AsyncIterator[WebSocketClient]:
    """Open a socket and take a seat."""
    token = await relay.token(room, "patient")
    async with websocket_client(relay.websocket_url) as client:
        await client.request("join", token=token)
        yield client


@pytest.mark.parametrize("case", ANSWERED)
async def test_a_bad_message_is_answered_and_the_connection_lives(
    attacked: RelayProcess, bystanders: Bystanders, case: str
) -> None:
    code, text = ANSWERED[case]
    before = await attacked.total("visavis_bad_input_total", f'reason="{code}"')
    async with bystanders.undisturbed(), seated(attacked, "messages") as client:
        await client.send_raw(text)
        error = await client.until("error", within_s=2)
        assert error["code"] == code
        assert error["words"].endswith(".")
        assert (await client.request("ping"))["type"] == "pong"
        await client.request("leave")
    assert await attacked.total("visavis_bad_input_total", f'reason="{code}"') == before + 1


async def test_a_message_of_exactly_the_limit_is_read_and_one_byte_more_closes(
    attacked: RelayProcess, bystanders: Bystanders
) -> None:
    def padded(size: int) -> str:
        empty = json.dumps({"type": "ping", "id": 7, "x": ""})
        return json.dumps({"type": "ping", "id": 7, "x": "x" * (size - len(empty))})

    async with bystanders.undisturbed(), seated(attacked, "large") as client:
        await client.send_raw(padded(131_072))
        assert (await client.until("error", within_s=2))["code"] == "invalid_message"
        assert (await client.request("ping"))["type"] == "pong"

        await client.send_raw(padded(131_073))
        async with asyncio.timeout(2):
            await client.closed.wait()
        assert client.close_code == CLOSED_TOO_LARGE


async def test_binary_is_not_spoken_here(attacked: RelayProcess) -> None:
    async with seated(attacked, "binary") as client:
        await client.send_raw(b'{"type": "ping", "id": 1}')
        assert (await client.until("closing"))["code"] == "protocol_error"
        async with asyncio.timeout(2):
            await client.closed.wait()
        assert client.close_code == CLOSED_PROTOCOL_ERROR


@pytest.mark.parametrize("kind", ["offer", "publish", "unpublish", "mute", "mark", "subscribe"])
async def test_nothing_is_done_for_who_has_no_seat(attacked: RelayProcess, kind: str) -> None:
    fields: dict[str, dict[str, object]] = {
        "offer": {"sdp": "v=0", "fresh": True, "tracks": {}},
        "publish": {"tracks": {}},
        "unpublish": {"track": "t"},
        "mute": {"track": "t", "muted": True},
        "mark": {"track": "t", "keeps": "motion"},
        "subscribe": {"track": "t", "wanted": True},
    }
    async with websocket_client(attacked.websocket_url) as client:
        await client.send_raw(json.dumps({"type": kind, "id": 1, **fields[kind]}))
        assert (await client.until("error", within_s=2))["code"] == "not_joined"
