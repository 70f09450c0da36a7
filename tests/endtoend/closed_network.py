"""A network of a test's own, from which nothing leaves, and where UDP may lead nowhere. Needs root.

Relay and browsers are in one namespace and meet at the address of its only interface; pages and
what drives browsers go over its loopback. Whatever is to be in it is started by `Side.command`.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from benchmarks.adaptation.sides import held
from tests.endtoend.network_blocks import Block, NetworkBlocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.adaptation.sides import Side

IPV4, IPV6 = "198.18.0.1", "2001:db8:7882::1"
"""RFC 2544 §C.2.2 and RFC 3849: reserved, and to browsers like any other."""
NEAR, FAR = "closed-a", "closed-b"


@contextlib.contextmanager
def closed_network(*, ipv6: bool = False, without_udp: bool = False) -> Iterator[Side]:
    """Make it; all of it is gone with the block.

    Args:
        ipv6: Whether its interface has an address of IPv6 and no other.
        without_udp: Whether datagrams to its address (IPv4) get lost, and nobody is told.

    Raises:
        BenchmarkFailed: The machine does not let it.

    """
    address = f"{IPV6}/64" if ipv6 else f"{IPV4}/24"
    family = "-6" if ipv6 else "-4"
    with held("closed", IPV6 if ipv6 else IPV4) as side:
        for words in (
            f"link add {NEAR} type veth peer name {FAR}",
            # No link-local addresses: browsers would try them, too.
            f"link set {NEAR} addrgenmode none",
            f"link set {FAR} addrgenmode none",
            # At once: nobody else is here who could have it.
            f"{family} address add {address} dev {NEAR}" + (" nodad" if ipv6 else ""),
            # An end of a cable runs while both are up.
            f"link set {NEAR} up",
            f"link set {FAR} up",
            # Browsers look for their address by the way out.
            f"{family} route add default dev {NEAR}",
        ):
            side.run("ip", *words.split())
        if without_udp:
            NetworkBlocks(side, NEAR).hold_back(Block("udp", IPV4))
        yield side
