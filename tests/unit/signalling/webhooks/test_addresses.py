"""Where webhooks may go: not into the networks around the relay, by whatever name."""

from __future__ import annotations

import socket
from ipaddress import ip_address

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from relay.config import WebhooksConfig
from relay.errors import ConfigurationError
from signalling.webhooks.addresses import AddressRefused, CheckedResolver, check_url, may_go

PRIVATE = (
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fd00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "2002:c0a8:101::",
)
NEVER = (
    "0.0.0.0",
    "::",
    "169.254.169.254",
    "fe80::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
)


class Names(AbstractResolver):
    """Resolves every name to the addresses it is given."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        assert family in {socket.AF_UNSPEC, socket.AF_INET, socket.AF_INET6}
        self.asked += 1
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in self.addresses
        ]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_refused_unless_they_are_allowed(address: str) -> None:
    assert not may_go(ip_address(address), allow_private=False)


@pytest.mark.parametrize("address", NEVER)
def test_metadata_multicast_and_nowhere_are_never_allowed(address: str) -> None:
    assert not may_go(ip_address(address), allow_private=False)
    assert not may_go(ip_address(address), allow_private=True)


def test_public_addresses_are_allowed() -> None:
    assert may_go(ip_address("93.184.216.34"), allow_private=False)
    assert may_go(ip_address("2606:2800:220:1::1"), allow_private=False)
    assert may_go(ip_address("10.0.0.1"), allow_private=True)
    assert may_go(ip_address("127.0.0.1"), allow_private=True)


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_as_itself(address: object) -> None:
    inner = ip_address(str(address))
    for outer in (f"::ffff:{inner}", f"64:ff9b::{inner}"):
        if not may_go(inner, allow_private=False):
            assert not may_go(ip_address(outer), allow_private=False)


async def test_a_name_gives_the_addresses_that_were_checked_and_no_others() -> None:
    names = Names("10.0.0.1", "93.184.216.34", "169.254.169.254", "::1")
    found = await CheckedResolver(allow_private=False, inner=names).resolve("clinic.example", 443)
    assert [each["host"] for each in found] == ["93.184.216.34"]
    assert names.asked == 1
    with pytest.raises(AddressRefused):
        await CheckedResolver(allow_private=False, inner=Names("127.0.0.1")).resolve("a.example")


@pytest.mark.parametrize(
    "url",
    [
        "http://clinic.example/",
        "file:///etc/passwd",
        "gopher://clinic.example/",
        "https://",
        "https://user:hunter2@clinic.example/",
        "https://clinic.example/#here",
        "https://[broken/",
        "https://clinic.example:99999/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "clinic.example",
    ],
)
def test_a_configured_address_that_cannot_be_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        check_url(WebhooksConfig(url=url))
    assert "hunter2" not in refused.value.words


def test_an_address_is_taken_as_far_as_the_operator_allows() -> None:
    assert check_url(WebhooksConfig(url="https://clinic.example/hooks?v=1"))
    assert check_url(WebhooksConfig(url="http://clinic.example/", allow_http=True))
    private = WebhooksConfig(url="http://127.0.0.1:9/", allow_http=True, allow_private=True)
    assert check_url(private)
