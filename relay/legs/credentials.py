"""The relay's ICE credentials of a leg.

Drawn, never chosen; in no log. Called by `relay.legs.leg` and `relay.seats.answering`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Credentials:
    """The relay's ICE credentials of one leg."""

    ufrag: str
    password: str = field(repr=False)

    @classmethod
    def draw(cls) -> Self:
        """Draw credentials that nobody guesses and no two legs share.

        RFC 8445 §5.3 asks for 24 and 128 bits; the ufrag has 64, for the engine finds legs by it.
        """
        return cls(secrets.token_hex(8), secrets.token_hex(16))

    def encoded(self) -> tuple[bytes, bytes]:
        """Give ufrag and password as the engine takes them."""
        return self.ufrag.encode(), self.password.encode()
