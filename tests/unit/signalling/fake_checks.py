"""Checks without legs: what signalling asks of them is recorded, what they say is scripted."""

from __future__ import annotations

from dataclasses import dataclass, field

from relay.checks.traffic import Measured
from relay.errors import RelayError, SeatUnknown, WrongSecret
from relay.ids import SeatId
from relay.precall import CheckResult, PathKind
from relay.rooms.permissions import Grant


@dataclass
class FakeCheck:
    who: str
    most_kbps: int = 3_000
    duration_s: float = 2.0
    asked: list[tuple[object, ...]] = field(default_factory=list)
    kept: list[CheckResult] = field(default_factory=list)
    is_closed: bool = False
    refusal: RelayError | None = None
    """What the next request is refused with."""

    def answer(self, path: PathKind, offer_sdp: str) -> str:
        self._ask("answer", path, offer_sdp)
        return f"answer to {offer_sdp}"

    async def measure(self, path: PathKind, *, towards: bool) -> Measured:
        self._ask("measure", path, towards)
        return Measured(250_000, 2_000, None if towards else 1_100)

    def drop(self, path: PathKind) -> None:
        self._ask("drop", path)

    def keep(self, result: CheckResult) -> None:
        self.kept.append(result)

    def close(self) -> None:
        self.is_closed = True

    def _ask(self, *call: object) -> None:
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
        self.asked.append(call)


@dataclass
class FakeChecks:
    begun: list[FakeCheck] = field(default_factory=list)
    seats: dict[str, str] = field(default_factory=dict)
    """Secrets by seat."""
    refusal: RelayError | None = None

    def begin(self, grant: Grant) -> FakeCheck:
        if self.refusal is not None:
            raise self.refusal
        return self._begin(grant.identity)

    def begin_seated(self, seat: SeatId, secret: str) -> FakeCheck:
        if seat not in self.seats:
            raise SeatUnknown
        if self.seats[seat] != secret:
            raise WrongSecret
        return self._begin(seat)

    def _begin(self, who: str) -> FakeCheck:
        self.begun.append(FakeCheck(who))
        return self.begun[-1]
