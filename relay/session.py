"""One leg's task tree: handshake, then its pumps, until somebody ends it.

    relay → supervise → run_session ┬─ watch      engine events
                                    ├─ farewell   the participant's goodbye
                                    └─ converse   data messages, and the channel's opening

Owns the leg in the engine and its transport, nothing else; what happens is told to a `Witness`.
Started by `relay.seats.answering` in the relay's task group.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from relay.errors import PeerError
from relay.legs.leg import Leg
from relay.messages.message import CHANNEL
from relay.ports import Channels, Transport
from relay.rooms.leg_states import LegInput
from relay.traces import forget_trace

if TYPE_CHECKING:
    from relay.engine import LegEvent

CHANNEL_LOOK_S: Final = 0.05
"""A channel opens a round trip or two after the keys; held messages may wait so much longer."""

_log: Final = structlog.get_logger(__name__)


class Witness(Protocol):
    """Who is told what happens to a leg; acts at once and raises nothing."""

    def handle_state(self, leg: Leg, happening: LegInput, failure: PeerError | None = None) -> None:
        """The leg's state may change; a failure without a `PeerError` is ours."""

    def handle_event(self, leg: Leg, event: LegEvent) -> None:
        """The engine reports something of the leg."""

    def handle_channel(self, leg: Leg) -> None:
        """The participant's channel for data messages is open."""

    def handle_message_untrusted(self, leg: Leg, text: str | bytes) -> None:
        """The participant sent a data message."""


class _Farewell(Exception):  # noqa: N818 - an end, not an error
    """The participant closed the connection in good order."""


async def supervise(
    leg: Leg, transport: Transport, witness: Witness, *, connect_timeout_s: float
) -> None:
    """Run a session, and let its failure be its own.

    *Cancellation:* the session is cancelled, and cleans up.
    """
    try:
        await run_session(leg, transport, witness, connect_timeout_s=connect_timeout_s)
    # Everything is caught here and in `contain`, and nowhere else: a bug met by one participant's
    # input must not end the others' consultation.
    except Exception as failed:  # noqa: BLE001 - the reason is above
        try:
            _conclude(leg, witness, failed)
        finally:
            forget_trace(failed)
    except BaseException as ended:
        forget_trace(ended)
        raise


def _conclude(leg: Leg, witness: Witness, failed: Exception) -> None:
    """Say how a session has ended."""
    whole = failed if isinstance(failed, ExceptionGroup) else ExceptionGroup("a session", [failed])
    farewells, failures = whole.split(_Farewell)
    if farewells is not None:
        witness.handle_state(leg, LegInput.CLOSE)
    if failures is None:
        return
    theirs, ours = failures.split(PeerError)
    if theirs is not None:
        witness.handle_state(leg, LegInput.FAIL, _peer_error(theirs))
    if ours is not None:
        _log.error("a session failed", leg=leg.id, **_trace(ours))
        witness.handle_state(leg, LegInput.FAIL)


def contain(action: Callable[[], None]) -> None:
    """Do something for one room, and let its failure be that room's own.

    For the same reason as in `supervise`: a round that fails for one consultation must reach the
    others.
    """
    try:
        action()
    except Exception as failure:  # noqa: BLE001 - the reason is above
        _log.error("a room's round failed", **_trace(failure))


async def run_session(
    leg: Leg, transport: Transport, witness: Witness, *, connect_timeout_s: float
) -> None:
    """Serve one leg until its participant says goodbye, fails, or it is cancelled.

    Raises:
        ExceptionGroup: Of a `PeerError` where the participant broke a protocol.

    *Cancellation:* the pumps stop, the leg leaves the engine, then the transport closes.
    """
    async with AsyncExitStack() as cleanup:
        cleanup.push_async_callback(transport.aclose)
        cleanup.callback(leg.engine.remove)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_watch(leg, witness), name=f"watch leg {leg.id}")
            keys = await transport.connect(connect_timeout_s)
            leg.engine.set_keys(keys)
            witness.handle_state(leg, LegInput.SECURE)
            tasks.create_task(_say_farewell(transport), name=f"farewell leg {leg.id}")
            tasks.create_task(_converse(leg, transport, witness), name=f"converse leg {leg.id}")


async def _watch(leg: Leg, witness: Witness) -> None:
    async for event in leg.engine.events():
        witness.handle_event(leg, event)


async def _say_farewell(transport: Transport) -> None:
    await transport.wait_closed()
    raise _Farewell


async def _converse(leg: Leg, transport: Transport, witness: Witness) -> None:
    """Begin the data channels when they have been negotiated, be it by a later offer; then read."""
    await leg.has_data.wait()
    data = leg.negotiated.data
    if data is None:
        return  # offered and taken back before there were keys
    channels = leg.channels = await transport.start_channels(data)
    try:
        async with asyncio.TaskGroup() as tasks:
            opening = tasks.create_task(_await_channel(leg, channels, witness), name="channel")
            async for label, text in channels.messages():
                if label == CHANNEL:
                    witness.handle_message_untrusted(leg, text)
            opening.cancel()
    except asyncio.CancelledError as ended:
        # The group knows the task that this is, and the task its end: a ring, with the leg in it.
        forget_trace(ended)
        raise


async def _await_channel(leg: Leg, channels: Channels, witness: Witness) -> None:
    while CHANNEL not in channels.opened:  # noqa: ASYNC110 - the transport has no event to await
        await asyncio.sleep(CHANNEL_LOOK_S)
    witness.handle_channel(leg)


def _peer_error(failures: BaseException) -> PeerError:
    failure = _first(failures)
    assert isinstance(failure, PeerError)
    return failure


def _first(failure: BaseException) -> BaseException:
    """The first failure of a group; the others followed from it."""
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure


def _trace(failure: BaseException) -> dict[str, str | list[str]]:
    """Type and places of a failure, for a log: its message may quote what a participant sent."""
    first = _first(failure)
    frames = traceback.extract_tb(first.__traceback__)
    return {
        "error": type(first).__name__,
        "places": [f"{frame.filename}:{frame.lineno}" for frame in frames],
    }
