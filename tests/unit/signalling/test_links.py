from __future__ import annotations

import pytest

from relay.rooms.permissions import BY_ROLE, Role
from signalling.links import (
    base_url,
    consultation_link,
    full_grant,
    websocket_url,
)


def test_addresses_of_a_relay() -> None:
    assert base_url("127.0.0.1", 8080) == "http://127.0.0.1:8080"
    assert base_url("0.0.0.0", 8080) == "http://127.0.0.1:8080"
    assert base_url("::1", 8080) == "http://[::1]:8080"
    assert websocket_url("http://127.0.0.1:8080") == "ws://127.0.0.1:8080/v1/ws"
    assert websocket_url("https://relay.example/visavis/") == "wss://relay.example/visavis/v1/ws"


def test_a_link_keeps_its_token_from_servers() -> None:
    link = consultation_link("http://127.0.0.1:8080", "a.b.c")
    assert link == "http://127.0.0.1:8080/consultation#token=a.b.c"


@pytest.mark.parametrize("role", Role)
def test_a_full_grant_is_what_the_role_permits(role: Role) -> None:
    grant = full_grant("room", role, None, open_room=False)
    assert (grant.publish, grant.subscribe, grant.data) == (
        BY_ROLE[role].publish,
        BY_ROLE[role].subscribe,
        BY_ROLE[role].data,
    )
    assert grant.identity != full_grant("room", role, None, open_room=False).identity
