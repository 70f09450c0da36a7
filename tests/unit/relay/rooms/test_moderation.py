"""Who may do what to whom: the commands, without anything that carries them out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import (
    CallerError,
    Conflict,
    InvalidRequest,
    NotAllowed,
    NotFound,
    RoomFull,
)
from relay.ids import ParticipantId, PublicationId, RoomId
from relay.rooms.effects import (
    Admitted,
    Moved,
    NoticeChanged,
    RoomChanged,
    RoomClosed,
    SentBack,
)
from relay.rooms.permissions import Role, Source
from relay.rooms.settings import MAX_DURATION_S, Priority, RoomSettings
from relay.rooms.standing import Standing
from relay.units import ns_of_seconds
from tests.unit.relay.rooms.scene import COMMANDS, NOW_NS, Scene


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("standing", [Standing.ADMITTED, Standing.WAITING])
def test_a_command_takes_its_right(scene: Scene, name: str, role: Role, standing: Standing) -> None:
    actor = scene.person("actor", role, standing)
    target = scene.person("target", Role.PRACTITIONER)
    right, command = COMMANDS[name]
    if actor.may(right) and name != "move":  # no token here names a room
        command(scene.of(actor), target.id)
    else:
        with pytest.raises(NotAllowed):
            command(scene.of(actor), target.id)
        assert scene.effects == []
        assert (scene.room.locked, scene.room.notice) == (False, "")
        assert not scene.room.private


@pytest.mark.parametrize("name", COMMANDS)
def test_who_is_gone_commands_nothing(scene: Scene, name: str) -> None:
    actor = scene.person("actor", Role.PRACTITIONER)
    target = scene.person("target", Role.PRACTITIONER)
    actor.standing = Standing.GONE
    with pytest.raises(NotAllowed):
        COMMANDS[name][1](scene.of(actor), target.id)
    assert scene.effects == []


@pytest.mark.parametrize(
    "name", ["admit", "send_back", "hand_over", "move", "eject", "mute", "unmute", "open_private"]
)
def test_somebody_who_is_not_here_is_not_found(scene: Scene, name: str) -> None:
    actor = scene.person("actor", Role.PRACTITIONER)
    with pytest.raises(NotFound):
        COMMANDS[name][1](scene.of(actor), ParticipantId("p-elsewhere"))
    assert scene.effects == []


@pytest.mark.parametrize("name", ["send_back", "hand_over", "eject", "mute"])
def test_nobody_does_to_themselves_what_is_done_to_others(scene: Scene, name: str) -> None:
    actor = scene.person("actor", Role.PRACTITIONER)
    with pytest.raises(Conflict):
        COMMANDS[name][1](scene.of(actor), actor.id)
    assert scene.effects == []


def test_two_practitioners_may_admit_at_once(scene: Scene) -> None:
    one, other = scene.person("one", Role.PRACTITIONER), scene.person("other", Role.PRACTITIONER)
    patient = scene.person("patient", standing=Standing.WAITING)
    scene.of(one).admit(patient.id)
    scene.of(other).admit(patient.id)
    assert scene.effects == [Admitted(patient)]
    assert patient.standing is Standing.ADMITTED


def test_nobody_is_admitted_beyond_the_limit(scene: Scene) -> None:
    scene.room.settings = RoomSettings(max_participants=1)
    one = scene.person("one", Role.PRACTITIONER)
    patient = scene.person("patient", standing=Standing.WAITING)
    with pytest.raises(RoomFull):
        scene.of(one).admit(patient.id)
    assert patient.standing is Standing.WAITING
    assert scene.effects == []


def test_whoever_is_sent_back_gives_up_what_they_publish_and_waits_again(scene: Scene) -> None:
    one, patient = scene.person("one", Role.PRACTITIONER), scene.person("patient")
    camera = scene.room.publish(patient.id, Source.CAMERA, PublicationId("t"))
    scene.room.subscribe(one.id, camera.id, wanted=False)
    scene.of(one).send_back(patient.id)
    scene.of(one).send_back(patient.id)
    assert scene.effects == [SentBack(patient, "sent_back")]
    assert (patient.publications, one.unwanted) == ({}, set())
    assert patient.identity in scene.room.must_wait
    assert scene.room.snapshot(patient.id, 0).participants == ()
    scene.of(one).admit(patient.id)
    assert patient.identity not in scene.room.must_wait


def test_a_hand_over_is_one_step(scene: Scene) -> None:
    scene.room.settings = RoomSettings(max_participants=2)
    assistant = scene.person("assistant", Role.ASSISTANT)
    doctor = scene.person("doctor", Role.PRACTITIONER, Standing.WAITING)
    patient = scene.person("patient", standing=Standing.WAITING)
    scene.of(assistant).hand_over(doctor.id, patient.id)
    assert scene.effects == [
        SentBack(assistant, "handed_over"),
        Admitted(doctor),
        Admitted(patient),
    ]
    assert list(scene.room.participants) == [doctor.id, patient.id]
    scene.of(doctor).hand_over(assistant.id)
    assert list(scene.room.participants) == [patient.id, assistant.id]


def test_a_hand_over_that_finds_no_room_changes_nothing(scene: Scene) -> None:
    scene.room.settings = RoomSettings(max_participants=1)
    assistant = scene.person("assistant", Role.ASSISTANT)
    doctor = scene.person("doctor", Role.PRACTITIONER, Standing.WAITING)
    patient = scene.person("patient", standing=Standing.WAITING)
    with pytest.raises(RoomFull):
        scene.of(assistant).hand_over(doctor.id, patient.id)
    assert scene.effects == []
    assert list(scene.room.participants) == [assistant.id]


def test_a_room_is_handed_to_somebody_who_can_run_it_and_by_somebody_in_it(scene: Scene) -> None:
    assistant, patient = scene.person("assistant", Role.ASSISTANT), scene.person("patient")
    with pytest.raises(Conflict):
        scene.of(assistant).hand_over(patient.id)
    with pytest.raises(Conflict):
        scene.of(None).hand_over(assistant.id)
    assert scene.effects == []


def test_a_token_names_the_rooms_one_may_move_others_to(scene: Scene) -> None:
    assistant, patient = scene.person("assistant", Role.ASSISTANT), scene.person("patient")
    target = RoomId("next door")
    with pytest.raises(NotAllowed):
        scene.of(assistant).move(patient.id, target)
    scene.of(None).move(patient.id, target)
    with pytest.raises(Conflict):
        scene.of(None).move(patient.id, scene.room.id)
    assert scene.effects == [Moved(patient, target)]


def test_lock_notice_end_and_closing(scene: Scene) -> None:
    one = scene.person("one", Role.PRACTITIONER)
    scene.room.ending.ends_ns = NOW_NS + ns_of_seconds(10)
    commands = scene.of(one)
    commands.lock()
    commands.lock()
    commands.unlock()
    commands.set_notice("soon")
    commands.set_notice("soon")
    commands.extend(60)
    commands.close()
    assert scene.effects == [
        RoomChanged("locked"),
        RoomChanged("unlocked"),
        NoticeChanged(),
        RoomChanged("extended"),
        RoomClosed(),
    ]
    assert scene.room.state(NOW_NS).ends_in_s == 70
    commands.extend(MAX_DURATION_S)
    assert scene.room.state(NOW_NS).ends_in_s == MAX_DURATION_S
    for wrong in (0, -1, MAX_DURATION_S + 1, float("nan")):
        with pytest.raises(InvalidRequest):
            commands.extend(wrong)
    with pytest.raises(InvalidRequest):
        commands.set_notice("x" * 501)


def test_urgent_people_wait_before_the_others(scene: Scene) -> None:
    for name, priority in (
        ("first", Priority.NORMAL),
        ("urgent", Priority.URGENT),
        ("second", Priority.NORMAL),
        ("also urgent", Priority.URGENT),
    ):
        scene.person(name, standing=Standing.WAITING, priority=priority)
    assert [each.id for each in scene.room.queue()] == ["urgent", "also urgent", "first", "second"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(COMMANDS)),
            st.sampled_from(["one", "expert", "patient", "carer", "backend"]),
            st.sampled_from(["one", "expert", "patient", "carer"]),
        ),
        max_size=30,
    )
)
def test_whatever_is_commanded_the_room_stays_whole(steps: list[tuple[str, str, str]]) -> None:
    scene = Scene()
    scene.room.settings = RoomSettings(max_participants=3)
    people = {
        "one": scene.person("one", Role.PRACTITIONER),
        "expert": scene.person("expert", Role.EXPERT),
        "patient": scene.person("patient", standing=Standing.WAITING),
        "carer": scene.person("carer", Role.CARER, Standing.WAITING),
    }
    for name, actor, target in steps:
        before = {each: person.standing for each, person in people.items()}
        told = len(scene.effects)
        try:
            COMMANDS[name][1](scene.of(people.get(actor)), ParticipantId(target))
        except CallerError:
            assert {each: person.standing for each, person in people.items()} == before
            assert len(scene.effects) == told
        for person in people.values():
            is_in = person.standing is Standing.ADMITTED
            assert (person.id in scene.room.participants) is is_in
            assert (person.id in scene.room.waiting) is not is_in
        assert len(scene.room.participants) <= 3
        assert scene.room.private <= set(scene.room.participants)
        for waits in scene.room.waiting:
            for inside in scene.room.participants:
                assert not scene.room.reaches(inside, waits)
                assert not scene.room.reaches(waits, inside)
