"""Two receivers of one camera behind one link, in virtual time: the policy, and what it meets.

What a burst of either finds is what the other leaves. When both are sent more than the link carries
for half a second, each estimate falls to its share of it, and for a second less than that is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from relay.ids import LegId, SlotId, TrackId
from relay.layers.encoding import AnnouncedLayer
from relay.layers.room_layers import RoomLayers
from tests.unit.relay.layers.cameras import CAMERA

TICK_S = 0.1
S = 1_000_000
DOCTOR, PATIENT, CARER = LegId(1), LegId(2), LegId(3)
FACE = TrackId(9)
SLOTS = {PATIENT: SlotId(7), CARER: SlotId(8)}
LASTS_S = 180
JUDGED_FROM_S = 20

SMALL_CAMERA: Sequence[AnnouncedLayer] = (
    # 640x360 in Chromium, which makes two encodings of it.
    (0, 0, 640, 360, 25, [680, 1020, 1700]),
    (1, 0, 320, 180, 25, [80, 120, 200]),
)


@dataclass
class Path:
    """What the relay believes of one of them."""

    estimate_bps: float = 300e3
    low_until_s: float = 0.0

    def rate_bps(self, now_s: float) -> float:
        """Give what may be sent: less while a queue empties."""
        return self.estimate_bps if now_s >= self.low_until_s else 0.6 * self.estimate_bps


@dataclass
class SharedLink:
    """The room, and its link."""

    capacity_bps: float
    camera: Sequence[AnnouncedLayer]
    room: RoomLayers = field(default_factory=RoomLayers)
    paths: dict[LegId, Path] = field(default_factory=lambda: {leg: Path() for leg in SLOTS})
    full_since_s: float | None = None
    sent: dict[LegId, float] = field(default_factory=lambda: dict.fromkeys(SLOTS, 0.0))
    """Bits, while it is judged."""
    changes: int = 0

    def run(self) -> SharedLink:
        """Let them watch."""
        room = self.room
        for leg in (DOCTOR, *SLOTS):
            room.admit(leg, 300e3, 1_000 * leg)
            room.speak(leg, 1, repeats=True)
        room.publish(DOCTOR, FACE, 0, encodings=len(self.camera))
        for encoding in range(len(self.camera)):
            room.start(FACE, encoding)
        room.announce_untrusted(FACE, self.camera)
        for leg, slot in SLOTS.items():
            room.bind(leg, slot, FACE)
        for tick in range(round(LASTS_S / TICK_S)):
            self._step(tick)
        return self

    @property
    def use(self) -> float:
        """Give the share of the link that was used."""
        return sum(self.sent.values()) / (LASTS_S - JUDGED_FROM_S) / self.capacity_bps

    @property
    def ratio(self) -> float:
        """Give how much more one had than the other."""
        return max(self.sent.values()) / min(self.sent.values())

    def _step(self, tick: int) -> None:
        now_s = tick * TICK_S
        standing = {leg: self.room.standing(leg) for leg in SLOTS}
        sent_bps = {leg: each.video_bps + each.audio_bps for leg, each in standing.items()}
        self._learn(tick, sent_bps)
        for leg, path in self.paths.items():
            self.room.hold(leg, path.estimate_bps, 0.0)
        rates_bps = {leg: path.rate_bps(now_s) for leg, path in self.paths.items()}
        said = self.room.update(rates_bps, round(now_s * S))
        for publish in said.publishes.values():
            self._encode(publish.max_bitrate_bps[0])
        if now_s >= JUDGED_FROM_S:
            self.changes += len(said.choices)
            for leg, bps in sent_bps.items():
                self.sent[leg] += bps * TICK_S

    def _learn(self, tick: int, sent_bps: dict[LegId, int]) -> None:
        """Tell each path what its bursts find, or that the link is full."""
        now_s, total_bps = tick * TICK_S, sum(sent_bps.values())
        is_full = total_bps > self.capacity_bps
        burst_every = 10 if now_s < 4 else 50
        for leg, path in self.paths.items():
            if is_full or now_s < path.low_until_s:
                continue
            if tick % burst_every == 0:
                left_bps = self.capacity_bps - (total_bps - sent_bps[leg])
                found_bps = min(2 * path.estimate_bps, left_bps)
                path.estimate_bps = max(path.estimate_bps, found_bps)
            if path.estimate_bps < 1.5 * sent_bps[leg]:
                path.estimate_bps *= 1.008
        if not is_full:
            self.full_since_s = None
        elif self.full_since_s is None:
            self.full_since_s = now_s
        elif now_s - self.full_since_s > 0.5:
            self.full_since_s = None
            for leg, path in self.paths.items():
                path.estimate_bps = 0.92 * self.capacity_bps * sent_bps[leg] / total_bps
                path.low_until_s = now_s + 1

    def _encode(self, most_bps: int) -> None:
        """Have the camera's best encoding make no more, and say so."""
        best = self.camera[0]
        share = min(1.0, most_bps / 1_000 / best[5][-1])
        layers = [round(kbit_s * share) for kbit_s in best[5]]
        self.room.announce_untrusted(FACE, [(*best[:5], layers), *self.camera[1:]])


@pytest.mark.parametrize("capacity_bps", [1.2e6, 1.8e6])
def test_both_have_a_picture_that_is_made_for_their_link(capacity_bps: float) -> None:
    """Where it is not made so, 45 and 38 % of these links are used: two small pictures."""
    link = SharedLink(capacity_bps, SMALL_CAMERA).run()
    assert link.ratio < 1.5
    assert link.use > 0.7
    assert link.changes <= 24, "of both, in 160 s: each try costs some"


def test_a_link_that_carries_both_whole_is_left_alone() -> None:
    link = SharedLink(4.5e6, SMALL_CAMERA).run()
    assert link.ratio < 1.1
    assert link.changes == 0


def test_two_who_have_all_of_a_picture_but_half_its_frames_keep_it() -> None:
    link = SharedLink(2.5e6, CAMERA).run()
    assert link.ratio < 1.1
    assert link.use > 0.75
    assert link.changes == 0
