"""A report as a page: to be read, printed and put into a file. Pure.

One document with everything in it: no script, nothing from elsewhere. Whoever cannot see the
drawings has their sense in words and every figure in tables. Called by `signalling.api.reports`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from html import escape
from typing import Final

from relay.charts.facts import Direction, Medium
from signalling.api.schemas import Attendance, Course, Language, Report
from signalling.reports.incidents import lines_of
from signalling.reports.people import Told, telling
from signalling.reports.plots import Band, figures_in_words, plot
from signalling.reports.style import STYLE
from signalling.reports.summary import receiver_of
from signalling.reports.words import WORDS, Words

_ORDER: Final[Sequence[tuple[Direction, Medium]]] = (
    ("from", "sound"),
    ("from", "picture"),
    ("towards", "sound"),
    ("towards", "picture"),
)
_HUNDRED: Final = 100


def page_of(report: Report, lang: Language, utc_offset_min: int) -> str:
    """Write a report as an HTML document."""
    page = telling(report, WORDS[lang], utc_offset_min)
    words = page.words
    sentences = report.summary.fr if lang == "fr" else report.summary.en
    people = [stay for stay in report.participants if stay.joined_at is not None]
    courses = "".join(_courses(page, each) for each in people)
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(words.title)}</title><style>{STYLE}</style></head><body><main>"
        f"<h1>{escape(words.title)}</h1>"
        f"<dl><dt>{words.consultation}</dt><dd>{escape(report.consultation)}</dd>"
        f"<dt>{words.room}</dt><dd>{escape(report.room)}</dd></dl>"
        f"{_section('summary', words.summary, _list(sentences))}"
        f"{_section('people', words.people, _people(page))}"
        f"{_section('incidents', words.incidents, _incidents(page))}"
        f"{_section('travelled', words.travelled, courses)}"
        f"<footer><p>{escape(words.footnote)}</p></footer></main></body></html>\n"
    )


def _section(name: str, title: str, inside: str) -> str:
    heading = f'<h2 id="{name}">{escape(title)}</h2>'
    return f'<section aria-labelledby="{name}">{heading}{inside}</section>'


def _list(sentences: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(each)}</li>' for each in sentences)}</ul>"


def _people(page: Told) -> str:
    words = page.words
    heads = (
        words.who,
        words.pseudonym,
        words.waited,
        words.came,
        words.left,
        words.why,
        words.network,
        words.precall,
    )
    rows = [
        (
            page.label(stay.participant),
            stay.identity,
            page.times.maybe(stay.waited_from, words.unknown),
            page.times.maybe(stay.joined_at, words.unknown),
            page.times.maybe(stay.left_at, words.unknown),
            words.reasons.get(stay.reason or "", words.unknown),
            _ways(page, stay),
            _precall(page, stay),
        )
        for stay in page.report.participants
    ]
    return _table(f"{words.people} ({page.times.zone})", heads, rows)


def _ways(page: Told, stay: Attendance) -> str:
    """Say by which ways somebody's media went, each with its time."""
    ways = [
        f"{page.times.of(each.at)} "
        f"{page.words.way(each.transport, relayed=each.relayed, ip=each.ip)}"
        for each in page.report.networks
        if each.participant == stay.participant
    ]
    return "; ".join(ways) or page.words.unknown


def _precall(page: Told, stay: Attendance) -> str:
    """Say what the last check before the consultation came to."""
    words = page.words
    mine = [each for each in page.report.precalls if each.participant == stay.participant]
    if not mine:
        return words.unknown
    latest = mine[-1].result
    # Link and clock, too: a verdict may be due to a clock alone, and would stand there unexplained.
    found = [f"{words.things[it.of]}: {words.outcomes[it.outcome]}" for it in latest.findings]
    return "; ".join([words.verdicts[latest.verdict], *found])


def _incidents(page: Told) -> str:
    words, times = page.words, page.times
    rows = [
        (line.what, times.of(line.began), times.maybe(line.ended, words.lasts), line.why)
        for line in lines_of(page)
    ]
    if not rows:
        return f"<p>{words.nothing}</p>"
    heads = (words.what, words.began, words.ended, words.why)
    return _table(f"{words.incidents} ({times.zone})", heads, rows)


