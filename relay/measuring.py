"""Once a second, judge how everybody's media travels, and tell the room when that changes.

Reads the engine's latest figures; the judging itself is `relay.quality`. Called by `relay.service`.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakKeyDictionary

from relay.ids import TrackId
from relay.legs import NO_TRACK, Leg
from relay.metrics.table import LOSS, RTT
from relay.open_rooms import OpenRoom, Place
from relay.ports import Reports, SlotReport, TrackReport
from relay.quality import Sample
from relay.rooms.events import Direction, QualityChanged, SpeakingChanged
from relay.rooms.permissions import Kind
from relay.units import NS_PER_MS, US_PER_MS, ratio_of_q8

SILENT_AFTER_MS: Final = 3_000
"""Opus sends at least every 400 ms while it is discontinuous; 3 s without a packet is a fault."""

DEAF_AFTER_MS: Final = 8_000
"""Receivers report every 5 s at the least (RFC 3550 §6.2), give or take half."""


@dataclass(slots=True)
class _Totals:
    """Where a leg's counts stood at the last round."""

    received: int = 0
    lost: int = 0
    sent: dict[int, int] = field(default_factory=dict)


class Measuring:
    """Samples legs against their last round."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self._totals: MutableMapping[Leg, _Totals] = WeakKeyDictionary()

    def judge(self, room: OpenRoom) -> None:
        """Take one sample of everybody in a room and tell what has changed."""
        for place in list(room.places.values()):
            leg = place.source_leg()
            if leg is None or leg.secured_ns is None:
                self._judge_absent(place)
                continue
            totals = self._totals.setdefault(leg, _Totals())
            rtt_ms = self._rtt_ms(leg)
            ingress = self._ingress(place, leg, totals, rtt_ms)
            egress = self._egress(leg, totals, rtt_ms)
            if rtt_ms is not None:
                room.tally.observe(RTT, rtt_ms / 1_000)
            if ingress is not None:
                room.tally.observe(LOSS, ingress.loss_ratio, direction="ingress")
                self._tell(place, "from", ingress)
            if egress is not None:
                room.tally.observe(LOSS, egress.loss_ratio, direction="egress")
                self._tell(place, "towards", egress)

    def _judge_absent(self, place: Place) -> None:
        """Somebody who publishes and has no leg is silent, once they have ever been heard."""
        if place.connected_once and place.participant.publications:
            self._tell(place, "from", Sample(0.0, None, silent=True))

    def _ingress(
        self, place: Place, leg: Leg, totals: _Totals, rtt_ms: float | None
    ) -> Sample | None:
        """What arrives from somebody; `None` while they send nothing on purpose."""
        rows = [row for sending in leg.sending.values() for row in self._rows(sending.track)]
        received, lost = sum(row[2] for row in rows), sum(row[4] for row in rows)
        fresh_received = max(0, received - totals.received)
        fresh_lost = max(0, lost - totals.lost)
        totals.received, totals.lost = received, lost
        judged = self._judged(place, leg)
        if not judged:
            return None
        expected = fresh_received + fresh_lost
        loss_ratio = fresh_lost / expected if expected else 0.0
        silent_ms = max(judged)
        return Sample(loss_ratio, rtt_ms, silent=silent_ms >= SILENT_AFTER_MS)

    def _judged(self, place: Place, leg: Leg) -> list[int]:
        """How long the tracks by which somebody is judged have been silent, in ms.

        The voice, where there is one that is not muted: a moving picture must not hide that nobody
        hears. Otherwise the pictures.
        """
        assert leg.secured_ns is not None
        now_ns = place.room.clock.now_ns()
        silences: dict[Kind, list[int]] = {Kind.AUDIO: [], Kind.VIDEO: []}
        for publication in place.participant.publications.values():
            sending = leg.sending.get(publication.id)
            if sending is None or publication.muted:
                continue
            age_ms = (now_ns - max(sending.since_ns, leg.secured_ns)) // NS_PER_MS
            rows = self._rows(sending.track)
            silent_ms = min((row[7] for row in rows if row[2]), default=age_ms)
            silences[publication.kind].append(min(silent_ms, age_ms))
        return silences[Kind.AUDIO] or silences[Kind.VIDEO]

    def _egress(self, leg: Leg, totals: _Totals, rtt_ms: float | None) -> Sample | None:
        """How somebody says they receive; `None` while nothing is sent to them."""
        reports = list(self._slot_reports(leg))
        fresh = {row[0]: row[1] - totals.sent.get(row[0], 0) for row in reports}
        totals.sent = {row[0]: row[1] for row in reports}
        sent = sum(fresh.values())
        heard = [row for row in reports if 0 <= row[7] < DEAF_AFTER_MS]
        if not sent or not any(row[7] >= 0 for row in reports):
            return None
        if not heard:
            return Sample(0.0, rtt_ms, silent=True)
        weight = sum(fresh[row[0]] for row in heard)
        lost = sum(ratio_of_q8(row[3]) * fresh[row[0]] for row in heard)
        return Sample(lost / weight if weight else 0.0, rtt_ms, silent=False)

    def _rtt_ms(self, leg: Leg) -> float | None:
        """The freshest round trip of any slot."""
        known = [row for row in self._slot_reports(leg) if row[6] >= 0 and row[7] >= 0]
        freshest = min(known, key=lambda row: row[7], default=None)
        return None if freshest is None else freshest[6] / US_PER_MS

    def _rows(self, track: TrackId) -> list[TrackReport]:
        return list(self._reports.tracks.get(track, ()))

    def _slot_reports(self, leg: Leg) -> Iterator[SlotReport]:
        for slot in leg.slots.values():
            report = self._reports.slots.get(slot.id)
            if report is not None and slot.track != NO_TRACK:
                yield report

    def _tell(self, place: Place, direction: Direction, sample: Sample) -> None:
        verdict = place.judges[direction].hear(sample)
        if verdict is None:
            return
        who, room = place.participant.id, place.room
        room.tell_all(QualityChanged(who, direction, verdict, sample.loss_ratio, sample.rtt_ms))
        if direction == "from" and verdict == "silent" and place.speaking:
            place.speaking = False
            room.tell_all(SpeakingChanged(who, speaking=False))
