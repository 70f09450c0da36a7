"""A room's layers: who is sent what, and what publishers are asked for."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from relay.ids import LegId, SlotId, TrackId
from relay.layers.changes import Changes
from relay.layers.demand import Priority
from relay.layers.following import FOLLOWED_LEAST_BPS
from relay.layers.ladder import ALL_LAYERS, Keeps
from relay.layers.publishing import IDLE_US, SETTLED_US, Publish
from relay.layers.receiver import Carried
from relay.layers.room_layers import RoomLayers
from relay.layers.state import Pause, State
from relay.layers.wire_cost import audio_wire_bps
from tests.unit.relay.layers.cameras import CAMERA

TICK_US = 100_000
SECOND_US = 1_000_000
VOICE_BPS = audio_wire_bps(32_000, 0)
DOCTOR, PATIENT, CARER = LegId(1), LegId(2), LegId(3)
ALONE = [(0, 0, 1280, 720, 30, [320, 480, 800])]
FACE, OTHER_FACE, SCREEN = TrackId(11), TrackId(12), TrackId(13)


@dataclass
class Told:
    """Everything that a room's layers have said, and when."""

    room: RoomLayers = field(default_factory=RoomLayers)
    now_us: int = 0
    changes: list[tuple[int, Changes]] = field(default_factory=list)
    publishes: dict[TrackId, Publish] = field(default_factory=dict)

    def tick(self, rates_bps: dict[LegId, float], ticks: int = 1) -> Changes:
        """Go on for so many ticks; give what the first one said."""
        first: Changes | None = None
        for _ in range(ticks):
            said = self.room.update(rates_bps, self.now_us)
            self.changes.append((self.now_us, said))
            self.publishes |= said.publishes
            self.now_us += TICK_US
            first = first or said
        assert first is not None
        return first

    def rembs(self, leg: LegId) -> list[tuple[int, int]]:
        """Give every REMB a leg was sent, with its time."""
        return [
            (now_us, said.remb_bps[leg]) for now_us, said in self.changes if leg in said.remb_bps
        ]


def consultation(*others: LegId) -> Told:
    """Give a doctor's camera, as the patient and others are bound to receive it."""
    told = Told()
    for leg in (DOCTOR, PATIENT, *others):
        told.room.admit(leg, 300_000.0, 0)
        told.room.speak(leg, 1 + len(others), repeats=True)
    told.room.publish(DOCTOR, FACE, 0, encodings=3)
    told.room.start(FACE, 0)
    told.room.announce_untrusted(FACE, ALONE)
    for leg in (PATIENT, *others):
        told.room.bind(leg, SlotId(leg), FACE)
    return told


def test_in_a_consultation_of_two_the_encoder_is_told_what_the_path_carries() -> None:
    told = consultation()
    first = told.tick({PATIENT: 1e6})
    assert first.publishes[FACE].active == (True, False, False)
    assert first.choices == {SlotId(PATIENT): Carried(0, ALL_LAYERS, 0)}
    assert first.states[PATIENT] is State.FOLLOWED
    assert first.useful_bps[PATIENT] > 2.5e6
    told.tick({PATIENT: 1e6}, 40)
    cap_bps = round(0.95e6)  # what the patient's own path leaves, sound taken off and put on again
    assert told.rembs(DOCTOR) == [(2 * SECOND_US, cap_bps)]
    told.tick({PATIENT: 0.5e6})
    assert told.rembs(DOCTOR)[-1] == (told.now_us - TICK_US, round(0.475e6))


def test_upper_layers_make_room_for_what_waits_and_the_encoder_is_told_nothing() -> None:
    told = consultation()
    told.tick({PATIENT: 0.3e6}, 30)
    told.room.measure(FACE, {0: (1, 1, 10, ())}, told.now_us)
    told.room.measure(FACE, {0: (31, 28_001, 10, ())}, told.now_us + SECOND_US)
    told.tick({PATIENT: 0.3e6})
    told.room.hold(PATIENT, 0.3e6, 0.17e6)
    owed = told.tick({PATIENT: 0.3e6})
    assert not owed.remb_bps
    assert owed.choices == {SlotId(PATIENT): Carried(0, 0, 0)}
    told.room.hold(PATIENT, 0.3e6, 0.02e6)
    assert not told.tick({PATIENT: 0.3e6}).choices, "until nothing waits"
    told.room.hold(PATIENT, 0.3e6, 0.0)
    assert told.tick({PATIENT: 0.3e6}).choices == {SlotId(PATIENT): Carried(0, ALL_LAYERS, 0)}


def test_a_rate_that_dips_for_a_moment_is_hardly_told() -> None:
    told = consultation()
    told.tick({PATIENT: 1e6}, 30)
    told.room.hold(PATIENT, 1e6, 0.0)
    assert told.tick({PATIENT: 0.3e6}).remb_bps == {DOCTOR: round(0.95 * 0.9e6)}