def _courses(page: Told, stay: Attendance) -> str:
    """Draw and tabulate how somebody's sound and picture went both ways."""
    words, label = page.words, page.label(stay.participant)
    mine = {
        (each.direction, each.medium): each
        for each in page.report.courses
        if each.participant == stay.participant
    }
    ordered = [mine[which] for which in _ORDER if which in mine]
    heading = f"<h3>{escape(label)}</h3>"
    if not ordered:
        return f"{heading}<p>{escape(words.no_rates())}</p>"
    figures = "".join(_figure(page, stay, course, label) for course in ordered)
    table = _slots(page, ordered, label)
    # Beside what opens it, not in it: no style of all browsers shows on paper what is in `details`
    # that are closed.
    return f"{heading}{figures}<details><summary>{escape(words.figures)}</summary></details>{table}"


def _figure(page: Told, stay: Attendance, course: Course, label: str) -> str:
    slots, words = page.report.slots, page.words
    said = words.drawing(label, course.medium, course.direction, figures_in_words(course, words))
    ends_at = slots.begins_at + timedelta(seconds=slots.count * slots.width_s)
    drawn = plot(
        course,
        slots,
        _bands(page, course),
        name=f"{course.direction}-{course.medium}-{page.report.participants.index(stay)}",
        words=said,
        ends=f"{page.times.of(slots.begins_at)} \u2013 {page.times.of(ends_at)}",
    )
    return f"<figure>{drawn}<figcaption>{escape(said)}</figcaption></figure>"


def _bands(page: Told, course: Course) -> list[Band]:
    """Give when a course was cut off or silent."""
    report = page.report
    now = report.closed_at or report.slots.begins_at + timedelta(
        seconds=report.slots.count * report.slots.width_s
    )
    bands = [
        Band(cut.began_at, cut.ended_at or now)
        for cut in report.cuts
        if cut.participant == course.participant
    ]
    for silence in report.silences:
        is_sound = silence.source == "microphone"
        whose = silence.participant if course.direction == "from" else receiver_of(silence, report)
        if whose == course.participant and is_sound == (course.medium == "sound"):
            bands.append(Band(silence.began_at, silence.ended_at or now))
    return bands


def _slots(page: Told, courses: Sequence[Course], label: str) -> str:
    """Tabulate every figure of somebody's courses, a row for each slot."""
    words, slots = page.words, page.report.slots
    groups = "".join(
        f'<th scope="colgroup" colspan="4">{words.media[each.medium]} '
        f"{escape(words.directions[each.direction])}</th>"
        for each in courses
    )
    heads = "".join(
        f'<th scope="col">{head}</th>'
        for each in courses
        for head in (
            words.rate,
            words.loss,
            words.jitter,
            words.made_up if each.medium == "sound" else words.frozen,
        )
    )
    rows: list[str] = []
    for slot in range(slots.count):
        at = page.times.of(slots.begins_at + timedelta(seconds=slot * slots.width_s))
        cells = "".join(
            f'<td class="figure">{cell}</td>'
            for each in courses
            for cell in _cells(each, slot, words)
        )
        rows.append(f'<tr><th scope="row">{at}</th>{cells}</tr>')
    title = escape(f"{label} ({page.times.zone}, {slots.width_s} s)")
    return _wide(
        title,
        f'<table><caption>{title}</caption><thead><tr><th scope="col" rowspan="2">{words.time}'
        f"</th>{groups}</tr><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>",
        kind="wide slots",
    )


def _cells(course: Course, slot: int, words: Words) -> tuple[str, ...]:
    index = slot - course.first
    if not 0 <= index < len(course.kbps):
        return (words.unknown,) * 4
    kbps, jitter_ms = course.kbps[index], course.jitter_ms[index]
    return (
        words.unknown if kbps is None else str(kbps),
        _percent(course.loss_ratio[index], words),
        words.unknown if jitter_ms is None else str(jitter_ms),
        _percent(course.flawed_ratio[index], words),
    )


def _percent(ratio: float | None, words: Words) -> str:
    return words.unknown if ratio is None else f"{ratio * _HUNDRED:.1f}\u00a0%"


def _table(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table whose rows are named by their first cell."""
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        f"{''.join(f'<td>{escape(each)}</td>' for each in rest)}</tr>"
        for first, *rest in rows
    )
    table = (
        f"<table><caption>{escape(title)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )
    return _wide(escape(title), table)


def _wide(title: str, table: str, *, kind: str = "wide") -> str:
    """Let a table that is wider than the screen be moved, by keyboard too (WCAG 2.1.1)."""
    return f'<div class="{kind}" role="region" aria-label="{title}" tabindex="0">{table}</div>'
