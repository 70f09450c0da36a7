"""A report in sentences: what whoever was there would say of it, with its times.

Pure. A silence that is part of a cut is told as the cut; runs of bad slots are told as one. Called
by `signalling.reports.telling`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from relay.charts.chart import SLOT_S
from signalling.api.schemas import Course, Report, ReportedCut, ReportedSilence
from signalling.reports.people import Told, duration, telling, was_in, went_at
from signalling.reports.words import Words

MOST_OF_A_KIND: Final = 12
"""Beyond, a list is no summary: the tables have all of them."""

LOST_RATIO: Final = 0.10
"""As `relay.places.quality`: Opus with in-band FEC is laborious from about 10 % on."""
MADE_UP_RATIO: Final = 0.10
FROZEN_RATIO: Final = 0.30
"""A picture that stands still for a third of the time is no longer looked at."""

PAUSED: Final = frozenset({"video_paused", "audio_only"})
"""States in which somebody is sent no picture that they should see."""

TOLD_AFTER: Final = timedelta(seconds=3)
"""A silence is sure after two seconds or three (docs/report.md): what is shorter is none."""
BEFORE_A_CUT: Final = timedelta(seconds=5)
"""A path that breaks often loses before it is silent."""
AFTER_A_CUT: Final = timedelta(seconds=10)
"""Figures are read every five seconds, and browsers report every few: what a cut cost is counted in
the first slots after it."""

_HUNDRED: Final = 100


class _Run(NamedTuple):
    """Slots one behind the other."""

    began: datetime
    ended: datetime
    percent: int


def summary_of(report: Report, words: Words, utc_offset_min: int) -> tuple[str, ...]:
    """Give the sentences: how long, what was cut off or silent, what was poor, what is not kept."""
    told = telling(report, words, utc_offset_min)
    amiss = [
        sentence
        for kind in (_cuts(told), _silences(told), _poor(told), _paused(told))
        for sentence in _few(kind, words)
    ]
    if not amiss and any(stay.joined_at is not None for stay in report.participants):
        amiss = [words.smooth()]
    return (_whole(told), *amiss, *_few(_checked(told), words), *_kept(told))


def is_within_a_cut(silence: ReportedSilence, cuts: Iterable[ReportedCut]) -> bool:
    """Whether a silence is a part of its publisher's being cut off.

    What of it lies outside their cuts would be no silence by itself. One that goes on although the
    cut is over is more than the cut.
    """
    covering = [
        cut
        for cut in cuts
        if cut.participant == silence.participant
        and (cut.ended_at is None or silence.began_at <= cut.ended_at)
        and (silence.ended_at is None or cut.began_at <= silence.ended_at)
    ]
    told_until = silence.began_at
    for cut in sorted(covering, key=lambda cut: cut.began_at):
        if cut.began_at - told_until >= TOLD_AFTER:
            return False
        if cut.ended_at is None:
            return True
        told_until = max(told_until, cut.ended_at)
    if not covering or silence.ended_at is None:
        return False
    return silence.ended_at - told_until < TOLD_AFTER


def receiver_of(silence: ReportedSilence, report: Report) -> str | None:
    """Say who did not hear: the only other one, where nobody did; `None` is nobody of several."""
    if silence.receiver is not None:
        return silence.receiver
    others = [
        stay.participant
        for stay in report.participants
        if stay.participant != silence.participant and was_in(stay, silence.began_at)
    ]
    return others[0] if len(others) == 1 else None


def _whole(told: Told) -> str:
    report, times, words = told.report, told.times, told.words
    began, date = times.of(report.opened_at), times.date(report.opened_at)
    if report.closed_at is None:
        return words.goes_on(date, began, times.zone)
    how_long = duration(report.closed_at - report.opened_at)
    return words.lasted(date, began, times.of(report.closed_at), how_long, times.zone)


def _cuts(told: Told) -> Iterator[str]:
    for cut in told.report.cuts:
        if cut.participant in told.labels:
            span = told.times.span(cut.began_at, cut.ended_at)
            yield told.words.was_cut(told.labels[cut.participant], span, cut.cause)


def _silences(told: Told) -> Iterator[str]:
    for silence in told.report.silences:
        is_told = is_within_a_cut(silence, told.report.cuts)
        if is_told or silence.participant not in told.labels:
            continue
        receiver = receiver_of(silence, told.report)
        yield told.words.unheard(
            None if receiver is None else told.labels.get(receiver),
            told.labels[silence.participant],
            silence.source,
            told.times.span(silence.began_at, silence.ended_at),
            silence.cause,
        )


def _poor(told: Told) -> Iterator[str]:
    for course in told.report.courses:
        who, is_sound = told.labels.get(course.participant), course.medium == "sound"
        if who is None:
            continue
        if is_sound:
            for run in _runs(told.report, course, course.loss_ratio, LOST_RATIO):
                span = told.times.span(run.began, run.ended)
                yield told.words.lost(who, course.direction, run.percent, span)
        least = MADE_UP_RATIO if is_sound else FROZEN_RATIO
        for run in _runs(told.report, course, course.flawed_ratio, least):
            span = told.times.span(run.began, run.ended)
            yield told.words.flawed(who, course.medium, run.percent, span)


def _paused(told: Told) -> Iterator[str]:
    since: dict[str, datetime] = {}
    for each in told.report.adaptations:
        if each.participant not in told.labels:
            continue
        if each.state in PAUSED:
            since.setdefault(each.participant, each.at)
        elif each.participant in since:
            span = told.times.span(since.pop(each.participant), each.at)
            yield told.words.paused(told.labels[each.participant], span)
    for who, began in since.items():
        span = told.times.span(began, went_at(told.report, who))
        yield told.words.paused(told.labels[who], span)


def _checked(told: Told) -> Iterator[str]:
    for each in told.report.precalls:
        if each.participant in told.labels:
            yield told.words.checked(told.labels[each.participant], each.result.verdict)


def _kept(told: Told) -> Iterator[str]:
    if told.report.slots.width_s > SLOT_S:
        yield told.words.coarse(told.report.slots.width_s)
    if told.report.left_out:
        yield told.words.left_out(told.report.left_out)


def _few(sentences: Iterable[str], words: Words) -> list[str]:
    every = list(sentences)
    if len(every) <= MOST_OF_A_KIND:
        return every
    return [*every[:MOST_OF_A_KIND], words.more(len(every) - MOST_OF_A_KIND)]


def _runs(
    report: Report, course: Course, ratios: Sequence[float | None], least: float
) -> Iterator[_Run]:
    """Give the runs of slots that are as bad as this, where nobody was cut off."""
    width = timedelta(seconds=report.slots.width_s)
    begins = report.slots.begins_at + course.first * width
    bad: list[float] = []
    for index, ratio in enumerate((*ratios, None)):
        at = begins + index * width
        if ratio is not None and ratio >= least and not _is_near_a_cut(report, course, at):
            bad.append(ratio)
        elif bad:
            yield _Run(at - len(bad) * width, at, round(_HUNDRED * sum(bad) / len(bad)))
            bad = []


def _is_near_a_cut(report: Report, course: Course, at: datetime) -> bool:
    """Whether a slot has to do with a cut: what was lost in it is counted when it is over."""
    ends = at + timedelta(seconds=report.slots.width_s)
    return any(
        cut.participant == course.participant
        and cut.began_at <= ends + BEFORE_A_CUT
        and (cut.ended_at is None or at <= cut.ended_at + AFTER_A_CUT)
        for cut in report.cuts
    )
