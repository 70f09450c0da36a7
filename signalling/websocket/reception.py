"""Where a token or a resume secret becomes a seat, or opens a check.

No socket. Counts what is refused, by address and by reason. Called by
`signalling.websocket.connection`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import structlog

from relay.errors import CallerError, InvalidRequest, LinkUsed, SeatUnknown, WrongSecret
from relay.ids import SeatId
from relay.metrics.table import BAD_INPUT
from relay.metrics.tally import Tally
from signalling.callers import Failures
from signalling.gate import Gate, OpenGate
from signalling.issuers import IssuerClocks
from signalling.keys import KeyRing
from signalling.log_pace import LogPace
from signalling.messages import Join, Resume
from signalling.messages.checks import Begin
from signalling.tokens import TokenRefused, verify_untrusted
from signalling.turn.servers import TurnServers

if TYPE_CHECKING:
    from relay.checks.check import Check
    from relay.rooms.permissions import Grant
    from relay.seats.seat import Seat
    from relay.service import Relay

_log: Final = structlog.get_logger(__name__)


SLOWED_S: Final = 1.0
"""With 200 places for one address, 200 tries a second; nobody honest has eleven bad links."""


class NotRecognised(Exception):  # noqa: N818 - it carries the answer, which is the error
    """The token is not accepted: the connection is told and closed."""

    def __init__(self, answer: CallerError, *, close_after_s: float = 0.0) -> None:
        self.answer = answer
        self.close_after_s = close_after_s
        super().__init__(answer.code)


@dataclass
class Reception:
    """Gives seats to those who may have them."""

    relay: Relay
    keys: KeyRing
    gate: Gate = field(default_factory=OpenGate)
    failures: Failures = field(default_factory=Failures)
    log_pace: LogPace = field(default_factory=LogPace)
    clocks: IssuerClocks = field(default_factory=IssuerClocks)
    slowed_s: float = SLOWED_S
    unix_now_s: Callable[[], float] = time.time
    monotonic_now_s: Callable[[], float] = time.monotonic
    turn: TurnServers = field(default_factory=TurnServers)
    """What those who have a seat come to the media plane through, where nothing else does."""

    @property
    def tally(self) -> Tally:
        """Where signalling counts, beside the media plane."""
        return self.relay.tally

    def note_bad_input(self, code: str) -> None:
        """Count what was no request, or came out of turn."""
        self.tally.count(BAD_INPUT, door="signalling", reason=code)

    async def join(self, request: Join, address: str) -> Seat:
        """Give a seat for a token.

        Raises:
            NotRecognised: The token is refused, or too many links were used ones.
            CallerError: The token is good, and the relay cannot give the seat now.

        *Cancellation:* no seat is held; the relay gives back what it began to give.
        """
        grant = self._recognise(request.token, address)
        arrival = replace(grant.arrival, group=request.confers, holder=request.holder)
        grant = replace(grant, arrival=arrival)
        try:
            with self.gate.passing(grant):
                return await self.relay.join(grant, takeover=request.takeover)
        except LinkUsed:
            self._note_failure(address)
            raise

    def begin_check(self, request: Begin, address: str) -> Check:
        """Begin a check for whoever has a token, or a seat's secret.

        Raises:
            NotRecognised: The token is refused, or too many secrets were wrong.
            InvalidRequest: There is neither.
            CallerError: The seat is no longer kept, or whoever asks was put out.
            Overloaded: The relay stops.

        """
        if request.token is not None:
            grant = self._recognise(request.token, address)
            arrival = replace(grant.arrival, holder=request.holder)
            try:
                return self.relay.checks.begin(replace(grant, arrival=arrival))
            except LinkUsed:
                self._note_failure(address)
                raise
        if request.seat is None or request.secret is None:
            raise InvalidRequest("A check begins with a token, or with a seat and its secret.")
        try:
            return self.relay.checks.begin_seated(SeatId(request.seat), request.secret)
        except (SeatUnknown, WrongSecret):
            self._note_failure(address)
            raise

    def _recognise(self, token: str, address: str) -> Grant:
        try:
            return verify_untrusted(token, self.keys, self.unix_now_s(), self.clocks)
        except TokenRefused as refusal:
            times = self.log_pace.times(refusal.reason.value, self.monotonic_now_s())
            if times:
                _log.info("a token was refused", reason=refusal.reason.value, times=times)
            self.tally.count(BAD_INPUT, door="token", reason=refusal.reason.value)
            self._note_failure(address)
            raise NotRecognised(refusal.answer) from None

    async def resume(self, request: Resume, address: str) -> Seat:
        """Give a seat back to whoever has its secret.

        Raises:
            NotRecognised: Too many secrets were wrong.
            CallerError: The seat is no longer kept, or the secret is not its.

        *Cancellation:* the seat stays as it was, or is kept for the next attempt.
        """
        try:
            return await self.relay.resume(SeatId(request.seat), request.secret)
        except WrongSecret:
            self._note_failure(address)
            raise
        except SeatUnknown:
            # Counted and slowed, and never turned into an end: after a relay's restart everybody
            # behind a clinic's address asks for a seat that is gone, and then joins anew.
            if self.failures.note(address, self.monotonic_now_s()):
                await asyncio.sleep(self.slowed_s)
            raise

    def _note_failure(self, address: str) -> None:
        """Count what was shown in vain.

        Raises:
            NotRecognised: It was too often.

        """
        too_many = self.failures.note(address, self.monotonic_now_s())
        if too_many:
            raise NotRecognised(too_many, close_after_s=self.slowed_s) from None
