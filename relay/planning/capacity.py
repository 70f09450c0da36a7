"""What one core was found to carry, and how that is known.

Pure: the text is somebody else's to read. The committed file beside this module is the default of
`visavis plan`; `benchmarks.planned_capacity` replaces it by what the capacity benchmark found.
"""

from __future__ import annotations

from typing import Final

import msgspec

from relay.errors import ConfigurationError

MOST_PACKETS_PER_CORE_PER_S: Final = 100_000_000.0
"""10 ns a packet: less than the cryptography of its first block takes."""


class Capacity(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Relayed packets that a core carries at the capacity benchmark's bar."""

    relayed_packets_per_core_per_s: float
    measured: bool
    """At the bar: loss below 0.1 %, added delay p99 below 20 ms, join p95 below 2 s."""
    words: str
    """How it is known, for a person."""
    processor: str
    commit: str
    measured_at: str

    def __post_init__(self) -> None:
        """Refuse what no core can carry.

        Raises:
            ConfigurationError: It is no such number.

        """
        packets = self.relayed_packets_per_core_per_s
        if not 1.0 <= packets <= MOST_PACKETS_PER_CORE_PER_S:
            raise ConfigurationError(
                f"A core cannot carry {packets:g} relayed packets a second.",
                action="Measure it with `make bench-capacity`; give 1 to "
                f"{MOST_PACKETS_PER_CORE_PER_S:,.0f}.",
            )


def parse_capacity(text: str | bytes) -> Capacity:
    """Read a capacity.

    Raises:
        ConfigurationError: The text is not one.

    """
    try:
        return msgspec.json.decode(text, type=Capacity)
    except msgspec.DecodeError as error:
        raise ConfigurationError(
            f"The measured capacity cannot be read: {error}.",
            action="Measure it again, or give the packets a core carries.",
        ) from None


def chosen_capacity(packets_per_core_per_s: float) -> Capacity:
    """Take somebody's word for what a core carries.

    Raises:
        ConfigurationError: No core can.

    """
    return Capacity(
        relayed_packets_per_core_per_s=packets_per_core_per_s,
        measured=False,
        words="Given on the command line.",
        processor="",
        commit="",
        measured_at="",
    )
