"""A consultation's chart: slots from growing counters, longer ones in long consultations."""

from __future__ import annotations

import random
import sys

from relay.charts.chart import MAX_FIGURES_BYTES, MAX_FLOWS, MAX_NOTES, MAX_SLOTS, Chart
from relay.charts.facts import Network
from relay.charts.growth import FlowKey, Heard, Line, Reading
from relay.charts.rows import ROW_BYTES, Row
from relay.precall import Checked, CheckResult, Finding, Outcome, PrecallVerdict
from relay.units import NS_PER_S

VOICE = FlowKey("p-1", "from", "sound")
HEARD = FlowKey("p-2", "towards", "sound")
START_NS = 7_000_000_000
NUMBERS: dict[FlowKey, int] = {}


def reading(
    flow: FlowKey, size_bytes: int, packets: int, *, lost: int = 0, jitter_us: int = 3_000
) -> Reading:
    """Give one line's counters; each flow has one line of its own."""
    line = Line(flow.direction, NUMBERS.setdefault(flow, len(NUMBERS) + 1))
    return Reading(flow, line, size_bytes, packets, lost, jitter_us)


def four(who: str) -> list[FlowKey]:
    return [
        FlowKey(who, "from", "sound"),
        FlowKey(who, "from", "picture"),
        FlowKey(who, "towards", "sound"),
        FlowKey(who, "towards", "picture"),
    ]


def a_check(from_kbps: int) -> CheckResult:
    finding = Finding(of=Checked.CAMERA, outcome=Outcome.GOOD, code="fine")
    return CheckResult(verdict=PrecallVerdict.READY, findings=(finding,), from_kbps=from_kbps)


def at(seconds: float) -> int:
    return START_NS + round(seconds * NS_PER_S)


def test_a_slot_has_the_rate_the_loss_and_the_longest_jitter_of_its_five_seconds() -> None:
    chart = Chart(START_NS)
    assert chart.is_due(START_NS)
    chart.look([reading(VOICE, 1_000, 10)], [], at(0))
    assert not chart.is_due(at(4.9))
    chart.look([reading(VOICE, 21_000, 235, lost=25, jitter_us=12_400)], [], at(5))
    chart.look([reading(VOICE, 21_000, 235, lost=25, jitter_us=99_000)], [], at(10))
    rows = chart.flows[VOICE]
    assert (rows.first, chart.count, chart.slot_s) == (0, 2, 5)
    assert list(rows) == [Row(32, 100, 12, None), Row(0, None, None, None)]


def test_what_was_counted_before_it_was_seen_is_nobodys() -> None:
    chart = Chart(START_NS)
    chart.look([], [], at(0))
    chart.look([reading(VOICE, 9_000_000, 9_000)], [], at(5))
    chart.look([reading(VOICE, 9_010_000, 9_100)], [], at(10))
    assert list(chart.flows[VOICE]) == [Row(), Row(16, 0, 3, None)]


def test_of_what_is_sent_the_lost_are_a_part() -> None:
    chart = Chart(START_NS)
    chart.look([reading(HEARD, 0, 0)], [], at(0))
    chart.look([reading(HEARD, 10_000, 100, lost=50)], [Heard(HEARD, 500)], at(5))
    assert list(chart.flows[HEARD]) == [Row(16, 500, 3, 10)]


