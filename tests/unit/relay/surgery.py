"""A house whose rooms are adapted: paths, losses and rounds are a test's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relay.adaptation.adapting import Adapting
from relay.rooms.permissions import Role, Source
from relay.workers.engine_leg import Reports
from relay.workers.estimate import Estimate

if TYPE_CHECKING:
    from tests.unit.relay.conftest import House, Person

PACKETS_A_SECOND = 50
"""Of one voice."""


class Surgery:
    """A house whose rooms are adapted, and estimates as a test wants them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.reports = Reports()
        self.adapting = Adapting(house.clock, self.reports, house.tally)
        house.seating.rerouted = self.adapting.follow

    async def enters(
        self, identity: str, role: Role = Role.PATIENT, sdp: str | None = None
    ) -> Person:
        """Somebody who sends and receives all there is."""
        person = self.house.enters(identity, role)
        await (person.connect() if sdp is None else person.connect(sdp))
        return person

    async def two(self) -> tuple[Person, Person]:
        """A practitioner and a patient, who see and hear one another."""
        return await self.enters("a", Role.PRACTITIONER), await self.enters("b")

    def carries(self, person: Person, rate_bps: int, owed_bps: int = 0) -> None:
        """Let the engine tell what somebody's path carries, and what it is owed."""
        known = self._known(person)
        estimate = known._replace(rate_bps=rate_bps, estimate_bps=rate_bps, owed_bps=owed_bps)
        self.reports.estimates[estimate.leg] = estimate
        self.adapting.heed([estimate.leg])

    def loses(self, person: Person, share: float, seconds: int) -> None:
        """Let so much of somebody's sound be lost for so long."""
        for _ in range(seconds):
            known = self._known(person)
            self.reports.estimates[known.leg] = known._replace(
                sound_told=known.sound_told + PACKETS_A_SECOND,
                sound_lost=known.sound_lost + round(share * PACKETS_A_SECOND),
            )
            self.passes()

    def passes(self, seconds: int = 1) -> None:
        """Let time pass, with the rounds of each second."""
        for _ in range(seconds):
            self.house.clock.move(1)
            for room in list(self.house.seating.rooms.values()):
                self.adapting.measure(room)

    def arrives(self, person: Person, *encodings: int) -> None:
        """Let encodings of somebody's camera arrive."""
        assert person.place.leg is not None
        track = person.place.leg.track_of(person.track(Source.CAMERA))
        self.reports.arriving[track] = frozenset(encodings)
        self.reports.tracks[track] = [
            (track, each, 50, 50_000, 0, 0, 1, 5, []) for each in encodings
        ]
        self.adapting.follow(person.place.room)

    def sends(self, person: Person, packets: int, rtp_bytes: int) -> None:
        """Let the engine report what has come of somebody's best encoding so far."""
        assert person.place.leg is not None
        track = person.place.leg.track_of(person.track(Source.CAMERA))
        self.reports.tracks[track] = [(track, 0, packets, rtp_bytes, 0, 0, 1, 5, [])]
        self.reports.filed_ns[track] = self.house.clock.now_ns()

    def announces(self, person: Person, *kbit_s: int) -> None:
        """Let somebody's browser say what it sends, by temporal layer."""
        assert person.place.leg is not None
        track = person.place.leg.track_of(person.track(Source.CAMERA))
        self.reports.layers[track] = [(0, 0, 640, 360, 25, list(kbit_s))]

    def _known(self, person: Person) -> Estimate:
        leg = person.leg.id
        return self.reports.estimates.get(leg, Estimate(leg, 2_000_000, 2_000_000, 0))
