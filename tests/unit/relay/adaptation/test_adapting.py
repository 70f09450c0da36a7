"""What a room's people and the engine are told of what paths carry."""

from __future__ import annotations

import pytest

from relay.adaptation.adapting import READ_EVERY_ROUNDS, START_BPS
from relay.ids import LegId, TrackId
from relay.layers.ladder import ALL_LAYERS
from relay.layers.state import State
from relay.metrics.table import PICTURES_PAUSED
from relay.rooms.events import EncodingsChosen, SlotCarries, SlotsChanged
from relay.rooms.permissions import Role, Source
from tests.unit.relay.conftest import Person
from tests.unit.relay.surgery import Surgery


def paused(person: Person) -> list[str | None]:
    """Why pictures are paused, by the last word that somebody was told."""
    slots = [event for event in person.hears() if isinstance(event, SlotsChanged)]
    bindings = slots[-1].bindings if slots else ()
    carrying = [slot for slot in bindings if isinstance(slot, SlotCarries)]
    return [slot.paused for slot in carrying if slot.source is Source.CAMERA]


def asked(person: Person) -> list[tuple[bool, ...]]:
    """Which encodings somebody was asked for, since the last time."""
    camera = person.track(Source.CAMERA)
    chosen = (event for event in person.hears() if isinstance(event, EncodingsChosen))
    return [
        tuple(each.active for each in event.encodings) for event in chosen if event.track == camera
    ]


async def test_in_a_consultation_of_two_the_encoder_follows_the_other_sides_path(
    surgery: Surgery,
) -> None:
    practitioner, patient = await surgery.two()
    surgery.arrives(practitioner, 0)
    surgery.passes(3)
    surgery.carries(patient, 500_000)
    limit_bps = practitioner.leg.limit_bps
    assert 300_000 < limit_bps < 500_000, limit_bps
    assert patient.leg.limit_bps != limit_bps, "only the other side's path counts"
    surgery.carries(patient, 500_000, 200_000)
    assert practitioner.leg.limit_bps == pytest.approx(limit_bps - 200_000, abs=1)
    surgery.carries(patient, 2_000_000)
    assert practitioner.leg.limit_bps > 1_500_000
    assert surgery.adapting.states[State.FOLLOWED] == 2


async def test_a_report_that_comes_late_is_no_burst(surgery: Surgery) -> None:
    practitioner, patient = await surgery.two()
    surgery.announces(practitioner, 250, 400)
    surgery.arrives(practitioner, 0)
    surgery.carries(patient, 450_000)
    # 400 kbit/s in reports of a second, of which one comes a second late.
    for at_s in (1, 2, 3, 5, 6):
        surgery.sends(practitioner, 45 * at_s, 50_000 * at_s)
        surgery.passes()
        if at_s == 3:
            surgery.passes()
        assert set(patient.leg.layers.values()) == {(0, ALL_LAYERS, ALL_LAYERS)}


async def test_nobody_is_capped_in_their_first_two_seconds(surgery: Surgery) -> None:
    practitioner, patient = await surgery.two()
    surgery.carries(patient, 500_000)
    assert practitioner.leg.limit_bps == 0


async def test_a_picture_pauses_so_that_people_hear_each_other_and_comes_back(
    surgery: Surgery,
) -> None:
    practitioner, patient = await surgery.two()
    surgery.arrives(practitioner, 0)
    surgery.carries(patient, 800_000)
    patient.hears()
    surgery.carries(patient, 80_000)
    assert paused(patient) == ["low_rate"]
    assert len(patient.leg.paused) == 1
    assert practitioner.leg.paused == set()
    assert surgery.house.tally.counters[PICTURES_PAUSED]["low_rate",] == 1
    assert surgery.adapting.states[State.VIDEO_PAUSED] == 1
    for rate_bps in (400_000, 600_000, 800_000):
        surgery.passes(4)
        surgery.carries(patient, rate_bps)
    assert patient.leg.paused == set()
    assert paused(patient) == [None]


async def test_a_third_person_activates_the_other_encodings_without_an_offer(
    surgery: Surgery,
) -> None:
    practitioner, patient = await surgery.two()
    surgery.arrives(practitioner, 0)
    surgery.passes(3)
    surgery.carries(patient, 400_000)
    practitioner.hears()
    carer = await surgery.enters("c", Role.CARER)
    surgery.carries(carer, 400_000)
    surgery.passes(1)
    assert any(any(active[1:]) for active in asked(practitioner))
    assert practitioner.leg.limit_bps == 0, "one cap cannot be right for two"
    await carer.seat.leave("left")
    surgery.passes(7)
    assert asked(practitioner)[-1] == (True, False, False)


