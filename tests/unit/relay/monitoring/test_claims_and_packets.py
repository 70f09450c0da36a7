"""What a client says beside what is measured: it explains, and hides nothing for long."""

from __future__ import annotations

from relay.ids import Mid
from relay.rooms.permissions import Kind, Role, Source
from relay.trouble import Cause, Playing, Sending, Stage
from tests.unit.relay.ward import Ward, slot_of, told

FEEDBACK_AGES_MS = range(1_000, 4_000, 250)


async def test_a_page_that_hangs_hides_no_loss_by_what_it_said_before(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    practitioner.seat.report({}, {patient.track(Source.MICROPHONE): Playing.PLAYING})
    ward.passes(5)
    _, slot = slot_of(practitioner, Kind.AUDIO)
    for age_ms in FEEDBACK_AGES_MS:
        ward.reports.still_slots[slot] = (slot, 20, age_ms)
        ward.passes()
    assert told(patient) == [(Stage.NOT_RECEIVED, Cause.LOST)]


async def test_who_says_just_now_that_they_hear_is_ahead_of_their_feedback(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    voice = patient.track(Source.MICROPHONE)
    practitioner.seat.report({}, {voice: Playing.MISSING})
    ward.passes(1)
    assert told(patient) == [(Stage.NOT_RECEIVED, Cause.LOST)]
    _, slot = slot_of(practitioner, Kind.AUDIO)
    ward.reports.still_slots[slot] = (slot, 20, 5_000)
    practitioner.seat.report({}, {voice: Playing.PLAYING})
    ward.passes(1.75)
    assert ward.silences.standing(practitioner.place.room) == []


async def test_a_screen_that_is_lost_is_told_while_its_client_says_that_it_leaves(
    ward: Ward,
) -> None:
    practitioner, patient = ward.house.enters("a"), ward.house.enters("b", Role.PATIENT)
    await practitioner.connect(tracks={Mid("0"): Source.MICROPHONE, Mid("1"): Source.SCREEN})
    await patient.connect()
    screen = practitioner.track(Source.SCREEN)
    practitioner.seat.report({screen: Sending.SENDING}, {})
    ward.passes(5)
    patient.hears()
    ward.stops(practitioner, Source.SCREEN)
    ward.passes(3.5)
    assert told(patient) == [], "its client may not have seen yet that nothing leaves"
    ward.passes(1)
    assert told(patient) == [(Stage.NOT_ARRIVING, Cause.STOPPED)]
    practitioner.seat.report({screen: Sending.NO_PICTURE}, {})
    ward.passes()
    assert ward.silences.standing(patient.place.room) == [], "it does not change: nothing is due"


async def test_a_screen_of_which_nobody_says_that_it_leaves_may_just_not_change(
    ward: Ward,
) -> None:
    practitioner, patient = ward.house.enters("a"), ward.house.enters("b", Role.PATIENT)
    await practitioner.connect(tracks={Mid("0"): Source.MICROPHONE, Mid("1"): Source.SCREEN})
    await patient.connect()
    ward.passes(5)
    ward.stops(practitioner, Source.SCREEN)
    ward.passes(30)
    assert ward.news == []
