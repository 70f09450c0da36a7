"""What went wrong in a consultation, line by line: cuts, silences, pictures that gave way.

Pure. Called by `signalling.reports.page`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple

from signalling.api.schemas import ReportedAdaptation
from signalling.reports.people import Told, went_at
from signalling.reports.summary import receiver_of

AS_GOOD_AS_THEY_ARE: Final = frozenset({"full", "followed"})
"""States in which somebody is sent all there is, or its encoder is theirs alone."""


class Line(NamedTuple):
    """One of them."""

    began: datetime
    ended: datetime | None
    """`None` while it lasts."""
    what: str
    why: str


def lines_of(told: Told) -> list[Line]:
    """Give all of them, by their beginning."""
    return sorted((*_cuts(told), *_silences(told), *_adapted(told)), key=lambda line: line.began)


def _cuts(told: Told) -> Iterator[Line]:
    words = told.words
    for cut in told.report.cuts:
        what = f"{told.label(cut.participant)}: {words.cut_off}"
        yield Line(cut.began_at, cut.ended_at, what, words.cut_causes[cut.cause])


def _silences(told: Told) -> Iterator[Line]:
    words = told.words
    for silence in told.report.silences:
        receiver = receiver_of(silence, told.report)
        what = words.unheard_of(
            None if receiver is None else told.label(receiver),
            told.label(silence.participant),
            silence.source,
        )
        yield Line(silence.began_at, silence.ended_at, what, words.causes[silence.cause])


def _adapted(told: Told) -> Iterator[Line]:
    """Give when somebody was not sent all there was, and how much of it."""
    lasting: dict[str, ReportedAdaptation] = {}
    for each in told.report.adaptations:
        before = lasting.pop(each.participant, None)
        if before is not None:
            yield _gave_way(told, before, each.at)
        if each.state not in AS_GOOD_AS_THEY_ARE:
            lasting[each.participant] = each
    for each in lasting.values():
        yield _gave_way(told, each, went_at(told.report, each.participant))


def _gave_way(told: Told, adaptation: ReportedAdaptation, ended: datetime | None) -> Line:
    words = told.words
    what = f"{told.label(adaptation.participant)}: {words.states[adaptation.state]}"
    return Line(adaptation.at, ended, what, words.adapted)
