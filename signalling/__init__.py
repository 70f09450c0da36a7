"""Everything a client or an operator speaks: WebSocket, pages, SDK, health checks, command line.

`from signalling import create_app` mounts the whole on an existing aiohttp application. It is
resolved on first use, so that `visavis token` does not load a web server. Nothing in `relay`
imports this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from signalling.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> object:
    """Resolve `create_app` when it is first asked for (PEP 562)."""
    if name == "create_app":
        from signalling.app import create_app  # noqa: PLC0415 - the reason is in the docstring

        return create_app
    raise AttributeError(f"module 'signalling' has no attribute {name!r}")
