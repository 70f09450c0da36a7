"""Rates as the estimator gives them, in virtual time: how soon what is sent follows.

The bars of the adaptation's downlink that are the policy's own: down in the same tick, pictures
paused within two seconds, back within ten of a rate that permits it, at the top four seconds after
the start.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from relay.ids import LegId, SlotId, TrackId
from relay.layers.ladder import ALL_LAYERS, Keeps
from relay.layers.receiver import Carried, Choice
from relay.layers.room_layers import RoomLayers
from relay.layers.state import Pause
from tests.unit.relay.layers.cameras import CAMERA

TICK_US = 100_000
SECOND_US = 1_000_000
DOCTOR, PATIENT, CARER = LegId(1), LegId(2), LegId(3)
FACE, SLOT = TrackId(9), SlotId(7)
TOP = Carried(0, ALL_LAYERS, 0)

SHARED_S = 600

Rate = Callable[[float], float]
"""What may be sent, by the time in seconds."""


@dataclass
class Course:
    """What happened in a room of three, where the patient's path is the one that changes."""

    rate: Rate
    keeps: Keeps = Keeps.MOTION
    room: RoomLayers = field(default_factory=RoomLayers)
    choices: list[tuple[float, Choice]] = field(default_factory=list)
    """Each change of the patient's picture, and when, in seconds."""

    def run(self, seconds: float) -> Course:
        room = self.room
        for leg in (DOCTOR, PATIENT, CARER):
            room.admit(leg, 300_000.0, 0)
            room.speak(leg, 1, repeats=True)
        room.publish(DOCTOR, FACE, 0, encodings=3, keeps=self.keeps)
        for encoding in range(3):
            room.start(FACE, encoding)
        room.announce_untrusted(FACE, CAMERA)
        room.bind(PATIENT, SLOT, FACE)
        room.bind(CARER, SlotId(8), FACE)
        for tick in range(round(seconds * SECOND_US / TICK_US)):
            now_s = tick * TICK_US / SECOND_US
            rate_bps = self.rate(now_s)
            if tick % 10 == 0:
                room.hear(PATIENT, 0.0, tick * TICK_US)
            said = room.update({PATIENT: rate_bps, CARER: 3e6}, tick * TICK_US)
            if SLOT in said.choices:
                self.choices.append((now_s, said.choices[SLOT]))
            standing = room.standing(PATIENT)
            assert not standing.video_bps or standing.video_bps + standing.audio_bps <= rate_bps
        return self

    def first(self, since_s: float, wanted: Iterable[Choice]) -> float:
        """Give how long after a moment one of some choices was made."""
        some = list(wanted)
        times = (at_s for at_s, what in self.choices if at_s >= since_s and what in some)
        return next(times) - since_s

    def way_down(self, since_s: float) -> list[tuple[int, int]]:
        """Give the encodings and temporal layers that were sent from a moment on, in order."""
        carried = [what for at_s, what in self.choices if at_s >= since_s]
        return [(what.encoding, what.temporal) for what in carried if isinstance(what, Carried)]

    def at(self, when_s: float) -> Choice:
        """Give what the patient was sent at a moment."""
        return [what for at_s, what in self.choices if at_s <= when_s][-1]


def rising(begin_bps: float, begin_s: float, most_bps: float) -> Rate:
    """Rise from a rate by bursts that see twice as much each second, as the estimator's."""
    return lambda now_s: min(begin_bps * 2.0 ** int(now_s - begin_s), most_bps)


def drop_and_restore(now_s: float) -> float:
    """2.5, 0.5, 2.5 Mbit/s at 0, 30, 60 s; a queue is drained for two seconds after the drop."""
    if now_s < 30:
        return rising(300e3, 0, 2.4e6)(now_s)
    if now_s < 60:
        return 0.2e6 if now_s < 32 else 0.47e6
    return rising(0.47e6, 60, 2.4e6)(now_s)


def test_the_schedule_of_a_drop_and_its_end() -> None:
    course = Course(drop_and_restore).run(90)
    assert course.first(0, [TOP]) <= 4.0
    assert course.choices[-1][1] == TOP
    fallen_s, fallen = next((at_s, what) for at_s, what in course.choices if at_s >= 30)
    assert fallen_s == 30.0, "in the same tick"
    assert isinstance(fallen, Carried)
    assert fallen.encoding == 2
    drained = course.at(59)
    assert isinstance(drained, Carried)
    assert drained.encoding == 2, "all of it fits beside sound, and no more does"
    assert drained.temporal == ALL_LAYERS
    assert course.first(60, [TOP]) <= 4.0
    steady = [at_s for at_s, _ in course.choices if 10 <= at_s < 30 or 35 <= at_s < 60]
    assert steady == [], "nothing changes while the rate does not"


