"""What a stage says is what generator and server said of it."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks import load
from benchmarks.capacity import search
from benchmarks.harness import medians, processes, scrapes
from benchmarks.harness.readings import MEDIA_THREADS, Between
from benchmarks.harness.stage import Stage
from tests.unit.benchmarks.conftest import PlayedServer, reading, scrape
from tests.unit.benchmarks.played_load import stage_document, summary


def stage(running: int = 100, joining: int = 0, **changes: Any) -> Stage:
    document = stage_document(running, joining, **changes)
    return Stage(document, Between(reading(0), reading(2)), running)


SLOW: dict[str, Any] = {"relayed": stage_document(60_000)["bare"] | {"delay": summary(60_000.0)}}
"""What is told of all windows where the 99th of 100 packets took 120 ms."""


def slow(**changes: Any) -> Stage:
    return stage(100, **SLOW, **changes)


def test_cost_is_what_all_threads_used_for_what_left() -> None:
    found = stage()
    assert found.packets == 2_000
    assert found.cpu_ns_per_packet() == 800_000_000 / 2_000
    assert found.cpu_ns_per_packet(MEDIA_THREADS) == 600_000_000 / 2_000
    assert found.server.core_share() == pytest.approx(0.4)
    assert found.server.drops == {"unknown_source": 4}
    # 19 of 20 were on time: the 99th of 100 lies in the next bucket.
    assert found.server.loop_lag_p99_ms == 10.0


def test_a_server_without_counters_is_charged_by_what_arrived() -> None:
    bare = [reading(second).process for second in (0, 2)]
    server = Between(*(type(reading(0))(process) for process in bare))
    found = Stage(stage_document(100), server, 100)
    assert found.packets == 100 * 370 * 2


def test_delay_is_held_against_the_loopback_of_the_same_windows() -> None:
    slow = stage_document(1)["relayed"] | {"delay": stage_document(9_000)["relayed"]["delay"]}
    found = stage(100, relayed=slow)
    assert found.added_ms("p50") == pytest.approx(0.460)
    assert found.added_ms("p50", clean=False) == pytest.approx(9.360)


def test_windows_that_are_void_or_a_full_core_make_the_generator_the_limit() -> None:
    assert not stage().generator_was_limit
    assert stage(void_share=0.51).generator_was_limit
    assert stage(generator_core_share=0.91).generator_was_limit
    late = stage(void_share=0.6, stolen_share=0.1, late_share=0.55)
    assert late.generator_was_limit
    assert medians.trusted([late, stage()]) != [late]
    assert medians.caution([late, stage()], "100")[0].startswith("100: 1 of 2 runs are left out")


def test_only_what_the_host_took_is_excused_and_a_tenth_of_the_windows_is_enough() -> None:
    stolen = stage(void_share=0.85, stolen_share=0.85, late_share=0.6)
    assert stolen.is_trusted
    assert search.limit_of(stolen) == ""
    worse = stage(void_share=0.95, stolen_share=0.95, late_share=0.6)
    assert worse.host_was_limit
    assert not worse.generator_was_limit
    assert search.limit_of(worse) == "", "it is within the limits over all windows"
    assert search.limit_of(slow(void_share=0.95, stolen_share=0.95)) == "host"


def test_of_disturbed_runs_the_least_disturbed_stands_and_is_said_to_be_so() -> None:
    bad, worse = (stage(void_share=share, stolen_share=share) for share in (0.92, 0.98))
    assert medians.trusted([worse, bad]) == [bad]
    assert medians.why_unproven([bad]) == "every run was disturbed"
    (words,) = medians.caution([worse, bad], "100 consultations")
    assert "the least disturbed one stands" in words
    assert "stolen 92%" in words
    unseen = stage(relayed_clean=stage_document(1)["relayed"] | {"received": 0})
    assert medians.trusted([unseen]) == []
    assert "nothing is judged" in medians.caution([unseen], "100 consultations")[0]


def test_a_row_can_be_kept() -> None:
    row = stage(joining=10).row()
    assert row["joins"]["p95_ms"] == pytest.approx(121.5)
    assert row["server"]["open_files"] == 20
    assert row["delay_ms"].keys() == {"p50", "p95", "p99", "p999", "max"}


@pytest.mark.parametrize(
    ("changes", "limit"),
    [
        ({}, ""),
        (SLOW | {"void_share": 0.9}, "generator"),
        (SLOW | {"void_share": 0.95, "stolen_share": 0.95}, "host"),
        ({"void_share": 0.9, "measured_s": 6.0}, "generator"),
        ({"consultations": 99}, "missing"),
        ({"ended": {"socket_lost": 1}}, "signalling"),
        ({"joins": {"asked": 2, "succeeded": 1, "failed": {"timeout": 1}, "alone": 0}}, "joins"),
        ({"joins": {"asked": 2, "succeeded": 1, "failed": {}, "alone": 1}}, "joins"),
    ],
)
def test_what_kept_a_stage_from_being_held_has_a_name(changes: Any, limit: str) -> None:
    assert search.limit_of(stage(**changes)) == limit


def test_a_core_that_loses_packets_is_full() -> None:
    stages = [stage(count) for count in (50, 266, 295, 310, 325)]
    assert search.limit_of(stages[-1]) == "loss"
    knee = search.knee_of(stages)
    assert (knee.held, knee.missed, knee.limit, knee.place) == (295, 310, "loss", 2)
    assert knee.is_sharp
    assert not search.knee_of(stages[:3]).is_sharp
    assert not search.knee_of(stages[3:]).is_sharp


def test_a_spoiled_stage_says_nothing_of_the_server() -> None:
    spoiled = stage(266, **SLOW, void_share=0.95, stolen_share=0.95)
    late = stage(266, **SLOW, void_share=0.9, late_share=0.9)
    assert search.knee_of([stage(50), spoiled, stage(295)]) == search.Knee(295, 0, "", 2)
    assert search.knee_of([stage(50), late]) == search.Knee(50, 266, "generator", 0)
    assert search.knee_of([stage(50), spoiled, stage(310)]) == search.Knee(50, 310, "loss", 0)


def test_the_next_ladder_looks_where_the_knee_is() -> None:
    def fine(aimed: int, last: search.Knee | None) -> list[int]:
        return [count for count in search.ladder(aimed, last) if count not in search.ANCHORS]

    assert min(fine(500, None)) < 500 < max(fine(500, None))
    coarse = search.Knee(266, 399, "delay", 2)
    assert fine(500, coarse) == [265, 295, 320, 345, 370, 400]
    sharp = search.Knee(320, 345, "delay", 4)
    assert 320 in fine(500, sharp)
    top = search.Knee(560, 0, "", 8)
    assert min(fine(500, top)) == 560
    assert max(fine(500, top)) > 700


def test_a_pilot_extends_the_line_of_its_last_steps() -> None:
    def at(count: int, share: float) -> Stage:
        seconds = Between(reading(0), reading(1))
        found = stage_document(count, generator_core_share=count / 1_000)
        threads = {1: processes.Thread("media-0", round(share * 1e9))}
        after = processes.ProcessReading(1_000_000_000, threads, 0, 0, 0)
        return Stage(found, Between(seconds.before, type(seconds.after)(after)), count)

    # Half full at 200, and 0.2 more for each 100: full at 450; the generator would be at 900.
    assert search.aim([at(50, 0.4), at(100, 0.3), at(200, 0.5)]) == 450


def test_those_who_come_together_share_a_room() -> None:
    script = load.Script(PlayedServer(), parties=3)
    script.grow("first", 2, measure_s=5.0, joins_per_s=30.0)
    script.arrive("then", [0.5, 1.0], measure_s=4.0, stay_s=2.0)
    script.arrive("last", [0.0], measure_s=4.0)
    assert script.running == [2, 2, 3]
    rooms = [room["room"] for one in script.stages for room in one["consultations"]]
    assert len(set(rooms)) == len(rooms) == 5
    first, then, _ = script.stages
    assert [p["join_at_s"] for p in first["consultations"][1]["participants"]] == [0.1] * 3
    assert then["measure_from"] == "start"
    assert then["consultations"][0]["participants"][0]["leave_at_s"] == 2.5
    assert script.expected_s == pytest.approx(0.1 + 1.0 + load.SETTLE_S + 5.0 + 4.0 + 4.0)


def test_this_process_can_be_read() -> None:
    found = processes.read(os.getpid())
    assert found.resident_bytes > 10_000_000
    assert 0 < found.proportional_bytes <= found.resident_bytes
    assert found.open_files >= 3
    main = found.threads[os.getpid()]
    assert main.cpu_ns > 0
    assert Path(f"/proc/self/task/{os.getpid()}/comm").read_text().strip() == main.name
    with pytest.raises(ProcessLookupError):
        processes.read(2**22 + 1)


def test_a_histogram_without_anything_new_says_nothing() -> None:
    name = "visavis_event_loop_lag_seconds"
    assert scrapes.quantile(scrape(3), scrape(3), name, 0.5) == 0.0
    late = scrapes.parse(f'# TYPE {name} histogram\n{name}_bucket{{le="+Inf"}} 5\n{name}_count 5\n')
    assert scrapes.quantile(scrapes.Scrape({}), late, name, 0.5) == math.inf


def test_what_an_adapting_server_keeps_back_is_no_loss_and_ends_its_capacity() -> None:
    kept = stage_document(100)["relayed"] | {"withheld": 2_000}
    found = stage(100, relayed=kept, relayed_clean=kept)
    assert found.loss_share() == 0.0
    assert found.withheld_share() == pytest.approx(2_000 / (100 * 370 * 5 + 2_000))
    assert found.row()["withheld"] == 2_000
    assert search.limit_of(found) == "withheld"
    assert search.limit_of(stage(100)) == ""


def test_pictures_of_an_adapting_server_have_longer_to_find_their_rate() -> None:
    class Adapting(PlayedServer):
        adapts = True

    for server, settle_s in (
        (PlayedServer(), load.SETTLE_S),
        (Adapting(), load.ADAPTED_SETTLE_S),
    ):
        script = load.Script(server)
        script.grow("one", 1, measure_s=1.0)
        assert script.stages[0]["settle_s"] == settle_s
