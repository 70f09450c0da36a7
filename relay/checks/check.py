"""One person's check: legs without media, one for each way that is tried, and what is measured.

A leg of a check is a leg like any other, with data channels and nothing else: its packets take the
way of a consultation's, and whatever protects the relay from those protects it from these. Whoever
checks holds no seat and meets nobody. Made by `relay.checks.desk`, used by `signalling.websocket`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass, field
from typing import Final

from relay.checks.flow import DURATION_S
from relay.checks.kept import Who
from relay.checks.traffic import Measured, Traffic
from relay.clock import Clock
from relay.errors import InvalidOffer, LimitReached, NotFound
from relay.ids import WorkerIndex
from relay.legs.credentials import Credentials
from relay.legs.handled_datagrams import HandledDatagrams
from relay.legs.leg import Leg
from relay.ports import Transport
from relay.precall import CheckResult, PathKind
from relay.rooms.leg_states import LegInput
from relay.seats.answering import Means
from relay.session import supervise
from relay.transports.sdp import negotiate, parse_offer_untrusted, write_answer

LEG_S: Final = 20.0
"""A way that has not come up by then will not; one that has is measured long before."""
MOST_TRIES: Final = 20
"""Of one check: each of five ways four times."""


@dataclass(frozen=True, slots=True)
class Share:
    """What a check may take of the relay, and whom it tells."""

    clock: Clock
    means: Means
    worker: WorkerIndex
    most_kbps: int
    leg: Callable[[], AbstractContextManager[None]]
    """Takes a leg's place among all there are, for as long as the block runs, or refuses."""
    measuring: Callable[[], AbstractContextManager[None]]
    """Takes a measurement's place likewise."""
    keep: Callable[[CheckResult], None]


@dataclass(slots=True, eq=False)
class Check:
    """One person's check, from its beginning to `close`."""

    who: Who = field(repr=False)
    _share: Share
    _legs: dict[PathKind, tuple[Leg, Traffic]] = field(default_factory=dict)
    _tries: int = 0

    @property
    def most_kbps(self) -> int:
        """Up to which rate is measured: what lies beyond is no news for a consultation."""
        return self._share.most_kbps

    @property
    def duration_s(self) -> float:
        """How long one direction is measured."""
        return DURATION_S

    def answer(self, path: PathKind, offer_sdp: str) -> str:
        """Open a leg for one way, in the place of the one before.

        Args:
            path: The way, as the client means it: candidates are theirs to choose.
            offer_sdp: The offer as it came: a data channel, and nothing that is needed besides.

        Raises:
            InvalidOffer: It cannot be read, or offers no data channel.
            LimitReached: This check has tried often enough.
            Overloaded: There is no room for another leg just now.

        """
        share, means = self._share, self._share.means
        if self._tries >= MOST_TRIES:
            raise LimitReached(
                "This check has tried often enough.", action="Begin another one in a minute."
            )
        self._tries += 1
        negotiated = negotiate(parse_offer_untrusted(offer_sdp), means.policy)
        if negotiated.data is None:
            raise InvalidOffer("A check needs a data channel.")
        self.drop(path)
        with ExitStack() as undo:
            undo.enter_context(share.leg())
            engine = means.engine.leg(share.worker)
            undo.callback(engine.remove)
            leg = Leg(engine, Credentials.draw(), negotiated, share.clock.now_ns())
            leg.open()
            leg.accept(negotiated, receives=False)
            leg.datagrams = HandledDatagrams(engine, share.clock)
            transport = means.transports.open(leg.datagrams, negotiated)
            over = undo.pop_all()
        traffic = Traffic(share.clock)
        leg.task = means.spawn(_serve(leg, transport, traffic), f"check leg {leg.id}")
        # A task cancelled before its first step runs no cleanup of its own.
        leg.task.add_done_callback(lambda _: over.close())
        self._legs[path] = leg, traffic
        return write_answer(
            negotiated,
            ufrag=leg.credentials.ufrag,
            password=leg.credentials.password,
            fingerprint=means.transports.fingerprint_sha256,
            setup=negotiated.answer_setup,
            candidates=means.candidates(share.worker),
            slots={},
            version=leg.answers,
        )

    async def measure(self, path: PathKind, *, towards: bool) -> Measured:
        """Measure one direction of a way that has come up.

        Args:
            path: The way.
            towards: Whether the relay sends; otherwise the participant does.

        Raises:
            NotFound: Nothing was tried on this way, or it is over.
            Conflict: It is not up, or something of this person's is being measured.
            Overloaded: As much is being measured as may.

        *Cancellation:* the measurement is given up.
        """
        leg, traffic = self._leg(path)
        with self._share.measuring():
            if towards:
                return await traffic.measure_egress(
                    leg, most_kbps=self.most_kbps, duration_s=self.duration_s
                )
            return await traffic.measure_ingress(leg)

    def drop(self, path: PathKind) -> None:
        """End a way's leg; one that there is not is no matter."""
        if path in self._legs:
            leg, traffic = self._legs.pop(path)
            traffic.handle_state(leg, LegInput.CLOSE)
            if leg.task is not None:
                leg.task.cancel()

    def keep(self, result: CheckResult) -> None:
        """Say what all of it came to.

        Raises:
            LimitReached: Its person has said so too often.

        """
        self._share.keep(result)

    def close(self) -> None:
        """End every leg. Idempotent."""
        for path in tuple(self._legs):
            self.drop(path)

    def _leg(self, path: PathKind) -> tuple[Leg, Traffic]:
        found = self._legs.get(path)
        if found is None:
            raise NotFound("This way has not been tried, or is over.")
        return found


async def _serve(leg: Leg, transport: Transport, traffic: Traffic) -> None:
    """Run a leg until its time is over, its participant says goodbye, or it is cancelled."""
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(LEG_S):
                await supervise(leg, transport, traffic, connect_timeout_s=LEG_S)
    finally:
        traffic.handle_state(leg, LegInput.CLOSE)
