"""What a moderator lets others have of somebody, and what those who confer keep among them."""

from __future__ import annotations

import pytest

from relay.errors import (
    Conflict,
    EngineFailed,
    NotAllowed,
    NotFound,
)
from relay.ids import PublicationId
from relay.rooms.effects import (
    HeldBack,
    PrivateChanged,
)
from relay.rooms.permissions import Role, Source
from relay.rooms.standing import Standing
from tests.unit.relay.rooms.scene import COMMANDS, Scene


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_a_moderators_mute_and_ones_own_are_two(scene: Scene) -> None:
    one, patient = scene.person("one", Role.PRACTITIONER), scene.person("patient")
    voice = scene.room.publish(patient.id, Source.MICROPHONE, PublicationId("t"))
    scene.of(one).mute(patient.id)
    assert voice.muted
    assert not voice.own_info().muted
    scene.room.mute(patient.id, voice.id, muted=True)
    scene.of(one).unmute(patient.id)
    assert voice.muted
    scene.room.mute(patient.id, voice.id, muted=False)
    assert not voice.muted
    assert scene.effects == [HeldBack(patient, (voice,)), HeldBack(patient, ())]


def test_a_mute_outlives_the_track_it_was_made_of(scene: Scene) -> None:
    one, patient = scene.person("one", Role.PRACTITIONER), scene.person("patient")
    scene.of(one).mute(patient.id, {Source.MICROPHONE, Source.CAMERA})
    voice = scene.room.publish(patient.id, Source.MICROPHONE, PublicationId("t"))
    screen = scene.room.publish(patient.id, Source.SCREEN, PublicationId("u"))
    assert (voice.muted, screen.muted) == (True, False)


def test_everybody_but_moderators_is_muted_at_once(scene: Scene) -> None:
    one, other = scene.person("one", Role.PRACTITIONER), scene.person("other", Role.ASSISTANT)
    patient = scene.person("patient")
    people = (one, other, patient)
    voices = [
        scene.room.publish(p.id, Source.MICROPHONE, PublicationId(f"t-{p.id}")) for p in people
    ]
    scene.of(one).mute_all()
    assert [voice.muted for voice in voices] == [False, False, True]
    scene.of(one).unmute_all()
    assert not any(voice.muted for voice in voices)


@pytest.mark.parametrize("name", ["mute", "open_private"])
def test_what_the_engine_could_not_do_has_not_happened(scene: Scene, name: str) -> None:
    one, expert = scene.person("one", Role.PRACTITIONER), scene.person("expert", Role.EXPERT)
    voice = scene.room.publish(expert.id, Source.MICROPHONE, PublicationId("t"))
    with pytest.raises(EngineFailed):
        COMMANDS[name][1](scene.failing(one), expert.id)
    assert not voice.muted
    assert (scene.room.held_back, scene.room.private) == ({}, frozenset())
    assert not scene.room.conferring.groups


def test_a_patient_takes_no_part_in_a_private_conversation(scene: Scene) -> None:
    one, patient = scene.person("one", Role.PRACTITIONER), scene.person("patient")
    waiting = scene.person("expert", Role.EXPERT, Standing.WAITING)
    for members, refusal in (
        ([one.id, patient.id], NotAllowed),
        ([one.id, waiting.id], Conflict),
        ([], Conflict),
    ):
        with pytest.raises(refusal):
            scene.of(one).open_private(members)
    assert scene.effects == []


def test_what_is_private_reaches_those_who_confer_and_nobody_else(scene: Scene) -> None:
    one, expert = scene.person("one", Role.PRACTITIONER), scene.person("expert", Role.EXPERT)
    patient = scene.person("patient")
    tracks = {
        who.id: scene.room.publish(who.id, Source.CAMERA, PublicationId(f"t-{who.id}"))
        for who in (one, expert, patient)
    }
    scene.of(one).open_private([one.id, expert.id])
    scene.of(one).open_private([expert.id, one.id])
    assert scene.effects == [PrivateChanged({})]
    assert scene.room.wanted_by(patient.id) == ()
    assert scene.room.wanted_by(one.id) == (tracks[expert.id], tracks[patient.id])
    assert list(scene.room.receivers_of(tracks[one.id])) == [expert]
    seen = scene.room.snapshot(patient.id, 0).participants
    assert [(each.private, each.tracks) for each in seen] == [(True, ()), (True, ())]
    with pytest.raises(NotFound):
        scene.room.subscribe(patient.id, tracks[one.id].id, wanted=True)
    scene.of(one).close_private()
    assert scene.room.wanted_by(patient.id) == (tracks[one.id], tracks[expert.id])
