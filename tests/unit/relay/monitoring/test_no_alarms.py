"""Whatever is still on purpose raises no alarm."""

from __future__ import annotations

from relay.rooms.events import EncodingChoice, EncodingsChosen
from relay.rooms.leg_states import LegState
from relay.rooms.permissions import Kind, Role, Source
from tests.unit.relay.ward import Ward, slot_of, track_of


async def test_no_alarm_for_a_muted_microphone(ward: Ward) -> None:
    _, patient = await ward.two()
    patient.seat.mute(patient.track(Source.MICROPHONE), True)
    ward.hushes(patient)
    ward.passes(10)
    assert ward.news == []


async def test_no_alarm_for_one_that_was_just_unmuted(ward: Ward) -> None:
    _, patient = await ward.two()
    voice = patient.track(Source.MICROPHONE)
    patient.seat.mute(voice, True)
    ward.hushes(patient)
    ward.passes(10)
    patient.seat.mute(voice, False)
    ward.passes(1)
    ward.comes_back()
    ward.passes(5)
    assert ward.news == []


async def test_no_alarm_for_an_empty_sender_or_one_that_said_goodbye(ward: Ward) -> None:
    _, patient = await ward.two()
    track = track_of(patient, Source.CAMERA)
    ward.reports.still_tracks[track] = (track, -1, -1, False)
    ward.passes(10)
    ward.stops(patient, Source.CAMERA, ended=True)
    ward.passes(10)
    assert ward.news == []


async def test_no_alarm_for_a_camera_that_was_asked_to_rest(ward: Ward) -> None:
    _, patient = await ward.two()
    camera = patient.track(Source.CAMERA)
    rests = (EncodingChoice("h", active=False), EncodingChoice("m", active=False))
    patient.place.ask_to_send(EncodingsChosen(camera, rests))
    ward.stops(patient, Source.CAMERA)
    ward.passes(10)
    assert ward.news == []


async def test_no_alarm_for_a_paused_picture(ward: Ward) -> None:
    practitioner, _ = await ward.two()
    mid, slot = slot_of(practitioner, Kind.VIDEO)
    assert practitioner.place.leg is not None
    practitioner.place.leg.pause(mid, "low_rate")
    ward.reports.still_slots[slot] = (slot, 0, 0)
    ward.passes(10)
    assert ward.news == []


async def test_no_alarm_for_somebody_who_waits_alone(ward: Ward) -> None:
    patient = ward.house.enters("b", Role.PATIENT)
    await patient.connect()
    ward.stops(patient, Source.MICROPHONE)
    ward.passes(10)
    assert ward.news == []


async def test_no_alarm_during_an_outage_that_is_told_by_itself(ward: Ward) -> None:
    _, patient = await ward.two()
    ward.stops(patient, Source.MICROPHONE)
    assert patient.place.leg is not None
    patient.place.leg.state = LegState.INTERRUPTED
    ward.passes(10)
    assert ward.news == []
    patient.place.leg.state = LegState.CONNECTED
    patient.seat.detach()
    ward.passes(10)
    assert ward.news == []
