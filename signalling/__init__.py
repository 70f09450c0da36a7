"""Everything a client or an operator speaks: WebSocket, pages, SDK, health checks, command line.

`from signalling import create_app` mounts the whole on an existing aiohttp application. Nothing in
`relay` imports this package.
"""

from __future__ import annotations

from signalling.app import create_app

__all__ = ["create_app"]
