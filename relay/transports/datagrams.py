"""The seam below DTLS: datagrams of one leg, already known to come from its authenticated address.

The engine passes nothing on that has not come from a tuple with an authenticated STUN check, so
nobody but the peer (or somebody who forges its address) is heard here.
"""

from __future__ import annotations

from typing import Protocol


class Datagrams(Protocol):
    """One leg's DTLS datagrams; `relay.engine.EngineLeg` has this face."""

    async def receive(self) -> bytes:
        """Return the next datagram.

        Raises:
            ConnectionError: The leg is gone; there will be no more.

        """
        ...

    def send(self, datagram: bytes) -> None:
        """Send a datagram to the leg's present address; never waits, may lose it."""
        ...
