"""Which addresses a participant is told."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from relay.errors import ConfigurationError
from relay.machine.addresses import candidates, is_loopback, machine_addresses
from relay.transports.sdp import Candidate

MACHINE = tuple(map(ip_address, ("127.0.0.1", "::1", "2001:db8::5", "192.0.2.5")))


def test_a_wildcard_stands_for_the_machines_addresses_loopback_last() -> None:
    found = candidates([("0.0.0.0", 7882), ("::", 7883)], (), MACHINE)
    assert found == (
        Candidate("192.0.2.5", 7882),
        Candidate("2001:db8::5", 7883),
        Candidate("127.0.0.1", 7882),
        Candidate("::1", 7883),
    )


def test_a_named_address_stands_for_itself() -> None:
    assert candidates([("192.0.2.9", 1)], (), MACHINE) == (Candidate("192.0.2.9", 1),)


def test_announced_addresses_replace_the_machines_own() -> None:
    bound = [("0.0.0.0", 7882), ("::", 7883)]
    found = candidates(bound, ("203.0.113.1", "2001:db8::1"), MACHINE)
    assert found == (Candidate("203.0.113.1", 7882), Candidate("2001:db8::1", 7883))


def test_every_address_is_there_by_tcp_too_behind_all_of_udp() -> None:
    bound = [("0.0.0.0", 7882), ("::", 7883)]
    by_udp = candidates(bound, (), MACHINE)
    found = candidates(bound, (), MACHINE, tcp=True)
    assert found[: len(by_udp)] == by_udp
    assert [each.protocol for each in found] == ["udp"] * 4 + ["tcp"] * 4
    places = [(each.ip, each.port) for each in found]
    assert places[4:] == places[:4]


def test_a_machine_of_ipv6_alone_has_candidates() -> None:
    machine = (ip_address("2001:db8::5"),)
    found = candidates([("0.0.0.0", 1), ("::", 1)], (), machine, tcp=True)
    assert found == (Candidate("2001:db8::5", 1), Candidate("2001:db8::5", 1, "tcp"))
    announced = candidates([("::", 1)], ("2001:db8::9",), (), tcp=True)
    assert {each.ip for each in announced} == {"2001:db8::9"}


@pytest.mark.parametrize("announced", ["relay.example", "2001:db8::1"])
def test_an_announced_address_that_cannot_be_served_is_an_error(announced: str) -> None:
    with pytest.raises(ConfigurationError, match=r"media\.announce"):
        candidates([("0.0.0.0", 7882)], (announced,), MACHINE)


def test_the_machine_has_addresses_and_none_of_them_needs_a_zone() -> None:
    found = machine_addresses(loopback=True)
    assert found
    assert not [address for address in found if address.is_link_local]
    assert set(machine_addresses(loopback=False)) <= set(found)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.0.2.1", False),
        ("relay.example", False),
        ("localhost.evil.example", False),
        ("", False),
    ],
)
def test_only_this_machine_s_own_addresses_are_loopback(host: str, *, loopback: bool) -> None:
    assert is_loopback(host) is loopback