def test_of_a_picture_without_layers_what_waits_is_taken_off_the_cap() -> None:
    told = consultation()
    told.room.announce_untrusted(FACE, [(0, 0, 640, 360, 30, [200])])
    told.tick({PATIENT: 0.3e6}, 30)
    told.room.hold(PATIENT, 0.3e6, 0.1e6)
    owed = told.tick({PATIENT: 0.3e6})
    assert owed.remb_bps == {DOCTOR: round(0.185e6)}
    assert not owed.choices
    assert not owed.states
    told.room.hold(PATIENT, 0.3e6, 0.28e6)
    least_bps = told.tick({PATIENT: 0.3e6}).remb_bps[DOCTOR]
    assert least_bps == FOLLOWED_LEAST_BPS + VOICE_BPS
    told.room.hold(PATIENT, 0.3e6, 0.0)
    assert told.tick({PATIENT: 0.3e6}).remb_bps == {DOCTOR: round(0.285e6)}


def test_what_a_path_is_owed_is_shared_by_those_who_fill_it() -> None:
    told = consultation(CARER)
    told.room.bind(CARER, SlotId(CARER), None)
    told.room.publish(CARER, OTHER_FACE, 0, encodings=3)
    told.room.start(OTHER_FACE, 0)
    told.room.announce_untrusted(FACE, [(0, 0, 640, 360, 30, [200])])
    told.room.bind(PATIENT, SlotId(9), OTHER_FACE)
    told.tick({PATIENT: 0.8e6}, 80)
    before_bps = {leg: told.rembs(leg)[-1][1] for leg in (DOCTOR, CARER)}
    told.room.hold(PATIENT, 0.8e6, 0.2e6)
    owed_bps = told.tick({PATIENT: 0.8e6}).remb_bps
    less_bps = {leg: before_bps[leg] - owed_bps[leg] for leg in before_bps}
    assert sum(less_bps.values()) == pytest.approx(0.2e6, abs=2)
    assert less_bps[DOCTOR] == pytest.approx(0.1e6, abs=2)


def test_a_third_activates_what_is_needed_and_releases_the_cap() -> None:
    told = consultation()
    rates = {DOCTOR: 1e6, PATIENT: 1e6, CARER: 0.3e6}
    told.tick(rates, 30)
    told.room.admit(CARER, 300_000.0, told.now_us)
    told.room.bind(CARER, SlotId(CARER), FACE)
    third = told.tick(rates)
    assert third.remb_bps[DOCTOR] == 0
    assert third.publishes[FACE].active == (True, False, True), "the carer's path carries little"
    # Nothing is sent until it comes: the one that comes is more than the path carries.
    assert third.choices == {SlotId(CARER): Carried(2, ALL_LAYERS, 0)}
    told.room.start(FACE, 2)
    told.room.announce_untrusted(FACE, [*ALONE, CAMERA[2]])
    assert not told.tick(rates).choices, "as it was said before"


def test_two_again_the_encoder_follows_after_a_while() -> None:
    told = consultation(CARER)
    rates = {DOCTOR: 1e6, PATIENT: 1e6, CARER: 1e6}
    told.tick(rates, 30)
    assert told.rembs(DOCTOR) == []
    told.room.dismiss(CARER)
    left_us = told.now_us
    del rates[CARER]
    told.tick(rates, 80)
    begin_us, cap_bps = told.rembs(DOCTOR)[0]
    assert SETTLED_US <= begin_us - left_us <= SETTLED_US + SECOND_US
    assert cap_bps == round(0.95e6 - 2 * VOICE_BPS + VOICE_BPS)
    assert told.publishes[FACE].active == (True, False, False)


