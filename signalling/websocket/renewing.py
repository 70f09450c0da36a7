"""Tells a client of other credentials before those it has end.

A path that fails late in a consultation needs good ones at once: for an ICE restart, or for the
next connection. Called by `signalling.websocket.connection`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Never

from signalling.messages import IceServers, RelayMessage
from signalling.turn.servers import TurnServers


async def renew(turn: TurnServers, holder: str, tell: Callable[[RelayMessage], None]) -> Never:
    """Tell until cancelled; the client has its first ones from the reply to its join.

    Args:
        turn: The servers; at least one.
        holder: Whom their logs name.
        tell: Queues a message.

    *Cancellation:* what the client was told last is good for half of its time or more.
    """
    while True:
        await asyncio.sleep(turn.renew_after_s)
        tell(IceServers(ice_servers=turn.for_holder(holder)))
