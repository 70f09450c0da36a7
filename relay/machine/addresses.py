"""The addresses a participant is told to send media to.

Pure but for asking the machine for its interfaces. Called by `relay.service` once, at the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_address

import ifaddr

from relay.errors import ConfigurationError
from relay.transports.sdp import Candidate

Address = IPv4Address | IPv6Address


def candidates(
    bound: Sequence[tuple[str, int]],
    announce: Sequence[str],
    machine: Iterable[Address],
    *,
    tcp: bool = False,
) -> tuple[Candidate, ...]:
    """Give one worker's candidates, most useful first: UDP, then the same addresses by TCP.

    Args:
        bound: The worker's sockets, as bound.
        announce: Addresses the operator wants announced instead of the machine's own, as behind a
            NAT that maps ports one to one.
        machine: The machine's addresses.
        tcp: Whether the worker listens for TCP beside each socket, on the same port.

    Raises:
        ConfigurationError: An announced address is none, or no socket serves its family.

    """
    by_udp = _by_udp(bound, announce, machine)
    return by_udp + tuple(replace(each, protocol="tcp") for each in by_udp if tcp)


def _by_udp(
    bound: Sequence[tuple[str, int]], announce: Sequence[str], machine: Iterable[Address]
) -> tuple[Candidate, ...]:
    found: dict[tuple[str, int], Candidate] = {}
    if announce:
        for address in map(_parsed, announce):
            ports = [port for ip, port in bound if ip_address(ip).version == address.version]
            if not ports:
                message = f"media.announce has {address}, but media.listen has no such family."
                raise ConfigurationError(message)
            found.setdefault((str(address), ports[0]), Candidate(str(address), ports[0]))
        return tuple(found.values())
    known = sorted(machine, key=_usefulness)
    for ip, port in bound:
        address = ip_address(ip)
        served = [a for a in known if a.version == address.version]
        for each in served if address.is_unspecified else [address]:
            found.setdefault((str(each), port), Candidate(str(each), port))
    return tuple(sorted(found.values(), key=lambda c: _usefulness(ip_address(c.ip))))


def machine_addresses(*, loopback: bool) -> tuple[Address, ...]:
    """Give the addresses of the machine's interfaces, without link-local ones.

    A link-local IPv6 address means nothing without its zone, which a candidate cannot carry
    (RFC 8839 §5.1).

    Args:
        loopback: Whether to give loopback addresses too; a machine that has nothing else gives them
            all the same.

    """
    texts = (
        ip.ip if isinstance(ip.ip, str) else ip.ip[0]
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    )
    addresses = [address for address in map(ip_address, texts) if not address.is_link_local]
    reachable = [address for address in addresses if not address.is_loopback]
    return tuple(addresses if loopback or not reachable else reachable)


def _parsed(text: str) -> Address:
    try:
        return ip_address(text)
    except ValueError as error:
        raise ConfigurationError(f"media.announce has {text!r}, which is no address.") from error


def _usefulness(address: Address) -> tuple[bool, bool]:
    """Loopback reaches nobody else; IPv4 first, because more networks carry it undisturbed."""
    return (address.is_loopback, address.version != IPv4Address("0.0.0.0").version)  # noqa: S104


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address; loopback then carries media too."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
