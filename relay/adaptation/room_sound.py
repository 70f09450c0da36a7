"""Carry out what `relay.layers` decides about sound, and find out what of it was lost.

One object for each adapted room: how often packets repeat a frame goes to the engine, how large a
voice should be made to its publisher's page. Called by `relay.adaptation.adapting`. Starts no task.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from relay.ids import LegId
from relay.layers.audio import OPUS_BPS
from relay.layers.changes import Changes
from relay.legs.leg import NO_TRACK, Leg
from relay.places.open_rooms import Place
from relay.ports import Reports
from relay.rooms.events import SOLE_RID, EncodingChoice, EncodingsChosen
from relay.rooms.permissions import Kind
from relay.units import ratio_of_q8

FEWEST_TOLD: Final = 100
"""Packets of sound, two seconds of one voice: one lost of fewer would count for more than 1 %,
by half of which something begins to be repeated."""

FRESH_MS: Final = 1_000
"""A report that is older was there in the last round."""


@dataclass(slots=True)
class RoomSound:
    """What was decided about one room's sound, and what was heard of it."""

    distances: dict[LegId, int] = field(default_factory=dict)
    """How many earlier frames each packet to a leg carries; 0 where nothing is said."""
    _opus_bps: dict[LegId, int] = field(default_factory=dict)
    """What a leg's voice should be made of; the most where nothing is said."""
    _told: dict[LegId, tuple[int, int]] = field(default_factory=dict)
    """Of each leg, the packets spoken of and lost when its losses were last taken in."""

    def decide(self, changes: Changes) -> None:
        """Remember what has been decided."""
        self.distances |= changes.distances
        self._opus_bps |= changes.opus_bps

    def dismiss(self, leg: LegId) -> None:
        """Forget a leg."""
        self.distances.pop(leg, None)
        self._opus_bps.pop(leg, None)
        self._told.pop(leg, None)

    def loss_ratio(self, leg: Leg, reports: Reports) -> float | None:
        """Give what a leg lost of its sound since this was last said; `None` while that is unknown.

        Transport-wide feedback tells it many times a second. A receiver's reports on sound are
        five seconds apart, and count where there is nothing else.
        """
        estimate = reports.estimates.get(leg.id)
        if estimate is None or not estimate.sound_told:
            return _reported_loss(leg, reports)
        told = (estimate.sound_told, estimate.sound_lost)
        before = self._told.setdefault(leg.id, told)
        packets = told[0] - before[0]
        if packets < FEWEST_TOLD:
            return None
        self._told[leg.id] = told
        return (told[1] - before[1]) / packets

    def ask(self, legs: Iterable[tuple[Place, Leg]]) -> None:
        """Ask for voices of the size that suits the worst path of those who hear them.

        A page that sends what it likes is told nothing. One that reloads is asked once its new leg
        carries.
        """
        for place, leg in legs:
            if place.leg is leg:
                opus_bps = self._opus_bps.get(leg.id, OPUS_BPS[0])
                _ask(place, opus_bps if opus_bps < OPUS_BPS[0] else None)


def _ask(place: Place, max_bps: int | None) -> None:
    for publication in place.participant.publications.values():
        is_bounded = max_bps is not None or publication.id in place.encodings
        if publication.kind is Kind.AUDIO and is_bounded:
            choice = EncodingChoice(SOLE_RID, active=True, max_bps=max_bps)
            place.ask_to_send(EncodingsChosen(publication.id, (choice,)))


def _reported_loss(leg: Leg, reports: Reports) -> float | None:
    """Give the worst that the leg's reports since the last round say of a voice."""
    voices = (s for s in leg.slots.values() if s.kind is Kind.AUDIO and s.track != NO_TRACK)
    rows = (reports.slots.get(slot.id) for slot in voices)
    fresh = (ratio_of_q8(row[3]) for row in rows if row is not None and 0 <= row[7] < FRESH_MS)
    return max(fresh, default=None)
