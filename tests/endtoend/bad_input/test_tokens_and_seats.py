"""Whoever has no right to a seat is told why, in words, and gets none."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import aiohttp
import jwt
import pytest

from tests.endtoend.bad_input.conftest import JOIN_TIMEOUT_S
from tests.interop.websocket_client import Refused, websocket_client

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.endtoend.bad_input.conftest import Bystanders
    from tests.endtoend.relay_process import RelayProcess

KEY_ID = "key-of-the-tests"
CLOSED_FOR_TOKEN, CLOSED_FOR_TAKEOVER, CLOSED_WITHOUT_JOIN = 4001, 4002, 4004


def secret_of(relay: RelayProcess) -> str:
    """Read the secret that the relay's tokens are signed with."""
    return (relay.config.parent / "keys").read_text().split()[1]


def claims(**changes: object) -> dict[str, Any]:
    """Give claims the relay would accept, changed."""
    now = int(time.time())
    return {
        "iss": KEY_ID,
        "aud": "visavis",
        "sub": "somebody",
        "room": "tokens",
        "role": "patient",
        "grants": {"publish": ["microphone"], "subscribe": True, "data": True, "open_room": True},
        "nbf": now - 5,
        "exp": now + 300,
        "jti": "once",
        **changes,
    }


def signed(relay: RelayProcess, payload: dict[str, Any], **headers: str) -> str:
    """Sign with the relay's own key."""
    return jwt.encode(payload, secret_of(relay), "HS256", headers={"kid": KEY_ID, **headers})


REFUSALS: dict[str, tuple[str, Callable[[RelayProcess], str]]] = {
    "not a token": ("token_invalid", lambda _: "not.a.token"),
    "a stranger's signature": (
        "token_invalid",
        lambda _: jwt.encode(claims(), "x" * 64, "HS256", headers={"kid": KEY_ID}),
    ),
    "no signature": (
        "token_invalid",
        lambda _: jwt.encode(claims(), "", "none", headers={"kid": KEY_ID}),
    ),
    "a key that is a path": (
        "token_invalid",
        lambda relay: signed(relay, claims(), kid="../../etc/passwd"),
    ),
    "another audience": ("token_invalid", lambda relay: signed(relay, claims(aud="elsewhere"))),
    "no end": (
        "token_invalid",
        lambda relay: signed(relay, {k: v for k, v in claims().items() if k != "exp"}),
    ),
    "an end in ten days": (
        "token_invalid",
        lambda relay: signed(relay, claims(exp=int(time.time()) + 864_000)),
    ),
    "a role nobody has": ("token_invalid", lambda relay: signed(relay, claims(role="admin"))),
    "over": ("token_expired", lambda relay: signed(relay, claims(exp=int(time.time()) - 120))),
}


@pytest.mark.parametrize("case", REFUSALS)
async def test_a_bad_token_is_refused_in_words(
    attacked: RelayProcess, bystanders: Bystanders, case: str
) -> None:
    code, make = REFUSALS[case]
    before = await attacked.total("visavis_bad_input_total", 'door="token"')
    # From an address of its own: ten failures a minute are another test's business.
    source = f"127.0.1.{list(REFUSALS).index(case) + 1}"
    async with (
        bystanders.undisturbed(),
        websocket_client(attacked.websocket_url, source=source) as client,
    ):
        with pytest.raises(Refused) as refusal:
            await client.request("join", token=make(attacked))
        assert refusal.value.code == code
        assert refusal.value.words.endswith(".")
        assert refusal.value.action
        async with asyncio.timeout(2):
            await client.closed.wait()
        assert client.close_code == CLOSED_FOR_TOKEN
    assert await attacked.total("visavis_bad_input_total", 'door="token"') == before + 1


async def test_guessing_is_slowed_down_and_locks_nobody_out(attacked: RelayProcess) -> None:
    codes = []
    for _ in range(12):
        async with websocket_client(attacked.websocket_url, source="127.0.2.1") as client:
            with pytest.raises(Refused) as refusal:
                await client.request("join", token="guess")
            codes.append(refusal.value.code)
    assert codes == ["token_invalid"] * 10 + ["limit_reached"] * 2
    token = await attacked.token("after-guessing", "patient")
    async with websocket_client(attacked.websocket_url, source="127.0.2.1") as client:
        assert (await client.request("join", token=token))["type"] == "joined"


async def test_a_room_nobody_may_open_is_unknown(attacked: RelayProcess) -> None:
    grants = {"publish": [], "subscribe": True, "data": False, "open_room": False}
    token = signed(attacked, claims(room="never-opened", grants=grants))
    async with websocket_client(attacked.websocket_url) as client:
        with pytest.raises(Refused) as refusal:
            await client.request("join", token=token)
    assert refusal.value.code == "unknown_room"


async def test_a_second_use_of_a_live_seat_is_refused_unless_it_takes_over(
    attacked: RelayProcess, bystanders: Bystanders
) -> None:
    token = await attacked.token("second-use", "patient", "same-person")
    async with (
        bystanders.undisturbed(),
        websocket_client(attacked.websocket_url) as first,
        websocket_client(attacked.websocket_url) as second,
    ):
        seat = await first.request("join", token=token)
        with pytest.raises(Refused) as refusal:
            await second.request("join", token=token)
        assert refusal.value.code == "seat_taken"
        assert (await first.request("ping"))["type"] == "pong"

        taken = await second.request("join", token=token, takeover=True)
        farewell = await first.until("closing")
        assert farewell["code"] == "taken_over"
        async with asyncio.timeout(2):
            await first.closed.wait()
        assert first.close_code == CLOSED_FOR_TAKEOVER
        assert taken["secret"] != seat["secret"]

        async with websocket_client(attacked.websocket_url) as third:
            with pytest.raises(Refused) as refusal:
                await third.request("resume", seat=seat["seat"], secret=seat["secret"])
            assert refusal.value.code in {"wrong_secret", "seat_unknown"}


async def test_a_resume_wants_the_seats_own_secret(attacked: RelayProcess) -> None:
    token = await attacked.token("resume", "patient")
    async with websocket_client(attacked.websocket_url) as client:
        joined = await client.request("join", token=token)
    async with websocket_client(attacked.websocket_url, source="127.0.3.1") as client:
        with pytest.raises(Refused) as refusal:
            await client.request("resume", seat=joined["seat"], secret="x" * 32)
        assert refusal.value.code == "wrong_secret"
        with pytest.raises(Refused) as refusal:
            await client.request("resume", seat="no-such-seat", secret=joined["secret"])
        assert refusal.value.code == "seat_unknown"
        back = await client.request("resume", seat=joined["seat"], secret=joined["secret"])
        assert back["resumed"] is True
        assert back["participant"] == joined["participant"]


async def test_whoever_says_nothing_is_sent_away(attacked: RelayProcess) -> None:
    async with websocket_client(attacked.websocket_url) as client:
        async with asyncio.timeout(JOIN_TIMEOUT_S + 2):
            await client.closed.wait()
        assert client.close_code == CLOSED_WITHOUT_JOIN


async def test_a_page_of_another_origin_does_not_get_in(attacked: RelayProcess) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        async with websocket_client(attacked.websocket_url, origin="https://elsewhere.example"):
            pass
    assert refusal.value.status == 403


async def test_a_socket_without_the_subprotocol_does_not_get_in(attacked: RelayProcess) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await session.ws_connect(attacked.websocket_url)
    assert refusal.value.status == 400