def test_what_nobody_watches_is_not_sent() -> None:
    told = consultation()
    told.tick({PATIENT: 1e6}, 10)
    told.room.bind(PATIENT, SlotId(PATIENT), None)
    told.tick({PATIENT: 1e6}, IDLE_US // TICK_US + 20)
    assert told.publishes[FACE].active == (False, False, False)
    told.room.bind(PATIENT, SlotId(PATIENT), FACE)
    again = told.tick({PATIENT: 1e6})
    assert again.publishes[FACE].active == (True, False, False)
    assert SlotId(PATIENT) in again.choices, "the engine has to be told again"


def test_a_path_for_sound_only_pauses_the_picture_and_it_comes_back_by_itself() -> None:
    told = consultation()
    told.tick({PATIENT: 1e6}, 30)
    low = told.tick({PATIENT: 90_000.0})
    assert low.choices == {SlotId(PATIENT): Pause.LOW_RATE}
    assert low.states == {PATIENT: State.VIDEO_PAUSED}
    told.tick({PATIENT: 90_000.0}, 100)
    assert told.publishes[FACE].active == (False, False, False)
    back_us = told.now_us
    told.tick({PATIENT: 1e6}, 40)
    shown_us = next(
        now_us
        for now_us, said in told.changes
        if now_us >= back_us and isinstance(said.choices.get(SlotId(PATIENT)), Carried)
    )
    assert 2 * SECOND_US <= shown_us - back_us <= 3 * SECOND_US
    assert told.publishes[FACE].active == (True, False, False)


def test_two_pictures_to_one_receiver_are_capped_each_by_itself() -> None:
    told = consultation()
    told.room.publish(DOCTOR, SCREEN, 0, encodings=1, keeps=Keeps.DETAIL, priority=Priority.HIGH)
    told.room.bind(PATIENT, SlotId(20), SCREEN)
    told.tick({PATIENT: 1e6}, 40)
    assert told.rembs(DOCTOR) == []
    face, screen = told.publishes[FACE], told.publishes[SCREEN]
    assert face.max_bitrate_bps[0] < screen.max_bitrate_bps[0] < 0.95e6
    assert 0.8e6 < face.max_bitrate_bps[0] + screen.max_bitrate_bps[0] < 0.95e6 - VOICE_BPS
    assert (face.keeps, screen.keeps) == (Keeps.BOTH, Keeps.DETAIL)


def test_a_screen_of_one_encoding_is_made_for_the_worst_of_several_paths() -> None:
    told = consultation(CARER)
    told.room.publish(DOCTOR, SCREEN, 0, encodings=1, keeps=Keeps.DETAIL)
    told.room.start(SCREEN, 0)
    told.room.unpublish(FACE)
    for leg in (PATIENT, CARER):
        told.room.bind(leg, SlotId(20 + leg), SCREEN)
    told.room.announce_untrusted(SCREEN, [(0, 0, 1920, 1080, 15, [1_500])])
    told.tick({PATIENT: 3e6, CARER: 0.6e6}, 20)
    most_bps = told.publishes[SCREEN].max_bitrate_bps[0]
    assert 250_000 < most_bps < 600_000 / 1.15 - 2 * VOICE_BPS
    told.room.announce_untrusted(SCREEN, [(0, 0, 1920, 1080, 15, [most_bps // 1_000])])
    told.tick({PATIENT: 3e6, CARER: 0.6e6}, 20)
    standing = told.room.standing(CARER)
    assert isinstance(standing.choices[SlotId(20 + CARER)], Carried)


def test_voices_are_protected_and_sized_for_the_worst_who_hear() -> None:
    told = consultation()
    told.tick({DOCTOR: 1e6, PATIENT: 1e6})
    for second in range(3):
        told.room.hear(PATIENT, 0.2, second * SECOND_US)
    said = told.tick({DOCTOR: 1e6, PATIENT: 1e6})
    assert said.distances == {PATIENT: 2}
    told.room.hear(PATIENT, 0.0, 3 * SECOND_US)
    told.tick({DOCTOR: 1e6, PATIENT: 90_000.0})
    told.room.hear(PATIENT, 0.0, 4 * SECOND_US)
    assert told.tick({DOCTOR: 1e6, PATIENT: 90_000.0}).opus_bps == {DOCTOR: 16_000}


def test_who_goes_takes_everything_along() -> None:
    told = consultation(CARER)
    told.room.publish(PATIENT, OTHER_FACE, 0, encodings=3)
    told.room.bind(DOCTOR, SlotId(30), OTHER_FACE)
    rates = {DOCTOR: 1e6, PATIENT: 1e6, CARER: 1e6}
    told.tick(rates, 5)
    told.room.dismiss(DOCTOR)
    told.tick(rates, 20)
    assert told.room.standing(PATIENT).choices == {}
    told.room.dismiss(PATIENT)
    with pytest.raises(KeyError):
        told.room.standing(PATIENT)


def test_a_quiet_tick_says_nothing() -> None:
    told = consultation(CARER)
    rates = {DOCTOR: 1e6, PATIENT: 1e6, CARER: 1e6}
    told.room.announce_untrusted(FACE, CAMERA)
    told.tick(rates, 70)
    assert told.tick(rates) == Changes()


def test_an_encoding_that_was_asked_for_in_vain_gives_way_to_the_next() -> None:
    """Of 640x360 Chromium makes two encodings, whatever it is asked for."""
    told = consultation()
    slot, rates = SlotId(CARER), {DOCTOR: 1e6, PATIENT: 1e6, CARER: 0.3e6}
    told.room.announce_untrusted(FACE, CAMERA[:1])
    told.tick(rates, 30)
    told.room.admit(CARER, 300_000.0, told.now_us)
    told.room.bind(CARER, slot, FACE)
    told.tick(rates)
    assert told.room.standing(CARER).choices[slot] == Carried(2, ALL_LAYERS, 0)
    told.tick(rates, 30)
    assert told.room.standing(CARER).choices[slot] is Pause.LOW_RATE, "the next is too much"
    told.room.start(FACE, 1)
    told.tick(rates | {CARER: 0.8e6}, 30)
    assert told.room.standing(CARER).choices[slot] == Carried(1, ALL_LAYERS, 0)
    # It is asked for as long as somebody watches: the picture may become large enough for it.
    assert told.publishes[FACE].active[2]
    told.room.start(FACE, 2)
    told.tick(rates, 30)
    assert told.room.standing(CARER).choices[slot] == Carried(2, ALL_LAYERS, 0)
