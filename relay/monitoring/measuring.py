"""Once a second, judge how everybody's media travels, and tell the room when that changes.

Reads the engine's latest figures; the judging itself is `relay.places.quality`. Called by
`relay.service`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from relay.ids import PublicationId
from relay.legs.leg import NO_TRACK, Leg
from relay.metrics.table import BANDWIDTH, LOSS, RTT
from relay.metrics.tally import Tally
from relay.places.open_rooms import OpenRoom, Place
from relay.places.quality import Sample, Totals, is_troubled
from relay.ports import Reports
from relay.rooms.events import Direction, QualityChanged, SpeakingChanged
from relay.rooms.happenings import Happening, HappeningKind, about
from relay.rooms.permissions import Kind
from relay.units import NS_PER_MS, US_PER_MS, ratio_of_q8

SILENT_AFTER_MS: Final = 3_000
"""Opus sends at least every 400 ms while it is discontinuous; 3 s without a packet is a fault."""

DEAF_AFTER_MS: Final = 8_000
"""Receivers report every 5 s at the least (RFC 3550 §6.2), give or take half."""

_NEVER_MS: Final = 2**63
"""Older than any report can be."""


class Measuring:
    """Samples legs against their last round; runs for everybody every second, so in one pass."""

    def __init__(
        self, reports: Reports, tally: Tally, happened: Callable[[Happening], None]
    ) -> None:
        self._reports = reports
        self._happened = happened
        self._rtt = tally.distribution(RTT)
        self._bandwidth_bps = tally.distribution(BANDWIDTH)
        self._ingress_loss = tally.distribution(LOSS, direction="ingress")
        self._egress_loss = tally.distribution(LOSS, direction="egress")

    def judge(self, room: OpenRoom) -> None:
        """Take one sample of everybody in a room and tell what has changed."""
        now_ns = room.clock.now_ns()
        for place in list(room.places.values()):
            leg = place.source_leg()
            if leg is None or leg.secured_ns is None:
                self._judge_absent(place)
                continue
            if place.totals.leg != leg.id:
                place.totals = Totals(leg.id)
            rtt_ms, egress = self._reported(leg, place.totals)
            ingress = self._ingress(place, leg, now_ns, rtt_ms)
            if rtt_ms is not None:
                self._rtt.observe(rtt_ms / 1_000)
            if (estimate := self._reports.estimates.get(leg.id)) is not None:
                self._bandwidth_bps.observe(estimate.estimate_bps)
            if ingress is not None:
                self._ingress_loss.observe(ingress.loss_ratio)
                self._tell(place, "from", ingress)
            if egress is not None:
                self._egress_loss.observe(egress.loss_ratio)
                self._tell(place, "towards", egress)

    def _judge_absent(self, place: Place) -> None:
        """Somebody who publishes and has no leg is silent, once they have ever been heard."""
        if place.connected_once and place.participant.publications:
            self._tell(place, "from", Sample(0.0, None, silent=True))

    def _ingress(self, place: Place, leg: Leg, now_ns: int, rtt_ms: float | None) -> Sample | None:
        """What arrives from somebody; `None` while they send nothing on purpose.

        They are judged by the silence of their voice, where there is one that is not muted: a
        moving picture must not hide that nobody hears. Otherwise by that of their pictures.
        """
        assert leg.secured_ns is not None
        received = lost = 0
        silent_ms: dict[PublicationId, int] = {}
        for publication, sending in leg.sending.items():
            shortest_ms = (now_ns - max(sending.since_ns, leg.secured_ns)) // NS_PER_MS
            for row in self._reports.tracks.get(sending.track, ()):
                received += row[2]
                lost += row[4]
                if row[2] and row[7] < shortest_ms:
                    shortest_ms = row[7]
            silent_ms[publication] = shortest_ms
        totals = place.totals
        fresh_received = max(0, received - totals.received)
        fresh_lost = max(0, lost - totals.lost)
        totals.received, totals.lost = received, lost
        voices_ms: list[int] = []
        pictures_ms: list[int] = []
        for own in place.participant.publications.values():
            if own.id in silent_ms and not own.muted and not place.is_idle(own.id):
                judged_ms = voices_ms if own.kind is Kind.AUDIO else pictures_ms
                judged_ms.append(silent_ms[own.id])
        if not voices_ms and not pictures_ms:
            return None
        expected = fresh_received + fresh_lost
        loss_ratio = fresh_lost / expected if expected else 0.0
        return Sample(loss_ratio, rtt_ms, max(voices_ms or pictures_ms) >= SILENT_AFTER_MS)

    def _reported(self, leg: Leg, totals: Totals) -> tuple[float | None, Sample | None]:
        """The freshest round trip of any slot, in ms, and how somebody says they receive.

        No sample while nothing is sent to them, or they have never reported.
        """
        before, totals.sent = totals.sent, {}
        sent = heard_sent = 0
        heard_lost = 0.0
        freshest_ms = rtt_age_ms = _NEVER_MS
        rtt_ms = None
        for slot in leg.slots.values():
            row = self._reports.slots.get(slot.id)
            if row is None or slot.track == NO_TRACK:
                continue
            fresh = row[1] - before.get(slot.id, 0)
            totals.sent[slot.id] = row[1]
            sent += fresh
            age_ms = row[7]
            if age_ms < 0:
                continue
            freshest_ms = min(freshest_ms, age_ms)
            if age_ms < DEAF_AFTER_MS:
                heard_sent += fresh
                heard_lost += ratio_of_q8(row[3]) * fresh
            if row[6] >= 0 and age_ms < rtt_age_ms:
                rtt_age_ms, rtt_ms = age_ms, row[6] / US_PER_MS
        if not sent or freshest_ms == _NEVER_MS:
            return rtt_ms, None
        if freshest_ms >= DEAF_AFTER_MS:
            return rtt_ms, Sample(0.0, rtt_ms, silent=True)
        loss_ratio = heard_lost / heard_sent if heard_sent else 0.0
        return rtt_ms, Sample(loss_ratio, rtt_ms, silent=False)

    def _tell(self, place: Place, direction: Direction, sample: Sample) -> None:
        before = place.judges[direction].verdict
        verdict = place.judges[direction].hear(sample)
        if verdict is None:
            return
        who, room = place.participant.id, place.room
        if is_troubled(before) is not is_troubled(verdict):
            kind: HappeningKind = "degraded" if is_troubled(verdict) else "recovered"
            told = about(kind, room.model.id, place.participant, verdict)
            self._happened(replace(told, direction=direction))
        changed = QualityChanged(who, direction, verdict, sample.loss_ratio, sample.rtt_ms)
        place.tell(changed)
        room.tell_reached(who, changed)
        if direction == "from" and verdict == "silent" and place.speaking:
            place.speaking = False
            place.tell(SpeakingChanged(who, speaking=False))
            room.tell_reached(who, SpeakingChanged(who, speaking=False))
