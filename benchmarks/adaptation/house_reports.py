"""What the engine reports of a full house's media once a second, as it reports it: in eighths.

Rows as codecs/forward/src/control/figures.rs tells them: of every encoding, and of every slot that
carries something. All flows evenly and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeAlias

from relay.engine import Event
from relay.legs.leg import NO_TRACK, Leg
from relay.rooms.permissions import Kind
from relay.workers.rows import SlotReport, TrackReport

PARTS: Final = 8
"""As there."""

PACKETS_A_SECOND: Final = {Kind.AUDIO: 50, Kind.VIDEO: 150}
BYTES_A_PACKET: Final = {Kind.AUDIO: 120, Kind.VIDEO: 1_100}
REPORT_AGE_MS: Final = 200
ROUND_TRIP_US: Final = 40_000

_Sent: TypeAlias = tuple[int, Kind, int]
"""Track, what it is made of, and how many encodings come."""


def reports(legs: Iterable[tuple[Leg, int]], seconds: int) -> list[Event.Report]:
    """Give what is told in each eighth of so many seconds, in order.

    Args:
        legs: Everybody's, with the number of encodings that each sends of a picture.
        seconds: For how long.

    """
    tracks: list[list[_Sent]] = [[] for _ in range(PARTS)]
    slots: list[list[tuple[int, Kind]]] = [[] for _ in range(PARTS)]
    for leg, encodings in legs:
        kinds = {media.mid: media.kind for media in leg.negotiated.media}
        for sending in leg.sending.values():
            kind = Kind(kinds[sending.mid])
            count = encodings if kind is Kind.VIDEO else 1
            tracks[sending.track % PARTS].append((sending.track, kind, count))
        for slot in leg.slots.values():
            if slot.track != NO_TRACK:
                slots[slot.id % PARTS].append((slot.id, slot.kind))
    return [
        _report(tracks[part], slots[part], second + 1)
        for second in range(seconds)
        for part in range(PARTS)
    ]


def _report(
    tracks: Iterable[_Sent], slots: Iterable[tuple[int, Kind]], second: int
) -> Event.Report:
    track_rows: list[TrackReport] = []
    for track, kind, encodings in tracks:
        packets, size = _flowed(kind, second)
        layers = [(0, 0, size // 2), (0, 1, size)]
        track_rows.extend(
            (track, encoding, packets, size, 0, 2_000, second, 10, layers)
            for encoding in range(encodings)
        )
    slot_rows: list[SlotReport] = []
    for slot, kind in slots:
        packets, size = _flowed(kind, second)
        slot_rows.append((slot, packets, size, 0, 0, 2_000, ROUND_TRIP_US, REPORT_AGE_MS, 0, 0, 0))
    return Event.Report(worker=0, tracks=track_rows, slots=slot_rows)


def _flowed(kind: Kind, seconds: int) -> tuple[int, int]:
    packets = PACKETS_A_SECOND[kind] * seconds
    return packets, packets * BYTES_A_PACKET[kind]
