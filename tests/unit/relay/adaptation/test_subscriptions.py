"""What receivers are told of the pictures they are sent: what, when, how often, and again."""

from __future__ import annotations

from typing import get_args

import pytest

from relay.layers.state import Pause, State
from relay.metrics.table import RECEIVER_STATE_SECONDS
from relay.rooms.events import (
    PauseReason,
    PictureSent,
    PictureState,
    ReceiverState,
)
from relay.rooms.permissions import Role, Source
from relay.rooms.seat_states import SeatInput
from relay.routing.bindings import tell_again
from tests.unit.relay.layers.cameras import CAMERA
from tests.unit.relay.subscribed import (
    camera_of,
    counts,
    sends_three,
    slot_of,
    three,
    told,
)
from tests.unit.relay.surgery import Surgery


async def test_a_receiver_is_told_what_is_sent_of_each_picture_and_what_their_path_carries(
    surgery: Surgery,
) -> None:
    practitioner, patient = await three(surgery)
    surgery.passes()
    surgery.carries(patient, 260_000)
    surgery.passes(2)
    last = told(patient)[-1]
    assert (last.state, last.path_bps) == ("partly_paused", 260_000)
    by_track = {picture.track: picture for picture in last.pictures}
    assert by_track[practitioner.track(Source.CAMERA)] == PictureSent(
        practitioner.track(Source.CAMERA), "sent", rid="l", temporal=1, width=320, height=180
    )
    (other,) = by_track.keys() - {practitioner.track(Source.CAMERA)}
    assert by_track[other] == PictureSent(other, "low_rate"), "at its smallest it would be too much"


async def test_what_would_fit_alone_and_does_not_beside_others_has_no_room(
    surgery: Surgery,
) -> None:
    practitioner, patient = await surgery.two()
    carer = await surgery.enters("c", Role.CARER)
    for person in (practitioner, carer):
        sends_three(surgery, person)
    surgery.passes()
    surgery.carries(patient, 220_000)
    surgery.passes()
    states = {picture.track: picture.state for picture in told(patient)[-1].pictures}
    assert states == {
        practitioner.track(Source.CAMERA): "sent",
        carer.track(Source.CAMERA): "no_room",
    }


async def test_a_picture_that_does_not_come_though_the_path_would_carry_it_is_not_sent(
    surgery: Surgery,
) -> None:
    practitioner, patient = await three(surgery)
    surgery.carries(patient, 3_000_000)
    surgery.passes(2)
    last = told(patient)[-1]
    states = {picture.track: picture.state for picture in last.pictures}
    assert states.pop(practitioner.track(Source.CAMERA)) == "sent"
    assert list(states.values()) == ["not_sent"]
    assert last.state == "reduced", "nothing is withheld"


@pytest.mark.parametrize(
    ("rate_bps", "state_seen", "state_unseen"),
    [
        pytest.param(400_000, "partly_paused", "video_paused", id="the others are withheld"),
        pytest.param(700_000, "reduced", "audio_only", id="the others are not sent"),
    ],
)
async def test_what_is_still_sent_while_another_encoding_is_awaited_is_told(
    surgery: Surgery, rate_bps: int, state_seen: str, state_unseen: str
) -> None:
    practitioner, patient = await surgery.two()
    carer = await surgery.enters("c", Role.CARER)
    sends_three(surgery, practitioner)
    for watcher in (patient, carer):
        surgery.carries(watcher, 5_000_000)
    surgery.passes(8)
    # Nobody needs the smaller ones any more.
    surgery.arrives(practitioner, 0)
    surgery.reports.layers[camera_of(practitioner)] = [(*CAMERA[0][:5], list(CAMERA[0][5]))]
    slot = slot_of(patient, practitioner)
    camera = practitioner.track(Source.CAMERA)

    def looks() -> tuple[PictureSent, str]:
        surgery.passes()
        last = told(patient)[-1]
        (picture,) = (each for each in last.pictures if each.track == camera)
        return picture, last.state

    counts(surgery, slot, practitioner, 100_000, fed_by=0)
    # A smaller one is asked for, which has not come; of the best the least goes on.
    surgery.carries(patient, rate_bps)
    picture, state = looks()
    assert (picture.state, picture.rid, picture.temporal) == ("sent", "h", 0)
    assert state == state_seen
    counts(surgery, slot, practitioner, 120_000)
    surgery.house.clock.move(0.2)
    surgery.adapting.measure(patient.place.room)
    last = told(patient)[-1]
    assert [each.state for each in last.pictures if each.track == camera] == ["not_sent"]
    assert last.state == state_unseen