def test_who_comes_later_begins_with_their_first_slot_and_gaps_are_unknown() -> None:
    chart = Chart(START_NS)
    for seconds in (0, 5, 10):
        chart.look([], [], at(seconds))
    for seconds, size_bytes in ((15, 0), (20, 5_000), (25, 10_000)):
        chart.look([reading(VOICE, size_bytes, size_bytes // 100)], [], at(seconds))
    chart.look([], [], at(30))
    chart.look([reading(VOICE, 50_000, 500)], [], at(35))
    chart.look([reading(VOICE, 60_000, 600)], [], at(40))
    rows = chart.flows[VOICE]
    assert rows.first == 2
    assert [row.kbps for row in rows] == [None, 8, 8, None, None, 16]
    assert rows.end == chart.count == 8


def test_slots_that_nobody_looked_at_are_as_the_time_in_all_was() -> None:
    chart = Chart(START_NS)
    chart.look([reading(VOICE, 0, 0)], [], at(0))
    chart.look([reading(VOICE, 20_000, 200)], [], at(21))
    assert chart.count == 4
    assert [row.kbps for row in chart.flows[VOICE]] == [8, 8, 8, 8]


def test_a_long_consultation_has_longer_slots_and_no_more_memory() -> None:
    chart = Chart(START_NS)
    flows = [flow for who in ("p-1", "p-2", "p-3") for flow in four(who)]
    hours = 9
    for step in range(hours * 720 + 1):
        chart.look([reading(flow, step * 5_000, step * 50) for flow in flows], [], at(step * 5))
    assert chart.size_bytes <= MAX_FIGURES_BYTES
    assert chart.count <= MAX_SLOTS
    assert chart.slot_s in (40, 80)
    over_s = chart.count * chart.slot_s
    assert hours * 3_600 - chart.slot_s < over_s <= hours * 3_600
    for rows in chart.flows.values():
        known = list(rows)
        assert all(row.kbps == 8 for row in known[1:])
        assert len(known) == rows.count


def test_its_figures_are_bounded_whoever_comes_and_goes() -> None:
    chart = Chart(START_NS)
    most = 0
    for step in range(4_000):
        flows = [FlowKey(f"p-{step // 10}-{n}", "from", "sound") for n in range(4)]
        chart.look([reading(flow, step * 9, step) for flow in flows], [], at(step * 5))
        most = max(most, chart.size_bytes)
    assert most <= MAX_FIGURES_BYTES + 2 * MAX_FLOWS * ROW_BYTES
    assert len(chart.flows) == MAX_FLOWS
    assert chart.is_full
    assert chart.left_out == 1


def test_it_ends_with_the_consultation_and_takes_less_memory_then() -> None:
    chart = Chart(START_NS)
    for step in range(181):
        chart.look([reading(VOICE, step * 5_000, step * 50)], [], at(step * 5))
    before = list(chart.flows[VOICE])
    chart.look([reading(VOICE, 181 * 5_000, 181 * 50)], [], at(902))
    chart.cuts.quiet("p-1", at(901), 3)
    chart.freeze(at(903))
    assert list(chart.flows[VOICE])[:-1] == before
    assert chart.count == 181
    assert chart.size_bytes < 180 * ROW_BYTES / 4
    assert [(cut.began_ns, cut.ended_ns, cut.cause) for cut in chart.cuts.every()] == [
        (at(901), at(903), "gone")
    ]
    assert not chart.is_due(at(1_000))
    chart.freeze(at(1_000))
    assert chart.count == 181, "it is over once"


def test_a_quarter_of_an_hour_of_two_people_takes_some_kilobytes() -> None:
    """The figures of docs/report.md."""
    chart, chance = Chart(START_NS), random.Random(7)
    flows = [flow for who in ("p-1", "p-2") for flow in four(who)]
    counted = dict.fromkeys(flows, (0, 0, 0))
    for step in range(181):
        for flow, (size, packets, lost) in counted.items():
            more = chance.randrange(8_000, 12_000)
            counted[flow] = (size + more, packets + 250, lost + (chance.random() < 0.1))
        readings = [
            reading(flow, size, packets, lost=lost, jitter_us=chance.randrange(2_000, 9_000))
            for flow, (size, packets, lost) in counted.items()
        ]
        chart.look(readings, [], at(step * 5))
    open_bytes = sum(sys.getsizeof(rows._packed) for rows in chart.flows.values())
    chart.freeze(at(900))
    closed_bytes = sum(sys.getsizeof(rows._frozen) for rows in chart.flows.values())
    assert open_bytes < 12_000
    assert closed_bytes < open_bytes


def test_only_what_is_new_is_noted_and_that_is_bounded() -> None:
    chart = Chart(START_NS)
    for seconds in range(3):
        chart.went_by("p-1", Network("udp", relayed=False, ip=4), at(seconds))
        chart.was_sent("p-1", "full", at(seconds))
        chart.was_checked("p-1", a_check(900), at(seconds))
    assert [each.at_ns for each in chart.passed] == [at(0)]
    assert chart.adapted == []
    assert [(each.at_ns, each.result) for each in chart.checked] == [(at(0), a_check(900))]
    for step in range(2 * MAX_NOTES):
        chart.was_sent("p-1", "reduced" if step % 2 == 0 else "full", at(step))
        chart.went_by("p-1", Network("udp", relayed=step % 2 == 0), at(step))
        chart.was_checked("p-1", a_check(step), at(step))
    assert len(chart.adapted) == len(chart.passed) == len(chart.checked) == MAX_NOTES
    assert chart.left_out == 3 * MAX_NOTES + 2
