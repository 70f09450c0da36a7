"""What a network of a test's own holds back, which may change in the middle of a call. Needs root.

Packets that are held back go to a neighbour that is none, as through a firewall that says nothing:
nobody is told, of sockets that are open already neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from benchmarks.adaptation.sides import Side

NOBODY, NOBODYS_CARD = "198.18.0.99", "02:00:00:00:00:99"
ASTRAY = 100
"""The routing table in which all ways lead there."""

KEPT, BLOCKED, LOCAL = 5, 10, 20
"""Preferences of rules, in the order in which they are looked up."""


class Block(NamedTuple):
    """One kind of packets, in both directions."""

    protocol: Literal["udp", "tcp"]
    address: str
    """Where they go to: in a network of one address also where they come from (IPv4)."""
    port: int | None = None
    """Of either end; every one where there is none."""

    @property
    def rules(self) -> list[str]:
        """Give the rules that hold them back, as `ip rule` has them."""
        ends = [""] if self.port is None else [f" dport {self.port}", f" sport {self.port}"]
        return [
            f"pref {BLOCKED} ipproto {self.protocol} to {self.address}{end} lookup {ASTRAY}"
            for end in ends
        ]


class NetworkBlocks:
    """One network's."""

    def __init__(self, side: Side, device: str) -> None:
        """Hold nothing back yet.

        Args:
            side: The network, of one address.
            device: A card of it on which the neighbour would be.

        Raises:
            BenchmarkFailed: The kernel refused a line.

        """
        self._side = side
        self._rules: list[str] = []
        side.configure(
            f"neighbour replace {NOBODY} lladdr {NOBODYS_CARD} dev {device} nud permanent",
            f"route add default via {NOBODY} dev {device} table {ASTRAY}",
            # What is the machine's own is looked up first, unless that is put behind.
            f"rule add pref {LOCAL} lookup local",
            "rule del pref 0 lookup local",
        )

    def keep(self, protocol: Literal["udp", "tcp"], first_port: int, last_port: int) -> None:
        """Let packets from and to these ports through, whatever is held back from now on."""
        self._side.configure(
            *(
                f"rule add pref {KEPT} ipproto {protocol} {end} {first_port}-{last_port}"
                " lookup local"
                for end in ("sport", "dport")
            )
        )

    def hold_back(self, *blocks: Block) -> None:
        """Hold these back from now on, and nothing else."""
        rules = [rule for block in blocks for rule in block.rules]
        lines = [
            *(f"rule add {rule}" for rule in rules if rule not in self._rules),
            *(f"rule del {rule}" for rule in self._rules if rule not in rules),
        ]
        if lines:
            self._side.configure(*lines)
        self._rules = rules