async def test_what_does_not_change_is_told_once(surgery: Surgery) -> None:
    _, patient = await three(surgery)
    surgery.carries(patient, 1_000_000)
    surgery.passes(70)
    assert 1 <= len(told(patient)) <= 3
    for wobble in (0.9, 1.1, 0.87, 1.12):
        surgery.carries(patient, round(1_000_000 * wobble))
        surgery.passes()
    assert told(patient) == []
    surgery.carries(patient, 1_300_000)
    surgery.passes()
    assert [each.path_bps for each in told(patient)] == [1_300_000]


async def test_however_much_changes_a_second_has_one_word(surgery: Surgery) -> None:
    _, patient = await three(surgery)
    surgery.passes()
    told(patient)
    for _ in range(10):
        for rate_bps in (3_000_000, 90_000, 500_000, 2_000_000, 250_000):
            surgery.carries(patient, rate_bps)
        surgery.passes()
        assert len(told(patient)) <= 1


async def test_a_paused_picture_says_why_and_nothing_else(surgery: Surgery) -> None:
    practitioner, patient = await three(surgery)
    surgery.carries(patient, 1_000_000)
    surgery.passes()
    surgery.carries(patient, 80_000)
    surgery.passes()
    last = told(patient)[-1]
    assert last.state == "video_paused"
    camera = practitioner.track(Source.CAMERA)
    assert PictureSent(camera, "low_rate") in last.pictures


async def test_it_is_told_again_to_a_new_attachment_and_anew_for_a_new_leg(
    surgery: Surgery,
) -> None:
    _, patient = await three(surgery)
    surgery.carries(patient, 1_000_000)
    surgery.passes(2)
    last = told(patient)[-1]
    patient.seat.detach()
    patient.place.attach(SeatInput.RESUME)
    again = surgery.house.holds(patient.place)
    tell_again(patient.place)
    assert told(again) == [last]
    await again.connect()
    surgery.passes(2)
    fresh = told(again)[-1]
    assert fresh.path_bps is None, "nobody has told of this path yet"
    assert {each.track for each in fresh.pictures} == {each.track for each in last.pictures}


async def test_who_takes_a_seat_over_is_not_told_what_the_other_was_sent(
    surgery: Surgery,
) -> None:
    _, patient = await three(surgery)
    surgery.carries(patient, 1_000_000)
    surgery.passes(2)
    other = surgery.house.enters("b", takeover=True, role=Role.PATIENT)
    assert other.place.subscriptions is None
    assert told(other) == []


async def test_who_is_sent_nothing_is_told_nothing(surgery: Surgery) -> None:
    alone = await surgery.enters("a")
    surgery.passes(5)
    assert told(alone) == []


async def test_time_is_counted_for_each_picture_under_its_receivers_state(
    surgery: Surgery,
) -> None:
    practitioner, patient = await surgery.two()
    seconds = surgery.house.tally.counters[RECEIVER_STATE_SECONDS]
    assert seconds == {(state.value,): 0 for state in State}, "each is there from the start"
    for person in (practitioner, patient):
        surgery.arrives(person, 0)
    surgery.passes()
    surgery.passes(10)
    assert seconds["followed",] == 20
    surgery.carries(patient, 80_000)
    surgery.passes(5)
    assert (seconds["followed",], seconds["video_paused",]) == (25, 5)
    assert sum(seconds.values()) == 30


def test_the_words_are_those_of_the_policy() -> None:
    assert set(get_args(ReceiverState)) == {state.value for state in State}
    assert set(get_args(PictureState)) == {"sent", *(pause.value for pause in Pause)}
    assert set(get_args(PauseReason)) < set(get_args(PictureState))
