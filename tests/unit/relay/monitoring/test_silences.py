"""Silences in a room: who is told what, what is tried, and what harms nobody else."""

from __future__ import annotations

from functools import partial

from relay.ids import PublicationId, RoomId
from relay.moderation.moderating import moderation
from relay.moderation.steering import Steering
from relay.monitoring.silences import SilenceNews
from relay.monitoring.telling_silences import pass_on
from relay.places.open_rooms import OpenRoom
from relay.rooms.events import (
    RenegotiationNeeded,
    SilencesChanged,
)
from relay.rooms.happenings import Happening
from relay.rooms.permissions import Kind, Role, Source
from relay.trouble import Cause, Playing, Sending, Stage
from tests.unit.relay.ward import Ward, slot_of, told, track_of


async def test_both_sides_are_silences_a_voice_that_stops_and_that_it_is_back(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    ward.stops(patient, Source.MICROPHONE)
    ward.passes(1.5)
    assert told(practitioner) == []
    ward.passes(0.5)
    for person in (practitioner, patient):
        (event,) = (e for e in person.hears() if isinstance(e, SilencesChanged))
        (silence,) = event.silences
        assert silence.publisher == patient.place.participant.id
        assert (silence.track, silence.receiver) == (patient.track(Source.MICROPHONE), None)
        assert (silence.stage, silence.cause) == (Stage.NOT_ARRIVING, Cause.STOPPED)
    assert ward.silences.counts() == {Stage.NOT_ARRIVING: 1}
    ward.comes_back()
    ward.passes(3)
    for person in (practitioner, patient):
        assert SilencesChanged(()) in person.hears()
    assert ward.silences.counts() == {}
    assert [news.change for news in ward.news] == ["begun", "over"]


async def test_restarts_are_asked_of_the_silent_end_and_few_of_them(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    ward.stops(patient, Source.MICROPHONE)
    ward.stops(patient, Source.CAMERA)
    ward.passes(120)
    asked = [e for e in patient.hears() if e == RenegotiationNeeded("path")]
    assert 2 <= len(asked) <= 6
    assert RenegotiationNeeded("path") not in practitioner.hears()
    repairs = ward.house.counted("visavis_silence_repairs")
    assert repairs["path",] == len(asked)
    assert repairs["key_frame",] == 1
    begun = ward.house.counted("visavis_silences_begun")
    assert begun == {("not_arriving", "microphone"): 1, ("not_arriving", "camera"): 1}


async def test_a_picture_that_is_not_sent_on_is_asked_for_and_routed_anew(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    _, slot = slot_of(practitioner, Kind.VIDEO)
    track = track_of(patient, Source.CAMERA)
    rerouted: list[OpenRoom] = []
    ward.house.seating.rerouted = rerouted.append
    practitioner.place.room.rerouted = rerouted.append
    ward.reports.still_slots[slot] = (slot, 0, 0)
    ward.passes(2.5)
    assert told(practitioner) == [(Stage.NOT_FORWARDED, Cause.HELD)]
    assert told(patient) == [(Stage.NOT_FORWARDED, Cause.HELD)]
    assert patient.leg.commands[-1] == f"request_key_frame {track}"
    before = practitioner.leg.commands.count("bind")
    ward.passes(1)
    assert practitioner.leg.commands.count("bind") == before + 2
    assert practitioner.leg.bound[slot] == track
    assert len(rerouted) == 2, "layers are chosen anew"


async def test_a_receiver_whose_packets_are_lost_is_asked_for_a_restart(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    _, slot = slot_of(practitioner, Kind.AUDIO)

    def unheard(age_ms: int) -> None:
        ward.reports.still_slots[slot] = (slot, 20, age_ms)

    for age_ms in range(1_000, 4_000, 250):
        unheard(age_ms)
        ward.passes()
    assert told(patient) == [(Stage.NOT_RECEIVED, Cause.LOST)]
    assert RenegotiationNeeded("path") in practitioner.hears()
    (silence,) = ward.silences.standing(practitioner.place.room)
    assert silence.receiver == practitioner.place.participant.id


async def test_what_a_client_says_of_its_player_is_told_to_both(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    voice = patient.track(Source.MICROPHONE)
    practitioner.seat.report({}, {voice: Playing.REFUSED})
    ward.passes(1)
    assert told(practitioner) == told(patient) == [(Stage.NOT_PLAYED, Cause.PLAY_REFUSED)]
    practitioner.seat.report({}, {voice: Playing.PLAYING})
    ward.passes(2)
    assert SilencesChanged(()) in patient.hears()


async def test_what_a_client_says_of_others_devices_or_of_nothing_says_nothing(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    camera = patient.track(Source.CAMERA)
    practitioner.seat.report({camera: Sending.ENDED}, {PublicationId("t-nowhere"): Playing.MISSING})
    patient.seat.report({}, {camera: Playing.MISSING})
    ward.passes(5)
    assert ward.news == []


async def test_a_client_that_changes_its_word_all_the_time_is_silences_seldom(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    voice = patient.track(Source.MICROPHONE)
    words = [Playing.REFUSED, Playing.PLAYING, Playing.MISSING, Playing.PAUSED]
    for turn in range(240):
        practitioner.seat.report({}, {voice: words[turn % len(words)]})
        ward.passes()
    assert len(ward.news) <= 60, "once a second at the most, in one minute"
    assert len([e for e in patient.hears() if isinstance(e, SilencesChanged)]) <= 60


async def test_a_silence_that_comes_again_is_repaired_again(ward: Ward) -> None:
    practitioner, _ = await ward.two()
    _, slot = slot_of(practitioner, Kind.AUDIO)
    for turn in (1, 2):
        ward.reports.still_slots[slot] = (slot, 1_500, 0)
        ward.passes(3)
        ward.comes_back()
        ward.passes(5)
        assert ward.house.counted("visavis_silence_repairs") == {("route",): turn}


async def test_a_newcomer_is_silences_the_silence_they_meet(ward: Ward) -> None:
    _, patient = await ward.two()
    ward.stops(patient, Source.MICROPHONE)
    ward.passes(3)
    carer = ward.house.enters("c", Role.CARER)
    await carer.connect()
    ward.passes()
    assert told(carer) == [(Stage.NOT_ARRIVING, Cause.STOPPED)]


async def test_what_a_page_said_before_its_reload_is_not_its_successors_word(ward: Ward) -> None:
    _, patient = await ward.two()
    voice = patient.track(Source.MICROPHONE)
    patient.seat.report({voice: Sending.SENDING}, {})
    ward.passes(5)
    patient.house.seating.resume(patient.seat.id, patient.seat.resume_secret)
    track = track_of(patient, Source.MICROPHONE)
    ward.reports.still_tracks[track] = (track, -1, -1, False)
    ward.passes(10)
    assert ward.news == []


async def test_an_observer_that_fails_harms_nobody(ward: Ward) -> None:
    practitioner, patient = await ward.two()

    def fails(_: SilenceNews) -> None:
        raise ValueError

    ward.silences.observe(fails)
    ward.stops(patient, Source.MICROPHONE)
    ward.passes(3)
    assert told(practitioner) == [(Stage.NOT_ARRIVING, Cause.STOPPED)]
    assert len(ward.news) == 1


async def test_a_silence_ends_with_its_track(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    ward.stops(patient, Source.MICROPHONE)
    ward.passes(3)
    patient.seat.unpublish(patient.track(Source.MICROPHONE))
    ward.passes()
    assert SilencesChanged(()) in practitioner.hears()
    assert ward.silences.counts() == {}
    assert [news.change for news in ward.news] == ["begun", "over"]


async def test_a_silence_ends_with_its_room_and_nothing_is_kept_of_that(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    ward.stops(patient, Source.MICROPHONE)
    ward.passes(3)
    await patient.seat.leave("left")
    await practitioner.seat.leave("left")
    rooms = ward.house.seating.rooms.values()
    assert ward.silences.restless(rooms) == []
    assert ward.silences.counts() == {}
    assert ward.silences._rooms == {}
    assert [news.change for news in ward.news] == ["begun", "over"]


async def test_a_new_attachment_is_told_what_the_one_before_it_knew(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    ward.stops(patient, Source.MICROPHONE)
    ward.passes(3)
    place = ward.house.seating.resume(practitioner.seat.id, practitioner.seat.resume_secret)
    assert told(ward.house.holds(place)) == [(Stage.NOT_ARRIVING, Cause.STOPPED)]


async def test_only_rooms_in_which_something_is_still_are_looked_at_often(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    rooms = [practitioner.place.room]
    assert ward.silences.restless(rooms) == []
    ward.stops(patient, Source.MICROPHONE)
    assert ward.silences.restless(rooms) == rooms
    ward.passes(3)
    ward.comes_back()
    assert ward.silences.restless(rooms) == rooms, "until it has settled"
    ward.passes(3)
    assert ward.silences.restless(rooms) == []
    _, slot = slot_of(practitioner, Kind.AUDIO)
    ward.reports.still_slots[slot] = (slot, 0, 0)
    assert ward.silences.restless(rooms) == rooms


async def test_whoever_is_sent_back_knows_of_no_silence_any_more(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    voice = patient.track(Source.MICROPHONE)
    practitioner.seat.report({}, {voice: Playing.REFUSED})
    ward.passes(1)
    assert told(patient) == [(Stage.NOT_PLAYED, Cause.PLAY_REFUSED)]
    room = practitioner.place.room
    moderation(ward.house.seating, room, None).send_back(patient.seat.participant)
    place = ward.house.seating.resume(patient.seat.id, patient.seat.resume_secret)
    returned = ward.house.holds(place)
    assert not [event for event in returned.hears() if isinstance(event, SilencesChanged)]


async def test_a_page_that_was_away_learns_that_a_silence_is_over(ward: Ward) -> None:
    practitioner, patient = await ward.two()
    ward.stops(patient, Source.MICROPHONE)
    ward.passes(3)
    practitioner.place.detach()
    ward.comes_back()
    ward.passes(3)
    place = ward.house.seating.resume(practitioner.seat.id, practitioner.seat.resume_secret)
    assert SilencesChanged(()) in ward.house.holds(place).hears()


async def test_an_embedder_is_silences_a_silence_by_its_own_pseudonyms(ward: Ward) -> None:
    heard: list[Happening] = []
    ward.house.seating.happened = heard.append
    ward.silences.observe(partial(pass_on, ward.house.seating))
    practitioner, patient = await ward.two()
    voice = patient.track(Source.MICROPHONE)
    practitioner.seat.report({}, {voice: Playing.REFUSED})
    ward.passes(1)
    practitioner.seat.report({}, {voice: Playing.PAUSED})
    ward.passes(2)
    (seen,) = Steering(ward.house.seating, ward.silences).silences(practitioner.place.room.model.id)
    assert (seen.publisher, seen.receiver, seen.silence.cause) == ("b", "a", Cause.PLAY_PAUSED)
    practitioner.seat.report({}, {voice: Playing.PLAYING})
    ward.passes(2)
    ward.stops(patient, Source.CAMERA)
    ward.passes(3)
    silences = [each for each in heard if each.silence is not None]
    assert [(h.kind, h.identity, h.receiver_identity, h.reason) for h in silences] == [
        ("silence_began", "b", "a", "play_refused"),
        ("silence_refined", "b", "a", "play_paused"),
        ("silence_ended", "b", "a", "play_paused"),
        ("silence_began", "b", None, "stopped"),
    ]
    assert "'b'" not in repr(silences)


async def test_nothing_is_silences_a_silence_once_one_of_the_two_has_left(ward: Ward) -> None:
    heard: list[Happening] = []
    ward.house.seating.happened = heard.append
    ward.silences.observe(partial(pass_on, ward.house.seating))
    practitioner, patient = await ward.two()
    ward.stops(patient, Source.MICROPHONE)
    ward.passes(3)
    await patient.seat.leave("left")
    assert Steering(ward.house.seating, ward.silences).silences(RoomId("room")) == []
    await practitioner.seat.leave("left")
    assert ward.silences.restless([]) == []
    assert [each.kind for each in heard][-4:] == ["silence_began", "left", "left", "room_closed"]
    assert [news.change for news in ward.news] == ["begun", "over"]
