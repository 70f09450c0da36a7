"""Where a webhook may go: never, unless the operator says so, into the networks around the relay.

A name is resolved once for each connection, and the connection goes to the addresses that were
checked: a name that changes its mind in between leads nowhere. Called by
`signalling.webhooks.delivery`.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from relay.config import WebhooksConfig
from relay.errors import ConfigurationError

Address = IPv4Address | IPv6Address

NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052 §2.1: the last 32 bits are an IPv4 address
THIS_NETWORK: Final = IPv4Network("0.0.0.0/8")  # RFC 1122 §3.2.1.3: Linux takes 0.0.0.0 for itself


class AddressRefused(OSError):  # noqa: N818 - as all of relay.errors
    """A name leads only where webhooks may not go."""


def check_url(config: WebhooksConfig) -> str:
    """Hold the configured address against the rules, as far as that goes without asking anybody.

    Raises:
        ConfigurationError: It is no `https` address of a host, or one that may not be asked.

    """
    url = config.url
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    schemes = {"https", "http"} if config.allow_http else {"https"}
    if parts.scheme not in schemes or not parts.hostname or parts.fragment:
        raise ConfigurationError(
            "The configuration key webhooks.url is not an https address.",
            action='Set it to the address of your backend, as "https://clinic.example/visavis"; '
            "webhooks.allow_http lets it be http.",
        )
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(
            "The configuration key webhooks.url holds a user or a password.",
            action="Take it out: webhooks are recognised by their signature.",
        )
    try:
        literal = ip_address(parts.hostname)
    except ValueError:
        return url  # a name, which is looked up and checked for each connection
    if not may_go(literal, allow_private=config.allow_private):
        raise ConfigurationError(
            "The configuration key webhooks.url names an address that webhooks do not go to.",
            action="Use a public address, or set webhooks.allow_private.",
        )
    return url


def may_go(address: Address, *, allow_private: bool) -> bool:
    """Say whether a webhook may be sent to an address.

    Link-local addresses, where clouds keep their metadata and credentials, are never allowed, nor
    is what is no single host.
    """
    inner = _embedded(address)
    if inner is not None and not may_go(inner, allow_private=allow_private):
        return False
    if address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    if isinstance(address, IPv4Address) and (address.is_reserved or address in THIS_NETWORK):
        return False
    if address.is_loopback or address.is_private:
        return allow_private
    return address.is_global


class CheckedResolver(AbstractResolver):
    """Resolves names, and gives the addresses that webhooks may go to."""

    def __init__(self, *, allow_private: bool, inner: AbstractResolver | None = None) -> None:
        self._allow_private = allow_private
        self._inner = inner or ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Look a name up.

        Raises:
            AddressRefused: It leads only where webhooks do not go.
            OSError: It leads nowhere.

        """
        found = await self._inner.resolve(host, port, family)
        allowed = [
            each
            for each in found
            if may_go(ip_address(each["host"].partition("%")[0]), allow_private=self._allow_private)
        ]
        if not allowed:
            raise AddressRefused("the name leads where webhooks do not go")
        return allowed

    async def close(self) -> None:
        """Let go of the resolver underneath."""
        await self._inner.close()


def _embedded(address: Address) -> IPv4Address | None:
    """Give the IPv4 address that an IPv6 address stands for."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None
