"""Sound is repeated for who loses it, and made smaller for who has no room for it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from relay.ids import Mid
from relay.rooms.events import EncodingChoice, EncodingsChosen
from relay.rooms.permissions import Role, Source
from tests.unit.relay.conftest import CHROMIUM, Person
from tests.unit.relay.surgery import Surgery

WITHOUT_RED = "\r\n".join(
    line for line in CHROMIUM.replace(" 111 63 ", " 111 ").split("\r\n") if ":63 " not in line
)
FIFTH_Q8 = 51


async def two(surgery: Surgery) -> tuple[Person, Person]:
    """Two who hear one another, over good paths."""
    practitioner, patient = await surgery.two()
    for person in (practitioner, patient):
        surgery.carries(person, 2_000_000)
        person.hears()
    return practitioner, patient


def voice_bounds(person: Person) -> list[int | None]:
    """The sizes of a voice that somebody was asked for since the last time."""
    microphone = person.track(Source.MICROPHONE)
    chosen = [event for event in person.hears() if isinstance(event, EncodingsChosen)]
    encodings = [event.encodings for event in chosen if event.track == microphone]
    assert all(
        each == (EncodingChoice("", active=True, max_bps=each[0].max_bps),) for each in encodings
    )
    return [each[0].max_bps for each in encodings]


async def test_who_loses_sound_is_sent_it_again_in_later_packets(surgery: Surgery) -> None:
    practitioner, patient = await two(surgery)
    surgery.loses(patient, 0.2, 6)
    assert list(patient.leg.distances.values()) == [2, 2], "one slot carries nothing yet"
    assert list(practitioner.leg.distances.values()) == [1, 1], "nothing is known of theirs"
    surgery.loses(patient, 0.0, 120)
    assert list(patient.leg.distances.values()) == [0, 0]


async def test_one_lost_packet_repeats_nothing(surgery: Surgery) -> None:
    _, patient = await two(surgery)
    surgery.loses(patient, 0.0, 30)
    before = len(patient.leg.commands)
    surgery.loses(patient, 0.02, 1)
    surgery.loses(patient, 0.0, 10)
    after = patient.leg.commands[before:]
    assert not [command for command in after if command.startswith("set_redundancy")]


async def test_repetitions_go_in_the_tick_in_which_the_path_narrows(surgery: Surgery) -> None:
    _, patient = await two(surgery)
    surgery.loses(patient, 0.2, 6)
    surgery.carries(patient, 110_000)
    assert list(patient.leg.distances.values()) == [1, 1]


async def test_a_slot_that_is_opened_later_repeats_as_the_others(surgery: Surgery) -> None:
    _, patient = await two(surgery)
    surgery.loses(patient, 0.2, 6)
    leg = patient.place.leg
    assert leg is not None
    opened = replace(leg.slots[Mid("3")], distance=0)
    leg.slots[Mid("3")] = opened
    del patient.leg.distances[opened.id]
    surgery.adapting.follow(patient.place.room)
    assert patient.leg.distances[opened.id] == 2


async def test_who_takes_no_redundant_sound_is_sent_none(surgery: Surgery) -> None:
    await surgery.enters("a", Role.PRACTITIONER)
    patient = await surgery.enters("b", sdp=WITHOUT_RED)
    surgery.loses(patient, 0.2, 10)
    assert patient.leg.distances == {}


async def test_what_the_engine_had_no_room_for_is_repeated_in_a_later_round(
    surgery: Surgery,
) -> None:
    _, patient = await two(surgery)
    surgery.loses(patient, 0.2, 2)
    patient.leg.full = True
    surgery.loses(patient, 0.2, 2)
    assert set(patient.leg.distances.values()) <= {1}, "from the beginning"
    patient.leg.full = False
    surgery.loses(patient, 0.2, 8)
    assert list(patient.leg.distances.values()) == [2, 2]


async def test_a_full_queue_for_one_takes_nobodys_repetitions_and_no_voices_size(
    surgery: Surgery,
) -> None:
    practitioner, patient = await two(surgery)
    surgery.loses(patient, 0.2, 6)
    surgery.carries(patient, 150_000)
    surgery.passes()
    distances = dict(patient.leg.distances)
    assert set(distances.values()) == {2}
    practitioner.hears()
    practitioner.leg.full = patient.leg.full = True
    surgery.carries(practitioner, 400_000)
    surgery.carries(patient, 140_000)
    practitioner.leg.full = patient.leg.full = False
    surgery.passes(2)
    assert patient.leg.distances == distances
    assert voice_bounds(practitioner) == []


@pytest.mark.parametrize(("age_ms", "distance"), [(400, 2), (5_000, 1)])
async def test_without_feedback_fresh_reports_tell_what_was_lost(
    surgery: Surgery, age_ms: int, distance: int
) -> None:
    _, patient = await surgery.two()
    for slot in patient.leg.lines:
        surgery.reports.slots[slot] = (slot, 500, 50_000, FIFTH_Q8, 100, 0, -1, age_ms, 0, 0, 0)
    surgery.passes(6)
    assert set(patient.leg.distances.values()) <= {distance}
    assert bool(patient.leg.distances) is bool(distance)


async def test_a_voice_is_made_for_the_worst_path_on_which_it_is_heard(surgery: Surgery) -> None:
    practitioner, patient = await two(surgery)
    surgery.passes(3)
    assert voice_bounds(practitioner) == [], "who may send what they like is told nothing"
    surgery.carries(patient, 150_000)
    surgery.passes()
    surgery.carries(patient, 90_000)
    surgery.passes(3)
    assert voice_bounds(practitioner) == [24_000, 16_000]
    surgery.carries(patient, 800_000)
    surgery.passes(3)
    assert voice_bounds(practitioner) == [None]
    assert voice_bounds(patient) == []


async def test_a_microphone_that_comes_later_is_told_its_size(surgery: Surgery) -> None:
    practitioner, patient = await two(surgery)
    surgery.carries(patient, 90_000)
    surgery.passes()
    practitioner.seat.unpublish(practitioner.track(Source.MICROPHONE))
    surgery.passes()
    practitioner.hears()
    practitioner.seat.publish({Mid("0"): Source.MICROPHONE})
    surgery.passes()
    assert voice_bounds(practitioner) == [16_000]


async def test_who_left_keeps_nobodys_voice_small(surgery: Surgery) -> None:
    practitioner, patient = await two(surgery)
    surgery.carries(patient, 90_000)
    surgery.passes()
    practitioner.hears()
    await patient.seat.leave("left")
    surgery.passes()
    assert voice_bounds(practitioner) == [None]


async def test_a_page_that_reloads_is_asked_for_the_same_voice_and_released_from_it(
    surgery: Surgery,
) -> None:
    practitioner, patient = await two(surgery)
    surgery.carries(patient, 90_000)
    surgery.passes()
    practitioner.hears()
    await practitioner.connect()
    surgery.passes(2)
    assert set(voice_bounds(practitioner)) == {16_000}
    surgery.carries(patient, 800_000)
    surgery.passes(2)
    assert voice_bounds(practitioner) == [None]
