"""Who may check what their devices and network are good for, how many at once, and what is kept.

What a check may cost is bounded four times: by person, by check, by the legs of all checks and by
what is measured at once. The last is refused rather than queued: consultations come first, and
whoever checks can say that this was not measured. Called by `relay.service`.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from relay.checks.check import Check, Share
from relay.checks.kept import KeptChecks, Who
from relay.config import ChecksConfig
from relay.errors import Conflict, LimitReached, Overloaded
from relay.ids import SeatId
from relay.metrics.of_rooms import CHECK_MEASUREMENTS, CHECKS
from relay.places.open_rooms import OpenRoom, Place
from relay.precall import CheckResult, KeptCheck
from relay.rooms.happenings import about_check
from relay.rooms.participant import Participant
from relay.rooms.permissions import Grant
from relay.rooms.standing import Standing
from relay.seats.answering import Means
from relay.seats.holders import held_place
from relay.seats.seating import Seating
from relay.units import NS_PER_S, seconds_of_ns

MOST_LEGS: Final = 256
"""Of all checks at once: fifty people who try five ways each, for five seconds."""
LEGS_OF_ONE: Final = 10
"""Of one person for one room: five ways in each of two tabs."""
RETRY_AFTER_S: Final = 3.0
"""By then what is being measured now is over."""

MEASUREMENTS_A_MINUTE: Final = 12
"""Of one person for one room: six checks."""
RESULTS_A_MINUTE: Final = 20
"""Likewise: whoever plays the test sound again and again. Each is told to whoever listens."""
MINUTE_NS: Final = 60 * NS_PER_S
MOST_REMEMBERED: Final = 10_000


@dataclass(slots=True)
class _Minute:
    begun_ns: int
    measurements: int = 0
    results: int = 0


class Checks:
    """Every check there is, and the last of each person."""

    def __init__(self, seating: Seating, means: Means, config: ChecksConfig) -> None:
        self.kept = KeptChecks()
        self._seating, self._means, self._config = seating, means, config
        self._legs: Counter[Who] = Counter()
        self._measured: set[Who] = set()
        """Whose networks are being measured just now."""
        self._minutes: OrderedDict[Who, _Minute] = OrderedDict()

    def begin(self, grant: Grant) -> Check:
        """Begin a check for whoever a token names, before they join or beside that.

        Raises:
            Ejected: They were put out of the room.
            LinkUsed: The token is good for one page, and this is another.
            UnknownRoom: It was closed.
            Overloaded: The relay stops.

        """
        self._seating.ejections.require_good(grant, self._seating.clock.now_ns())
        self._seating.used_links.require_unused(grant)
        return self._begin((grant.room, grant.identity))

    def begin_seated(self, seat: SeatId, secret: str) -> Check:
        """Begin one for whoever holds a seat: their token may have expired while they wait.

        Raises:
            SeatUnknown: The seat is no longer kept.
            WrongSecret: The secret is not the seat's.
            Overloaded: The relay stops.

        """
        place = held_place(self._seating.places, seat, secret)
        return self._begin((place.room.model.id, place.participant.identity))

    def attach(self, place: Place) -> None:
        """Give somebody who has just joined the check they made before."""
        room = place.room
        kept = self.kept.of((room.model.id, place.participant.identity), room.clock.now_ns())
        if kept is not None and kept is not place.participant.check:
            self._tell(room, place.participant, kept)

    def _begin(self, who: Who) -> Check:
        seating = self._seating
        if seating.draining:
            raise Overloaded(retry_after_s=RETRY_AFTER_S)
        room = seating.rooms.get(who[0])
        worker = self._means.engine.place() if room is None else room.model.worker
        share = Share(
            clock=seating.clock,
            means=self._means,
            worker=worker,
            most_kbps=self._config.max_kbps,
            leg=partial(self._leg, who),
            measuring=partial(self._measuring, who),
            keep=partial(self._keep, who),
        )
        return Check(who, share)

    def _keep(self, who: Who, result: CheckResult) -> None:
        """Keep a check, and tell of it where its person is.

        Raises:
            LimitReached: This person has said so too often.

        """
        minute = self._minute(who)
        minute.results += 1
        if minute.results > RESULTS_A_MINUTE:
            raise self._too_often(minute)
        kept = self.kept.keep(who, result, self._seating.clock.now_ns())
        self._seating.tally.count(CHECKS, verdict=result.verdict.value)
        room = self._seating.rooms.get(who[0])
        participant = None if room is None else room.model.of_identity(who[1])
        if room is not None and participant is not None:
            self._tell(room, participant, kept)

    def _tell(self, room: OpenRoom, participant: Participant, kept: KeptCheck) -> None:
        participant.check = kept
        if participant.standing is Standing.WAITING:
            room.tell_who_waits()
        self._seating.happened(about_check(room.model.id, participant, kept.result))

    @contextmanager
    def _leg(self, who: Who) -> Iterator[None]:
        if self._legs.total() >= MOST_LEGS or self._legs[who] >= LEGS_OF_ONE:
            raise Overloaded(retry_after_s=RETRY_AFTER_S)
        self._legs[who] += 1
        try:
            yield
        finally:
            self._legs[who] -= 1
            if not self._legs[who]:
                del self._legs[who]

    @contextmanager
    def _measuring(self, who: Who) -> Iterator[None]:
        if who in self._measured:
            raise Conflict("Something is being measured.", action="Wait until it is over.")
        if len(self._measured) >= self._config.measured_at_once:
            self._seating.tally.count(CHECK_MEASUREMENTS, outcome=Overloaded.code)
            raise Overloaded(retry_after_s=RETRY_AFTER_S)
        minute = self._minute(who)
        minute.measurements += 1
        if minute.measurements > MEASUREMENTS_A_MINUTE:
            self._seating.tally.count(CHECK_MEASUREMENTS, outcome=LimitReached.code)
            raise self._too_often(minute)
        self._measured.add(who)
        try:
            yield
        finally:
            self._measured.discard(who)
        self._seating.tally.count(CHECK_MEASUREMENTS, outcome="measured")

    def _minute(self, who: Who) -> _Minute:
        """Give what a person has done in this minute, however many checks they begin."""
        now_ns = self._seating.clock.now_ns()
        minute = self._minutes.get(who)
        if minute is None or now_ns - minute.begun_ns >= MINUTE_NS:
            minute = self._minutes[who] = _Minute(now_ns)
            self._minutes.move_to_end(who)
        while len(self._minutes) > MOST_REMEMBERED:
            self._minutes.popitem(last=False)
        return minute

    def _too_often(self, minute: _Minute) -> LimitReached:
        left_ns = minute.begun_ns + MINUTE_NS - self._seating.clock.now_ns()
        return LimitReached(
            "This has been checked often enough for now.",
            action="Try again in a minute.",
            retry_after_s=round(seconds_of_ns(left_ns), 1),
        )
