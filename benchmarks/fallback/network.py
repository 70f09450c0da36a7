"""What the network of a measurement lets through, and by which ways calls can go then. Needs root.

One network of its own, in which relay, TURN server and browsers meet at one address: both people
are behind the same firewall, and fall back at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from benchmarks.adaptation.sides import Side
from benchmarks.outages.people import Watched
from tests.endtoend.closed_network import NEAR
from tests.endtoend.network_blocks import Block, NetworkBlocks
from tests.endtoend.participant import polling
from tests.endtoend.turn_server import FIRST_PORT, LAST_PORT, LOOPBACK, TurnServer

Left = Literal["everything", "no udp", "tcp", "turn tcp", "turn tls"]
"""All; all but UDP; nothing but TCP to the relay's media port; nothing but one way to the TURN
server. Pages and signalling are let through always."""

WAYS: Final[Mapping[Left, frozenset[str]]] = {
    "everything": frozenset({"direct udp"}),
    "no udp": frozenset({"tcp tcp", "turn tcp", "turn tls"}),
    "tcp": frozenset({"tcp tcp"}),
    "turn tcp": frozenset({"turn tcp"}),
    # Firefox calls both so.
    "turn tls": frozenset({"turn tls", "turn tcp"}),
}
"""By which ways calls can go then, as pages tell them."""

TOLD_WITHIN_S: Final = 10.0
"""After which nobody waits any more to be told of the way."""


@dataclass(frozen=True, slots=True)
class Network:
    """One whose firewall changes its mind."""

    blocks: NetworkBlocks
    held_back: Mapping[Left, Sequence[Block]]

    def leave(self, left: Left) -> None:
        """Let this through from now on, and hold the rest back without a word."""
        self.blocks.hold_back(*self.held_back[left])


def network_of(side: Side, media_port: int, server: TurnServer) -> Network:
    """Take hold of a closed network, in which everything is let through at first."""
    blocks = NetworkBlocks(side, NEAR)
    # Between the TURN server and the relay there is no such firewall.
    blocks.keep("udp", FIRST_PORT, LAST_PORT)
    udp = Block("udp", side.address)
    to_relay = Block("tcp", side.address, media_port)
    turn_tcp = Block("tcp", server.address, server.port)
    turn_tls = Block("tcp", LOOPBACK, server.tls_port)
    return Network(
        blocks,
        {
            "everything": (),
            "no udp": (udp,),
            "tcp": (udp, turn_tcp, turn_tls),
            "turn tcp": (udp, to_relay, turn_tls),
            "turn tls": (udp, to_relay, turn_tcp),
        },
    )


async def told_way(one: Watched, left: Left, since_ms: float) -> tuple[str, float | None]:
    """Wait until somebody has been told in words that their call goes by a way that is left.

    Gives the way as it was told last, and seconds since that moment: none for words that stood
    already, nothing where they were not told in time.
    """
    told: list[dict[str, Any]] = []
    async for _ in polling(TOLD_WITHIN_S):
        told = [each for each in await one.told(0.0) if each["name"] == "path"]
        if told and told[-1]["what"] in WAYS[left] and told[-1]["reason"]:
            return str(told[-1]["what"]), max(0.0, told[-1]["at_ms"] - since_ms) / 1_000
    return (str(told[-1]["what"]) if told else ""), None