def test_100_kbit_s_pauses_the_picture_and_gives_it_back() -> None:
    def rate(now_s: float) -> float:
        if now_s < 20:
            return rising(300e3, 0, 2.4e6)(now_s)
        if now_s < 50:
            return 0.09e6
        return rising(0.09e6, 50, 2.4e6)(now_s)

    course = Course(rate).run(80)
    assert course.first(20, [Pause.LOW_RATE]) == 0.0
    assert course.at(49) is Pause.LOW_RATE
    allowed_s = 51.0  # 180 kbit/s: the smallest layer beside sound, with its margin
    shown = (at_s for at_s, what in course.choices if at_s >= 50 and isinstance(what, Carried))
    shown_s = next(shown)
    assert allowed_s <= shown_s <= allowed_s + 2.2
    assert course.first(50, [TOP]) <= 10.0


def test_a_link_that_comes_and_goes_is_followed_less_and_less_hastily() -> None:
    """A picture that comes and goes is worse than none: thirteen promises, and few tries."""
    course = Course(lambda now_s: 2.4e6 if int(now_s / 9) % 2 else 0.3e6).run(240)
    tries_s = [at_s for at_s, what in course.choices if what == TOP]
    assert round(tries_s[0] % 18 - 9, 3) <= 1.0
    assert len(tries_s) <= 5
    between_s = [after_s - before_s for before_s, after_s in pairwise(tries_s)]
    assert min(between_s, default=math.inf) >= 15.0


def shared(capacity_bps: float) -> tuple[list[list[tuple[float, Choice]]], float]:
    """Two receivers of one picture behind one link, each of which believes that it has it alone.

    A burst measures what the other leaves while it sends little. As soon as more is sent than the
    link carries, both estimates fall to half of that; a second later bursts promise all of it anew.

    Returns:
        What each is sent, with when; and what both are sent in the mean, bit/s.

    """
    room = RoomLayers()
    changes: list[list[tuple[float, Choice]]] = [[], []]
    legs, slots = (PATIENT, CARER), (SLOT, SlotId(8))
    for leg in (DOCTOR, *legs):
        room.admit(leg, 300_000.0, 1_000 * leg)
        room.speak(leg, 1, repeats=True)
    room.publish(DOCTOR, FACE, 0, encodings=3)
    for encoding in range(3):
        room.start(FACE, encoding)
    room.announce_untrusted(FACE, CAMERA)
    for leg, slot in zip(legs, slots, strict=True):
        room.bind(leg, slot, FACE)
    full_since_us: int | None = None
    calm_at_us, sent_bps = 0, 0.0
    for now_us in range(0, SHARED_S * SECOND_US, TICK_US):
        rate_bps = capacity_bps if now_us >= calm_at_us else 0.3 * capacity_bps
        said = room.update(dict.fromkeys(legs, rate_bps), now_us)
        for which, slot in enumerate(slots):
            if slot in said.choices:
                changes[which].append((now_us / SECOND_US, said.choices[slot]))
        standing = [room.standing(leg) for leg in legs]
        now_bps = sum(each.video_bps + each.audio_bps for each in standing)
        sent_bps += now_bps * TICK_US / SHARED_S / SECOND_US
        if now_bps <= capacity_bps:
            full_since_us = None
        elif full_since_us is None:
            full_since_us = now_us
        if full_since_us is not None and now_us - full_since_us >= 300_000:
            full_since_us, calm_at_us = None, now_us + SECOND_US
    return changes, sent_bps


def test_two_behind_one_link_do_not_push_one_another_down_again_and_again() -> None:
    """Each try costs both of them some changes, and there is none every few seconds."""
    changes, sent_bps = shared(2.5e6)
    for each in changes:
        steady_s = [at_s for at_s, _ in each if at_s >= 30]
        assert len(steady_s) <= 120
        assert sum(at_s >= SHARED_S / 2 for at_s in steady_s) <= 60
    assert sent_bps > 0.5 * 2.5e6


def narrowing(now_s: float) -> float:
    """A path that carries everything for 20 s, and then an eighth less every 5 s."""
    if now_s < 20:
        return rising(300e3, 0, 2.4e6)(now_s)
    return max(2.4e6 * math.pow(0.875, (now_s - 15) // 5), 0.13e6)


def test_on_a_path_that_narrows_sign_language_gets_smaller_first_and_jerks_last() -> None:
    down = Course(narrowing, Keeps.MOTION).run(130).way_down(20)
    assert down == [(1, ALL_LAYERS), (2, ALL_LAYERS), (2, 1), (2, 0)]


def test_on_a_path_that_narrows_a_detail_camera_jerks_first_and_gets_smaller_last() -> None:
    down = Course(narrowing, Keeps.DETAIL).run(130).way_down(20)
    assert down == [(0, 1), (0, 0), (1, 0), (2, 0)]