async def test_what_is_of_use_to_somebody_is_told_so_that_their_path_is_asked(
    surgery: Surgery,
) -> None:
    practitioner = await surgery.enters("a", Role.PRACTITIONER)
    alone_bps = practitioner.leg.useful_bps
    await surgery.enters("b")
    surgery.carries(practitioner, 400_000)
    assert alone_bps < 500_000
    assert 2_000_000 < practitioner.leg.useful_bps < 4_000_000


async def test_who_is_alone_goes_on_sending(surgery: Surgery) -> None:
    practitioner = await surgery.enters("a", Role.PRACTITIONER)
    practitioner.hears()
    surgery.passes(20)
    assert asked(practitioner) == []


async def test_an_estimate_of_a_leg_that_has_gone_is_nobodys(surgery: Surgery) -> None:
    practitioner = await surgery.enters("a", Role.PRACTITIONER)
    surgery.adapting.heed([LegId(999)])
    leg = practitioner.leg.id
    await practitioner.seat.leave("left")
    surgery.adapting.heed([leg])
    assert surgery.house.seating.rooms == {}
    assert sum(surgery.adapting.states.values()) == 0


async def test_a_camera_that_is_unmuted_is_asked_for_at_once(surgery: Surgery) -> None:
    practitioner, _ = await surgery.two()
    surgery.arrives(practitioner, 0)
    surgery.passes(2)
    practitioner.seat.mute(practitioner.track(Source.CAMERA), True)
    surgery.passes(10)
    assert asked(practitioner)[-1] == (False, False, False)
    practitioner.seat.mute(practitioner.track(Source.CAMERA), False)
    assert asked(practitioner)[-1] == (True, False, False)


async def test_a_room_of_which_no_change_is_told_is_read_off_now_and_then(
    surgery: Surgery,
) -> None:
    practitioner, patient = await surgery.two()
    surgery.arrives(practitioner, 0)
    surgery.passes(READ_EVERY_ROUNDS)
    assert patient.place.leg is not None
    known = sum(surgery.adapting.states.values())
    patient.place.leg.secured_ns = None  # which nobody does without saying so
    surgery.passes(READ_EVERY_ROUNDS)
    assert sum(surgery.adapting.states.values()) == known - 1


async def test_what_the_engine_had_no_room_for_is_told_in_the_next_round(surgery: Surgery) -> None:
    practitioner, patient = await surgery.two()
    surgery.arrives(practitioner, 0)
    patient.leg.full = True
    surgery.carries(patient, 80_000)
    assert patient.leg.paused == set()
    patient.leg.full = False
    surgery.passes(1)
    surgery.carries(patient, 80_000)
    assert len(patient.leg.paused) == 1


async def test_what_the_engine_has_no_room_for_keeps_nothing_from_others_and_counts_once(
    surgery: Surgery,
) -> None:
    practitioner, patient = await surgery.two()
    for person in (practitioner, patient):
        surgery.arrives(person, 0)
    practitioner.leg.full = True
    for person in (practitioner, patient):
        surgery.carries(person, 80_000)
    assert (len(practitioner.leg.paused), len(patient.leg.paused)) == (0, 1)
    practitioner.leg.full = False
    surgery.passes(3)
    assert (paused(practitioner), paused(patient)) == (["low_rate"], ["low_rate"])
    assert surgery.house.tally.counters[PICTURES_PAUSED]["low_rate",] == 2


async def test_what_waited_for_a_leg_that_has_gone_is_nobodys(surgery: Surgery) -> None:
    practitioner, patient = await surgery.two()
    surgery.arrives(practitioner, 0)
    patient.leg.full = True
    surgery.carries(patient, 80_000)
    await patient.seat.leave("left")
    surgery.passes(3)
    assert surgery.adapting.states.total() == 1


async def test_a_muted_picture_takes_no_rate(surgery: Surgery) -> None:
    practitioner, patient = await surgery.two()
    surgery.arrives(practitioner, 0)
    surgery.carries(patient, int(START_BPS))
    practitioner.seat.mute(practitioner.track(Source.CAMERA), muted=True)
    surgery.adapting.follow(practitioner.place.room)
    surgery.carries(patient, 80_000)
    assert patient.leg.paused == set()
    assert surgery.adapting.states[State.AUDIO_ONLY] == 1


async def test_a_reload_keeps_what_is_known_of_the_room(surgery: Surgery) -> None:
    practitioner, patient = await surgery.two()
    surgery.arrives(practitioner, 0)
    surgery.carries(patient, 80_000)
    await patient.connect()
    surgery.carries(patient, 80_000)
    assert len(patient.leg.paused) == 1
    assert TrackId(0) not in patient.leg.bound.values()
