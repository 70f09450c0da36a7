"""Cuts in a report's sentences: told once, and only what belongs to them is told with them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from relay.charts.growth import FlowKey
from relay.rooms.permissions import Source
from relay.trouble import Cause
from relay.units import NS_PER_S
from signalling.api.schemas import Course, Slots
from signalling.reports.summary import is_within_a_cut
from signalling.reports.telling import in_sentences
from tests.unit.signalling.reports.scene import DOCTOR, PATIENT, Scene, two


def ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)


def cut_off(scene: Scene, began: float, ended: float) -> None:
    cuts = scene.record.chart.cuts
    cuts.quiet(PATIENT, ns(began), 3)
    cuts.back(PATIENT, 3, ns(ended))


def test_a_cut_is_told_once_and_not_again_as_its_silences() -> None:
    scene = two()
    cuts = scene.record.chart.cuts
    cuts.quiet(PATIENT, ns(60), 3)
    cuts.back(PATIENT, 3, ns(65))
    scene.silence(PATIENT, 60, 65, cause=Cause.STOPPED)
    scene.silence(PATIENT, 60, 65, source=Source.CAMERA, cause=Cause.STOPPED)
    report = scene.report()
    assert len(report.silences) == 2, "the tables have them"
    assert report.summary.en[1:] == (
        (
            "The patient was cut off from 10:01:00 to 10:01:05: "
            "the network let nothing through, or their page stood still."
        ),
    )
    assert report.summary.fr[1:] == (
        (
            "Le patient a \u00e9t\u00e9 coup\u00e9 de 10:01:00 \u00e0 10:01:05\u00a0: "
            "rien ne passait par le r\u00e9seau, ou la page \u00e9tait \u00e0 l\u2019arr\u00eat."
        ),
    )


def test_a_silence_with_a_cut_in_it_is_told_beside_the_cut() -> None:
    scene = two()
    cut_off(scene, 300, 303)
    scene.silence(PATIENT, 60, 660, by=DOCTOR)
    assert scene.report().summary.en[1:] == (
        (
            "The patient was cut off from 10:05:00 to 10:05:03: "
            "the network let nothing through, or their page stood still."
        ),
        (
            "The practitioner did not hear the patient from 10:01:00 to 10:11:00: "
            "it was lost on the way to the other side."
        ),
    )


@pytest.mark.parametrize(
    ("began", "ended", "is_part"),
    [
        (60, 70, True),
        (58, 72.5, True),
        (57, 70, False),
        (60, 73, False),
        (60, 80, False),
        (73, 82, True),
        (62, None, False),
        (100, 102, False),
        (71, 72, False),
    ],
)
def test_what_is_outside_of_cuts_is_a_silence_of_its_own_where_it_lasts(
    began: float, ended: float | None, is_part: bool
) -> None:
    scene = two()
    cut_off(scene, 60, 70)
    cut_off(scene, 75, 80)
    scene.silence(PATIENT, began, ended)
    (silence,) = scene.report().silences
    assert is_within_a_cut(silence, scene.report().cuts) == is_part


def test_while_somebody_is_cut_off_their_silence_is_the_cut() -> None:
    scene = two()
    scene.record.chart.cuts.quiet(PATIENT, ns(60), 3)
    scene.silence(PATIENT, 60, None)
    (silence,) = scene.report().silences
    assert is_within_a_cut(silence, scene.report().cuts)
    assert not is_within_a_cut(silence, ())


def test_what_was_lost_in_a_cut_is_the_cut() -> None:
    scene = two()
    cuts = scene.record.chart.cuts
    cuts.quiet(PATIENT, ns(5), 3)
    cuts.back(PATIENT, 3, ns(10))
    voice = FlowKey(PATIENT, "from", "sound")
    for seconds in (0, 5, 10):
        scene.slot(seconds, voice, packets=100, lost=90)
    assert [each.partition(" from")[0] for each in scene.report().summary.en[1:]] == [
        "The patient was cut off"
    ]


def test_in_long_slots_no_more_is_taken_for_a_cut_than_in_short_ones() -> None:
    scene = two()
    cut_off(scene, 70, 75)
    report = scene.report()
    slots = Slots(begins_at=report.opened_at, width_s=20, count=8)
    # The cut lies in the fourth of them; the next begins when its losses are counted.
    lost = (0.0, 0.3, 0.2, 0.9, 0.9, 0.4, 0.4, 0.0)
    course = Course(
        participant=PATIENT,
        direction="from",
        medium="sound",
        first=0,
        kbps=(40,) * 8,
        loss_ratio=lost,
        jitter_ms=(4,) * 8,
        flawed_ratio=(None,) * 8,
    )
    told = in_sentences(replace(report, slots=slots, courses=(course,)), 0).summary.en
    assert [each for each in told if "was lost" in each] == [
        "25 % of the sound of the patient was lost from 10:00:20 to 10:01:00.",
        "40 % of the sound of the patient was lost from 10:01:40 to 10:02:20.",
    ]
