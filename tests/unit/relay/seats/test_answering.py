"""Offers answered: fresh legs, reloads, ICE restarts, codec agreement, refusals."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.errors import CallerError, Conflict, InvalidOffer, NotFound, Overloaded, PeerError
from relay.ids import Mid
from relay.rooms.events import (
    ConnectionChanged,
    MoreSlotsNeeded,
    ParticipantLeft,
    RenegotiationNeeded,
    SlotsChanged,
    TrackPublished,
    TrackUnpublished,
)
from relay.rooms.leg_states import LegState
from relay.rooms.permissions import Role, Source
from relay.rooms.settings import RoomSettings
from relay.seats.answering import answer_untrusted
from tests.unit.relay.conftest import CAPTURES, CHROMIUM, House, restarted
from tests.unit.relay.fakes import KEYS, settle

MORE_SLOTS = (CAPTURES / "sdp_chromium_sdk_more_slots.sdp").read_bytes().decode()


async def test_the_answer_says_what_the_engine_was_told(house: House) -> None:
    person = house.enters("a")
    answer = await person.offer()
    ufrag, password = person.leg.credentials
    assert f"a=ice-ufrag:{ufrag.decode()}\r\n" in answer.sdp
    assert f"a=ice-pwd:{password.decode()}\r\n" in answer.sdp
    assert answer.slots == ("2", "3", "4", "5", "6")
    for line in person.leg.lines.values():
        assert f"a=ssrc:{line['ssrc']} cname:visavis" in answer.sdp
    assert "192.0.2.1 7882 typ host" in answer.sdp
    camera = next(t for t in person.leg.published.values() if t["mid"] == b"1")
    assert camera["rids"] == [b"h", b"m", b"l"]
    assert camera["transport_cc"]
    assert camera["nack"]


async def test_voice_and_face_of_one_person_share_a_stream(house: House) -> None:
    answer = await house.enters("a").offer()
    streams = re.findall(r"a=msid:(\S+) (\S+)", answer.sdp)
    assert streams == [
        ("slot-0", "audio-0"),
        ("slot-1", "audio-1"),
        ("slot-0", "video-0"),
        ("slot-1", "video-1"),
        ("slot-2", "video-2"),
    ]


async def test_a_reload_is_neither_a_leave_nor_a_new_track(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect()
    before = patient.track(Source.CAMERA)
    shown_before = practitioner.leg.carried_by_mid()["4"]
    practitioner.hears()
    old = patient.leg
    await patient.offer(restarted(CHROMIUM))
    assert practitioner.leg.carried_by_mid()["4"] == shown_before
    assert not old.removed
    patient.transport.handshake.set_result(KEYS)
    await settle()
    assert patient.track(Source.CAMERA) == before
    assert practitioner.leg.carried_by_mid()["4"] not in (0, shown_before)
    assert old.removed
    assert practitioner.hears() == []


async def test_a_leg_that_carries_nothing_is_replaced_at_once(house: House) -> None:
    person = house.enters("a")
    await person.offer()
    old = person.leg
    await person.offer()
    await settle()
    assert old.removed
    assert person.place.previous is None


async def test_a_third_page_closes_the_second_and_keeps_the_first_for_the_others(
    house: House,
) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect()
    first = patient.leg
    await patient.offer()
    second = patient.leg
    await patient.offer()
    await settle()
    assert second.removed
    assert not first.removed
    patient.transport.handshake.set_result(KEYS)
    await settle()
    assert first.removed


async def test_a_publication_that_is_not_brought_again_is_withdrawn_in_time(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect()
    camera = patient.track(Source.CAMERA)
    await patient.connect(tracks={Mid("0"): Source.MICROPHONE})
    practitioner.hears()
    house.clock.move(19)
    house.seating.expire(patient.place.room)
    assert practitioner.hears() == []
    house.clock.move(1)
    house.seating.expire(patient.place.room)
    assert practitioner.hears()[0] == TrackUnpublished(patient.seat.participant, camera)


async def test_new_ice_credentials_restart_ice_and_nothing_else(house: House) -> None:
    person = house.enters("a")
    await person.connect()
    leg = person.leg
    before, peer, commands = leg.credentials, leg.peer, len(leg.commands)
    assert f"a=ice-pwd:{peer[1].decode()}" in CHROMIUM
    answer = await person.offer(restarted(CHROMIUM), fresh=False)
    assert person.leg is leg
    assert leg.credentials != before
    assert leg.credentials[0].decode() in answer.sdp
    assert leg.peer == (b"Zzzz", peer[1]), "the participant signs with new credentials, too"
    new = leg.commands[commands:]
    assert "restart_ice" in new
    assert not {c for c in new if c.startswith(("publish", "add_slot", "unpublish", "bind"))}


async def test_the_same_offer_again_keeps_the_credentials(house: House) -> None:
    person = house.enters("a")
    await person.connect()
    before = person.leg.credentials
    await person.offer(fresh=False)
    assert person.leg.credentials == before


async def test_an_offer_that_changes_nothing_known_is_a_conflict(house: House) -> None:
    person = house.enters("a")
    with pytest.raises(Conflict):
        await person.offer(fresh=False)
    await person.connect()
    stranger = CHROMIUM.replace("8A:2D:5A", "00:2D:5A")
    with pytest.raises(Conflict):
        await person.offer(stranger, fresh=False)


async def test_a_refused_offer_changes_nothing(house: House) -> None:
    person = house.enters("a")
    await person.connect()
    leg, commands = person.leg, list(person.leg.commands)
    with pytest.raises(InvalidOffer):
        await person.offer("v=1")
    with pytest.raises(NotFound):
        await person.offer(tracks={Mid("9"): Source.CAMERA})
    assert person.leg is leg
    assert leg.commands == commands
    assert len(house.engine.legs) == 1
    assert house.counted("visavis_bad_input") == {
        ("offer", "invalid_offer"): 1,
        ("offer", "not_found"): 1,
    }


async def test_an_engine_that_is_full_leaves_no_half_leg(house: House) -> None:
    person = house.enters("a")
    await person.connect()
    present = person.place.leg
    make = house.engine.leg

    def full(worker: int) -> object:
        leg = make(worker)  # type: ignore[arg-type]
        leg.full = True
        return leg

    house.engine.leg = full  # type: ignore[method-assign, assignment]
    with pytest.raises(Overloaded):
        await person.offer()
    assert person.place.leg is present
    assert house.engine.legs[-1].removed


async def test_added_lines_become_slots_and_the_third_person_is_shown(house: House) -> None:
    first, second, third = (house.enters(name) for name in "abc")
    for person in (first, second, third):
        await person.connect()
    await second.seat.negotiate(CHROMIUM, {}, fresh=False)
    first.hears()
    for person in (second, third):
        assert person.place.leg is not None
    assert not first.place.shortage
    answer = await first.offer(MORE_SLOTS)
    assert len(answer.slots) > len("23456")


async def test_more_slots_are_asked_for_once(house: House) -> None:
    house.seating.settings = RoomSettings(max_participants=9)
    viewer = house.enters("v")
    await viewer.connect()
    others = [house.enters(name) for name in "abc"]
    for person in others:
        await person.connect()
    told = [event for event in viewer.hears() if isinstance(event, MoreSlotsNeeded)]
    assert told == [MoreSlotsNeeded(audio=1, video=0)]


async def test_a_newcomer_who_cannot_decode_changes_the_publishers_codec(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    practitioner.hears()
    without_vp8 = CHROMIUM.replace(" VP8/90000", " NONE/90000")
    await patient.connect(without_vp8, tracks={})
    asked = [e for e in practitioner.hears() if isinstance(e, RenegotiationNeeded)]
    assert asked == [RenegotiationNeeded("codec")]
    await patient.offer(without_vp8, tracks={}, fresh=False)
    assert not [e for e in practitioner.hears() if isinstance(e, RenegotiationNeeded)]
    answer = await practitioner.offer(fresh=False)
    camera = answer.sdp.split("m=")[2]
    first_payload_type = camera.split()[3]
    assert f"a=rtpmap:{first_payload_type} H264/90000" in camera
    assert not [e for e in practitioner.hears() if isinstance(e, RenegotiationNeeded)]


async def test_a_line_that_is_no_longer_sent_on_takes_its_track_with_it(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect()
    practitioner.hears()
    camera = patient.track(Source.CAMERA)
    head, tail = CHROMIUM.split("a=mid:1\r\n")
    stopped = head + "a=mid:1\r\n" + tail.replace("a=sendonly", "a=inactive", 1)
    await patient.offer(stopped, tracks={}, fresh=False)
    events = practitioner.hears()
    assert TrackUnpublished(patient.seat.participant, camera) in events
    assert isinstance(events[-1], SlotsChanged)


async def test_tracks_of_an_offer_are_told_once(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await patient.offer()
    await patient.offer(fresh=False)
    told = [event for event in practitioner.hears() if isinstance(event, TrackPublished)]
    assert [event.track.source for event in told] == [Source.MICROPHONE, Source.CAMERA]
    assert not [event for event in practitioner.hears() if isinstance(event, ParticipantLeft)]
    assert ConnectionChanged(LegState.CONNECTING) in patient.hears()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
async def test_a_broken_offer_is_refused_or_answered(house: House, data: st.DataObject) -> None:
    """`answer_untrusted` on captured offers with lines cut, doubled and shuffled."""
    lines = CHROMIUM.splitlines(keepends=True)
    start = data.draw(st.integers(0, len(lines)))
    length = data.draw(st.integers(0, 40))
    noise = data.draw(st.text(max_size=40))
    broken = "".join([*lines[:start], noise, *lines[start + length :]])
    place = next(iter(house.seating.places.values()), None) or house.enters("a").place
    legs = len(house.engine.legs)
    try:
        answer = answer_untrusted(place, broken, {}, house.means, fresh=True)
    except (CallerError, PeerError):
        assert len(house.engine.legs) == legs
    else:
        assert answer.sdp.startswith("v=0\r\n")
    await settle()
