"""What stands between a good token and a seat: what the platform wants of its rooms.

The WebSocket knows no API, and the API no WebSocket; they meet here. Called by
`signalling.websocket.reception`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from relay.rooms.permissions import Grant


class Gate(Protocol):
    """What holds a join against what the platform wants."""

    def passing(self, grant: Grant) -> AbstractContextManager[None]:
        """Let a join happen in the block, or refuse it; see `signalling.api.register`."""


class OpenGate:
    """Lets everybody through: where there is no API."""

    @contextmanager
    def passing(self, grant: Grant) -> Iterator[None]:
        """Ask nothing."""
        del grant
        yield
