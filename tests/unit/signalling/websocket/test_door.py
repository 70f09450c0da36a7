from __future__ import annotations

import pytest

from relay.metrics.table import WEBSOCKETS
from signalling.websocket.door import Doorstep, is_origin_allowed, loggable_origin


@pytest.mark.parametrize(
    ("origin", "host", "allowed", "welcome"),
    [
        (None, "relay.example", (), True),
        ("https://relay.example", "relay.example", (), True),
        ("http://relay.example:80", "relay.example", (), True),
        ("https://relay.example", "relay.example:443", (), True),
        ("http://127.0.0.1:8080", "127.0.0.1:8080", (), True),
        ("http://[::1]:8080", "[::1]:8080", (), True),
        ("https://RELAY.example", "relay.example", (), True),
        ("https://evil.example", "relay.example", (), False),
        ("https://relay.example.evil.example", "relay.example", (), False),
        ("https://relay.example@evil.example", "relay.example", (), False),
        ("http://127.0.0.1:8081", "127.0.0.1:8080", (), False),
        ("null", "relay.example", (), False),
        ("", "relay.example", (), False),
        ("file://", "relay.example", (), False),
        ("https://[broken", "relay.example", (), False),
        ("https://clinic.example", "relay.example", ("https://clinic.example",), True),
        ("http://clinic.example", "relay.example", ("https://clinic.example",), False),
        ("https://clinic.example.evil", "relay.example", ("https://clinic.example",), False),
        ("https://any.example", "relay.example", ("*",), True),
        ("https://clinic.example", "relay.example", ("https://Clinic.example/",), True),
        ("https://clinic.example", "relay.example", ("https://clinic.example:443",), True),
        ("https://clinic.example", "relay.example", ("https://clinic.example:80",), False),
        ("https://relay.example", "relay.example", ("https://clinic.example",), True),
        ("https://relay.example/", "relay.example", (), True),
        ("https://relay.example//", "relay.example", (), False),
        ("https://somebody@relay.example", "relay.example", (), False),
        ("http://127.0.0.1:8080:443", "127.0.0.1:8080", (), False),
        ("capacitor://localhost", "relay.example", ("capacitor://localhost",), True),
    ],
)
def test_a_page_is_welcome_from_the_relay_itself_or_a_listed_origin(
    origin: str | None, host: str, allowed: tuple[str, ...], *, welcome: bool
) -> None:
    assert is_origin_allowed(origin, host, allowed) is welcome


def test_the_doorstep_is_full_until_somebody_gets_a_seat_or_goes() -> None:
    doorstep = Doorstep(max_waiting=2)
    with doorstep.wait("192.0.2.1") as first, doorstep.wait("192.0.2.2"):
        assert doorstep.is_full("192.0.2.3")
        first.give_back()
        first.give_back()
        assert doorstep.waiting == 1
    assert doorstep.waiting == 0


def test_one_caller_fills_a_share_of_the_doorstep_and_no_more() -> None:
    doorstep = Doorstep(max_waiting_per_address=2)
    with doorstep.wait("192.0.2.1") as first, doorstep.wait("192.0.2.1"):
        assert doorstep.is_full("192.0.2.1")
        assert not doorstep.is_full("192.0.2.2")
        first.give_back()
        assert not doorstep.is_full("192.0.2.1")
    assert doorstep._by_caller == {}


def test_open_sockets_are_counted_by_whether_they_have_a_seat() -> None:
    doorstep = Doorstep()
    counted = doorstep.tally.gauges[WEBSOCKETS]
    with doorstep.wait("192.0.2.1") as first:
        with doorstep.wait("192.0.2.1"):
            assert counted == {("waiting",): 2, ("seated",): 0}
            first.give_back()
            assert counted == {("waiting",): 1, ("seated",): 1}
        assert counted == {("waiting",): 0, ("seated",): 1}
    assert counted == {("waiting",): 0, ("seated",): 0}


@pytest.mark.parametrize(
    ("origin", "shown"),
    [
        ("https://clinic.example:8443", "https://clinic.example:8443"),
        ("https://user:secret@clinic.example", "malformed"),
        ("https://clinic.example/?patient=1", "malformed"),
        ("Jeanne Martin", "malformed"),
    ],
)
def test_a_logged_origin_is_a_site_and_nothing_else(origin: str, shown: str) -> None:
    assert loggable_origin(origin) == shown
