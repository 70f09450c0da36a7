"""The model of a room: publications, wishes, permissions, admission."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import (
    Conflict,
    LimitReached,
    NotAllowed,
    NotFound,
    RelayError,
    RoomFull,
    UnknownRoom,
)
from relay.ids import Mid, ParticipantId, PublicationId, RoomId, WorkerIndex
from relay.rooms.admission import Limits, admit
from relay.rooms.announcing import require_matching
from relay.rooms.participant import Participant
from relay.rooms.permissions import BY_ROLE, Grant, Kind, Role, Source, permissions_of
from relay.rooms.room import Room
from relay.rooms.settings import RoomSettings
from relay.rooms.standing import StandingInput
from tests.unit.relay.conftest import grant

ANN, BEN = ParticipantId("ann"), ParticipantId("ben")


def room_of(*people: tuple[ParticipantId, Role]) -> Room:
    room = Room(RoomId("room"), WorkerIndex(0))
    for who, role in people:
        permissions = permissions_of(grant(who, role))
        room.enter(Participant(who, f"identity of {who}", role, permissions))
    return room


def test_a_source_announced_again_keeps_its_publication() -> None:
    room = room_of((ANN, Role.PATIENT))
    first = room.publish(ANN, Source.CAMERA, PublicationId("t1"))
    room.mute(ANN, first.id, muted=True)
    again = room.publish(ANN, Source.CAMERA, PublicationId("t2"))
    assert again is first
    assert again.muted


def test_nobody_receives_themselves() -> None:
    room = room_of((ANN, Role.PATIENT), (BEN, Role.PRACTITIONER))
    camera = room.publish(ANN, Source.CAMERA, PublicationId("t1"))
    assert room.wanted_by(ANN) == ()
    assert room.wanted_by(BEN) == (camera,)
    assert [p.id for p in room.receivers_of(camera)] == [BEN]


def test_a_device_receives_nothing() -> None:
    room = room_of((ANN, Role.PATIENT), (BEN, Role.DEVICE))
    camera = room.publish(ANN, Source.CAMERA, PublicationId("t1"))
    assert room.wanted_by(BEN) == ()
    assert list(room.receivers_of(camera)) == []
    with pytest.raises(NotAllowed):
        room.subscribe(BEN, camera.id, wanted=True)


def test_a_wish_ends_with_its_track() -> None:
    room = room_of((ANN, Role.PATIENT), (BEN, Role.PRACTITIONER))
    camera = room.publish(ANN, Source.CAMERA, PublicationId("t1"))
    room.subscribe(BEN, camera.id, wanted=False)
    room.unpublish(ANN, camera.id)
    assert room.participants[BEN].unwanted == set()
    again = room.publish(ANN, Source.CAMERA, PublicationId("t1"))
    room.subscribe(BEN, again.id, wanted=False)
    room.leave(ANN, StandingInput.END)
    assert room.participants[BEN].unwanted == set()
    with pytest.raises(NotFound):
        room.subscribe(BEN, again.id, wanted=True)


def test_only_ones_own_tracks_can_be_muted_or_withdrawn() -> None:
    room = room_of((ANN, Role.PATIENT), (BEN, Role.PRACTITIONER))
    camera = room.publish(ANN, Source.CAMERA, PublicationId("t1"))
    with pytest.raises(NotFound):
        room.mute(BEN, camera.id, muted=True)
    with pytest.raises(NotFound):
        room.unpublish(BEN, camera.id)


def test_a_mark_is_news_once_stays_with_its_track_and_is_for_ones_own_pictures() -> None:
    room = room_of((ANN, Role.PATIENT), (BEN, Role.PRACTITIONER))
    camera = room.publish(ANN, Source.CAMERA, PublicationId("t1"))
    assert [room.mark(ANN, camera.id, keeps) for keeps in ("motion", "motion", None)] == [
        True,
        False,
        True,
    ]
    room.mark(ANN, camera.id, "detail")
    assert room.publish(ANN, Source.CAMERA, PublicationId("t2")).keeps == "detail"
    with pytest.raises(NotFound):
        room.mark(BEN, camera.id, "motion")
    voice = room.publish(ANN, Source.MICROPHONE, PublicationId("t3"))
    with pytest.raises(Conflict):
        room.mark(ANN, voice.id, "motion")


def test_what_others_see_holds_no_identity() -> None:
    room = room_of((ANN, Role.PATIENT), (BEN, Role.PRACTITIONER))
    assert "identity" not in repr(room.snapshot(BEN, 0))
    assert "identity" not in repr(room)
    assert room.of_identity("identity of ann") is room.participants[ANN]


@given(
    st.sampled_from(Role),
    st.frozensets(st.sampled_from(Source)),
    st.booleans(),
    st.booleans(),
)
def test_a_token_only_ever_narrows_its_role(
    role: Role, publish: frozenset[Source], subscribe: bool, data: bool
) -> None:
    given_grant = Grant(RoomId("room"), "x", role, publish, subscribe, data, open_room=True)
    permitted = permissions_of(given_grant)
    assert permitted.publish == BY_ROLE[role].publish & publish
    assert permitted.subscribe == (BY_ROLE[role].subscribe and subscribe)
    assert permitted.data == (BY_ROLE[role].data and data)


@pytest.mark.parametrize(
    ("tracks", "refusal"),
    [
        ({"9": Source.CAMERA}, NotFound),
        ({"0": Source.CAMERA}, Conflict),
        ({"1": Source.CAMERA, "2": Source.CAMERA}, Conflict),
    ],
)
def test_sources_must_fit_their_lines(tracks: dict[str, Source], refusal: type[RelayError]) -> None:
    kinds = {Mid("0"): Kind.AUDIO, Mid("1"): Kind.VIDEO, Mid("2"): Kind.VIDEO}
    with pytest.raises(refusal):
        require_matching({Mid(mid): source for mid, source in tracks.items()}, kinds)
    require_matching({Mid("0"): Source.MICROPHONE, Mid("1"): Source.SCREEN}, kinds)


def test_admission_holds_the_limits() -> None:
    limits = Limits(max_rooms=1)
    full = room_of((ANN, Role.PATIENT))
    full.settings = RoomSettings(max_participants=1)
    admit(grant("a"), None, rooms=0, limits=limits)
    admit(grant("a", open_room=False), room_of(), rooms=1, limits=limits)
    with pytest.raises(UnknownRoom):
        admit(grant("a", open_room=False), None, rooms=0, limits=limits)
    with pytest.raises(LimitReached):
        admit(grant("a"), None, rooms=1, limits=limits)
    with pytest.raises(RoomFull):
        admit(grant("a"), full, rooms=1, limits=limits)
