"""A report in sentences, in both languages, as people would say them."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

import pytest

from relay.charts.facts import CutCause
from relay.charts.growth import FlowKey
from relay.precall import Checked, Outcome, PrecallVerdict
from relay.rooms.permissions import Role, Source
from relay.trouble import Cause
from relay.units import NS_PER_S
from signalling.reports.incidents import lines_of
from signalling.reports.people import duration, labels_of, telling
from signalling.reports.summary import MOST_OF_A_KIND
from signalling.reports.telling import in_sentences
from signalling.reports.words import EN, FR
from signalling.reports.words_en import English
from signalling.reports.words_fr import French
from tests.unit.signalling.reports.scene import (
    CARER,
    DOCTOR,
    LIMITED,
    OPENED,
    PATIENT,
    SECOND,
    two,
)


def ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)


def test_a_calm_consultation_is_two_sentences() -> None:
    scene = two()
    scene.happens("room.closed", 870)
    summary = scene.report().summary
    assert summary.en == (
        "The consultation of 2026-09-21 lasted 14 min 30 s, from 10:00:00 to 10:14:30 (UTC).",
        "Sound and picture got through all the time, as far as the relay can tell.",
    )
    assert summary.fr == (
        "La consultation du 21/09/2026 a dur\u00e9 14 min 30 s, de 10:00:00 \u00e0 10:14:30 (UTC).",
        "Le son et l\u2019image sont pass\u00e9s tout le temps, autant que le relais le sache.",
    )


def test_one_that_goes_on_says_since_when() -> None:
    summary = two().report().summary
    assert summary.en[0] == "The consultation of 2026-09-21 has been going on since 10:00:00 (UTC)."
    assert summary.fr[0] == "La consultation du 21/09/2026 est en cours depuis 10:00:00 (UTC)."


def test_a_silence_names_who_did_not_hear_whom_and_when() -> None:
    scene = two()
    scene.silence(PATIENT, 130, 134, by=DOCTOR)
    summary = scene.report().summary
    assert summary.en[1] == (
        "The practitioner did not hear the patient from 10:02:10 to 10:02:14: "
        "it was lost on the way to the other side."
    )
    assert summary.fr[1] == (
        "Le praticien n\u2019a pas entendu le patient de 10:02:10 \u00e0 10:02:14\u00a0: "
        "tout se perdait vers l\u2019autre c\u00f4t\u00e9."
    )


def test_of_two_people_nobody_is_the_other_one_and_of_three_it_is_nobody() -> None:
    scene = two()
    scene.silence(PATIENT, 10, 20, cause=Cause.STOPPED)
    assert scene.report().summary.en[1].startswith("The practitioner did not hear the patient ")
    scene = two(carer=True)
    scene.silence(PATIENT, 10, None, cause=Cause.NO_SOUND)
    summary = scene.report().summary
    assert summary.en[1] == (
        "Nobody heard the patient since 10:00:10: the microphone gave no sound."
    )
    assert summary.fr[1] == (
        "Personne n\u2019a entendu le patient depuis 10:00:10\u00a0: le micro ne donnait aucun son."
    )


def test_pictures_and_screens_are_seen() -> None:
    scene = two()
    scene.silence(DOCTOR, 10, 20, by=PATIENT, source=Source.CAMERA)
    scene.silence(DOCTOR, 30, 40, by=PATIENT, source=Source.SCREEN)
    summary = scene.report().summary
    assert summary.en[1].startswith("The patient did not see the practitioner from 10:00:10 ")
    assert summary.en[2].startswith("The patient did not see the screen of the practitioner ")
    assert summary.fr[1].startswith("Le patient n\u2019a pas vu le praticien de 10:00:10 ")
    assert summary.fr[2].startswith("Le patient n\u2019a pas vu l\u2019\u00e9cran du praticien ")


def test_slots_in_which_much_was_lost_are_one_run() -> None:
    scene = two()
    voice = FlowKey(PATIENT, "from", "sound")
    for seconds, lost in ((0, 0), (5, 50), (10, 40), (15, 2)):
        scene.slot(seconds, voice, packets=200, lost=lost)
    summary = scene.report().summary
    # 50 of 250 and 40 of 240.
    assert summary.en[1] == "18 % of the sound of the patient was lost from 10:00:05 to 10:00:15."
    assert summary.fr[1] == (
        "18\u00a0% du son du patient se sont perdus de 10:00:05 \u00e0 10:00:15."
    )


def test_made_up_sound_and_pictures_that_stand_still_are_the_receivers() -> None:
    scene = two()
    flow = FlowKey(DOCTOR, "towards", "sound")
    scene.slot(0, flow, packets=200, lost=0, flawed_ms=1_000)
    assert scene.report().summary.en[1] == (
        "20 % of the sound that the practitioner heard was made up from 10:00:00 to 10:00:05."
    )
    scene = two()
    scene.slot(0, FlowKey(DOCTOR, "towards", "picture"), packets=9, lost=0, flawed_ms=2_500)
    summary = scene.report().summary
    assert summary.en[1] == (
        "The picture that the practitioner saw stood still 50 % of the time "
        "from 10:00:00 to 10:00:05."
    )
    assert summary.fr[1] == (
        "L\u2019image re\u00e7ue par le praticien est rest\u00e9e fig\u00e9e 50\u00a0% du temps "
        "de 10:00:00 \u00e0 10:00:05."
    )


def test_pictures_that_gave_way_to_sound_are_told() -> None:
    scene = two()
    chart = scene.record.chart
    chart.was_sent(PATIENT, "reduced", ns(10))
    chart.was_sent(PATIENT, "video_paused", ns(20))
    chart.was_sent(PATIENT, "audio_only", ns(25))
    chart.was_sent(PATIENT, "full", ns(40))
    assert scene.report().summary.en[1:] == (
        (
            "Pictures for the patient were paused from 10:00:20 to 10:00:40, "
            "so that sound got through."
        ),
    )


def test_pictures_are_paused_for_nobody_who_has_gone() -> None:
    scene = two()
    scene.record.chart.was_sent(PATIENT, "audio_only", ns(20))
    scene.record.chart.was_sent(DOCTOR, "video_paused", ns(30))
    assert scene.report().summary.en[1].endswith("since 10:00:20, so that sound got through.")
    scene.happens("participant.left", 40, PATIENT, reason="left")
    scene.happens("room.closed", 100)
    told = in_sentences(scene.report(), 0)
    of_patient, of_doctor = told.summary.en[1:]
    assert "the patient were paused from 10:00:20 to 10:00:40," in of_patient
    assert "the practitioner were paused from 10:00:30 to 10:01:40," in of_doctor
    ends = [line.ended for line in lines_of(telling(told, EN, 0))]
    assert ends == [OPENED + timedelta(seconds=seconds) for seconds in (40, 100)]


def test_a_check_before_is_told_and_does_not_say_that_anything_was_amiss() -> None:
    scene = two()
    scene.record.chart.was_checked(PATIENT, LIMITED, ns(4))
    told = scene.report().summary
    assert told.en[1].startswith("Sound and picture got through")
    assert told.en[2] == (
        "The check of the patient before the consultation: something could be better."
    )
    assert told.fr[2] == (
        "Contr\u00f4le du patient avant la consultation\u00a0: quelque chose pourrait aller mieux."
    )


def test_a_list_that_is_too_long_ends_with_a_number() -> None:
    scene = two()
    for n in range(MOST_OF_A_KIND + 3):
        scene.silence(PATIENT, 20 * n, 20 * n + 5, by=DOCTOR)
    told = scene.report().summary.en
    assert len(told) == MOST_OF_A_KIND + 2
    assert told[-1] == "There were 3 more of the kind; all of them are in the tables."


def test_times_are_those_of_the_place_where_that_is_said() -> None:
    scene = two()
    scene.silence(PATIENT, 130, 134, by=DOCTOR)
    there = in_sentences(scene.report(), -210).summary
    assert "since 06:30:00 (UTC-03:30)" in there.en[0]
    assert "from 06:32:10 to 06:32:14" in there.en[1]
    assert scene.report().silences[0].began_at == scene.record.opened_at + timedelta(seconds=130)


def test_several_of_one_role_are_numbered_as_they_came() -> None:
    scene = two(carer=True)
    scene.happens("participant.joined", 60, SECOND)
    report = scene.report()
    assert labels_of(report, EN)[CARER] == "the carer (1)"
    assert labels_of(report, FR)[SECOND] == "l\u2019aidant (2)"
    assert labels_of(report, FR)[DOCTOR] == "le praticien"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.6, "1 min 0 s"), (3_599, "59 min 59 s"), (3_720, "1 h 2 min"), (-5, "0 s")],
)
def test_durations_are_said_shortly(seconds: float, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


def test_both_languages_have_every_word() -> None:
    en, fr = vars(English), vars(French)
    assert {name for name in en if not name.startswith("__")} == {
        name for name in fr if not name.startswith("__")
    }
    for name, words in en.items():
        if isinstance(words, dict):
            assert words.keys() == fr[name].keys(), name
            assert all(words.values()), name
    assert English.causes.keys() == set(Cause)
    assert English.cut_causes.keys() == set(get_args(CutCause))
    assert English.roles.keys() == set(Role)
    assert English.things.keys() == set(Checked)
    assert English.verdicts.keys() == set(PrecallVerdict)
    assert English.outcomes.keys() == set(Outcome)
