"""What is written down of a consultation, and what of it where there is too much."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace
from datetime import timedelta

import pytest

from relay.ids import ParticipantId, PublicationId
from relay.rooms.events import Silence
from relay.rooms.permissions import Role, Source
from relay.trouble import Cause, Stage
from tests.unit.signalling.reports.scene import DOCTOR, OPENED, PATIENT, ROLES, Scene, eventful, two

FOUND = Silence(
    PublicationId("t-1"), PATIENT, Source.MICROPHONE, DOCTOR, Stage.NOT_RECEIVED, Cause.LOST
)


def test_a_silence_has_the_cause_that_people_were_told_last() -> None:
    scene = two()
    since = OPENED + timedelta(seconds=10)
    scene.happens("silence.began", 12, PATIENT, silence=FOUND, since=since)
    refined = replace(FOUND, stage=Stage.NOT_PLAYED, cause=Cause.PLAY_PAUSED)
    scene.happens("silence.refined", 14, PATIENT, silence=refined, since=since)
    (silence,) = scene.report().silences
    assert (silence.stage, silence.cause) == (Stage.NOT_PLAYED, Cause.PLAY_PAUSED)
    assert (silence.began_at, silence.ended_at) == (since, None)
    # Nobody says that it is over: its publisher is gone.
    scene.happens("participant.left", 20, PATIENT, reason="left")
    report = scene.report()
    (silence,) = report.silences
    assert (silence.stage, silence.cause) == (Stage.NOT_PLAYED, Cause.PLAY_PAUSED)
    assert silence.ended_at == OPENED + timedelta(seconds=20)
    assert [each.type for each in report.incidents] == ["silence.began"]


def test_of_a_silence_that_is_over_no_other_cause_is_found() -> None:
    scene = two()
    scene.silence(PATIENT, 10, 15, by=DOCTOR)
    refined = replace(FOUND, cause=Cause.PLAY_PAUSED)
    scene.happens("silence.refined", 17, PATIENT, silence=refined)
    (silence,) = scene.report().silences
    assert silence.cause is Cause.LOST


WAITS, BRIEF, LONGER = (ParticipantId(f"p-{name}") for name in ("waits", "brief", "longer"))


def test_beyond_so_many_stays_the_shortest_is_left_out_and_a_wait_before_any(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("signalling.reports.record.MAX_ATTENDANCES", 3)
    scene = two()
    for who, what, came, went in (
        (WAITS, "participant.waiting", 10, 500),
        (BRIEF, "participant.joined", 20, 25),
        (LONGER, "participant.joined", 30, 60),
    ):
        monkeypatch.setitem(ROLES, who, Role.CARER)
        scene.happens(what, came, who)
        scene.happens("participant.left", went, who, reason="left")
    scene.silence(PATIENT, 510, 520, by=DOCTOR)
    # Both were there from the beginning, and leave last.
    scene.happens("participant.left", 600, PATIENT, reason="left")
    scene.happens("participant.left", 601, DOCTOR, reason="left")
    scene.happens("room.closed", 601)
    report = scene.report()
    assert [stay.participant for stay in report.participants] == [PATIENT, DOCTOR, LONGER]
    assert report.left_out == 2
    assert report.summary.en[1].startswith("The practitioner did not hear the patient ")


def test_what_it_takes_of_memory_is_not_underestimated() -> None:
    def many() -> list[Scene]:
        scenes = [eventful() for _ in range(50)]
        for scene in scenes:
            scene.happens("room.closed", 20)
        return scenes

    many()  # what is made once is made by now
    gc.collect()
    tracemalloc.start()
    try:
        scenes = many()
        gc.collect()
        taken_bytes, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    told_bytes = sum(scene.record.size_bytes for scene in scenes)
    assert taken_bytes < told_bytes < 8 * taken_bytes
