"""What is written down of a consultation, and what of it where there is too much."""

from __future__ import annotations

import gc
import tracemalloc
from dataclasses import replace
from datetime import timedelta

from relay.ids import PublicationId
from relay.rooms.events import Silence
from relay.rooms.permissions import Source
from relay.trouble import Cause, Stage
from tests.unit.signalling.reports.scene import DOCTOR, OPENED, PATIENT, Scene, eventful, two

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
