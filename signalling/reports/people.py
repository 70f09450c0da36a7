"""Whom a report speaks of, and its times as people read them. Pure. Called by its siblings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from relay.rooms.permissions import Role
from signalling.api.schemas import Attendance, Report
from signalling.reports.words import Words

_MINUTES: Final = 60
_SECONDS: Final = 60


def labels_of(report: Report, words: Words) -> Mapping[str, str]:
    """Name each participant by role; several of one role are numbered as they came."""
    many = Counter(stay.role for stay in report.participants)
    met: Counter[Role] = Counter()
    labels: dict[str, str] = {}
    for stay in report.participants:
        met[stay.role] += 1
        number = met[stay.role] if many[stay.role] > 1 else None
        labels[stay.participant] = words.person(stay.role, number)
    return labels


def was_in(stay: Attendance, at: datetime) -> bool:
    """Whether somebody was in the room, and not only waiting, at a moment."""
    is_here = stay.left_at is None or at <= stay.left_at
    return stay.joined_at is not None and stay.joined_at <= at and is_here


def went_at(report: Report, participant: str) -> datetime | None:
    """Say when somebody went, and for who stayed when it ended; `None` while that lasts."""
    stays = (stay for stay in report.participants if stay.participant == participant)
    left_at = next((stay.left_at for stay in stays), None)
    return left_at or report.closed_at


class Told(NamedTuple):
    """A report, and how it is told."""

    report: Report
    labels: Mapping[str, str]
    words: Words
    times: Times

    def label(self, participant: str | None) -> str:
        """Name somebody; whoever is not among those kept has no name."""
        return self.labels.get(participant or "", self.words.unknown)


def telling(report: Report, words: Words, utc_offset_min: int) -> Told:
    """Tell a report in words, in the times of a place."""
    return Told(report, labels_of(report, words), words, Times(words, utc_offset_min))


class Times:
    """Moments of one report, in the time of a place."""

    def __init__(self, words: Words, utc_offset_min: int) -> None:
        self._words = words
        self._ahead = timedelta(minutes=utc_offset_min)
        hours, minutes = divmod(abs(utc_offset_min), _MINUTES)
        sign = "-" if utc_offset_min < 0 else "+"
        self.zone: Final = f"UTC{sign}{hours:02}:{minutes:02}" if utc_offset_min else "UTC"
        """What place that is."""

    def of(self, moment: datetime) -> str:
        """Give the time of day, to the second."""
        return f"{moment + self._ahead:%H:%M:%S}"

    def maybe(self, moment: datetime | None, otherwise: str) -> str:
        """Give the time of day of what has happened."""
        return otherwise if moment is None else self.of(moment)

    def date(self, moment: datetime) -> str:
        """Give the date."""
        there = moment + self._ahead
        return self._words.date(there.year, there.month, there.day)

    def span(self, began: datetime, ended: datetime | None) -> str:
        """Say from when to when."""
        return self._words.span(self.of(began), None if ended is None else self.of(ended))


def duration(passed: timedelta) -> str:
    """Give a duration as people say it, in both languages."""
    seconds_in_all = max(0, round(passed.total_seconds()))
    minutes_in_all, seconds = divmod(seconds_in_all, _SECONDS)
    hours, minutes = divmod(minutes_in_all, _MINUTES)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
