"""The media plane: rooms, seats, legs and the policy above the packet path.

Knows no HTTP and never imports `signalling`. `from relay import Relay` is the whole of it,
assembled; it is resolved on first use so that the pure packages can be imported without the
compiled engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relay.service import Relay

__all__ = ["Relay"]


def __getattr__(name: str) -> object:
    """Resolve `Relay` when it is first asked for (PEP 562)."""
    if name == "Relay":
        from relay.service import Relay  # noqa: PLC0415 - the reason is in the module docstring

        return Relay
    message = f"module 'relay' has no attribute {name!r}"
    raise AttributeError(message)
