"""The table of metrics, what fills it, and what Prometheus reads of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from relay._engine import COUNTER_NAMES
from relay.clock import Clock
from relay.metrics import of_paths, of_platforms, of_reports, of_rooms, of_silences, table
from relay.metrics.collector import RelayCollector, Sources
from relay.metrics.documentation import document
from relay.metrics.engine_counters import latency_of, series_of
from relay.metrics.loop_lag import PERIOD_S, watch_loop_lag
from relay.metrics.metric import Metric
from relay.metrics.table import METRICS
from relay.metrics.tally import MAX_SERIES, Tally

ROOT = Path(__file__).parents[4]
PERSONAL = {"room", "participant", "identity", "seat", "leg", "track", "address", "token", "user"}


def scraped(tally: Tally, counters: dict[str, int] | None = None) -> dict[str, float]:
    """Expose, parse again, and give every sample by name and labels."""
    registry = CollectorRegistry()
    registry.register(
        RelayCollector(
            Sources(
                tally=tally,
                gauges=lambda: {table.ROOMS: {(): 2}},
                engine_counters=lambda: counters or {},
                build={"version": "1", "engine": "2"},
            )
        )
    )
    text = generate_latest(registry).decode()
    return {
        "".join(
            [sample.name, *(f" {k}={v}" for k, v in sorted(sample.labels.items()))]
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_has_our_prefix_a_base_unit_and_nobody_in_a_label(metric: Metric) -> None:
    assert re.fullmatch(r"visavis_[a-z_]+", metric.name)
    assert not re.search(r"_(ms|us|ns|kbps|bits|percent|total|info)$", metric.name)
    if metric.unit:
        assert metric.name.endswith(f"_{metric.unit}")
    assert not PERSONAL & set(metric.labels)
    assert metric.meaning.endswith(".")
    assert bool(metric.buckets) == (metric.type == "histogram")
    assert list(metric.buckets) == sorted(set(metric.buckets))


def test_the_table_holds_every_metric_once() -> None:
    modules = (table, of_paths, of_platforms, of_reports, of_rooms, of_silences)
    values = [value for module in modules for value in vars(module).values()]
    declared = [value for value in values if isinstance(value, Metric)]
    assert len(declared) == len(METRICS) == len({metric.name for metric in METRICS})
    assert set(declared) == set(METRICS)


def test_the_documentation_is_current() -> None:
    assert (ROOT / "docs" / "metrics.md").read_text() == document(), (
        "run: python -m relay.metrics.documentation > docs/metrics.md"
    )


def test_every_counter_of_the_engine_is_exposed() -> None:
    series = [series_of(name) for name in COUNTER_NAMES]
    placed = [(found.metric.name, found.labels) for found in series if found is not None]
    assert len(placed) == len(set(placed))
    latency = [n for n, s in zip(COUNTER_NAMES, series, strict=True) if s is None]
    assert all(name.startswith("forward_latency_") for name in latency)
    bounds = [bound for bound, _ in latency_of(dict.fromkeys(COUNTER_NAMES, 0)).buckets]
    assert bounds == pytest.approx(table.FORWARD_LATENCY.buckets)
    for found in series:
        assert found is None or len(found.labels) == len(found.metric.labels)


def test_every_metric_has_somebody_who_fills_it() -> None:
    written = {
        name
        for package in ("relay", "signalling")
        for path in (ROOT / package).rglob("*.py")
        if path.name != "table.py"
        for name in re.findall(r"\b[A-Z][A-Z_]+\b", path.read_text())
    }
    declared = {name for name, value in vars(table).items() if isinstance(value, Metric)}
    assert declared - written - {"BUILD"} == set()


def test_counts_gauges_and_histograms_are_exposed_as_prometheus_wants_them() -> None:
    tally = Tally()
    tally.count(table.JOINS, outcome="joined")
    tally.count(table.JOINS, 2, outcome="joined")
    tally.observe(table.JOIN_DURATION, 0.2)
    tally.observe(table.JOIN_DURATION, 100.0)
    tally.adjust(table.WEBSOCKETS, 3, state="seated")
    tally.adjust(table.WEBSOCKETS, -1, state="seated")
    samples = scraped(
        tally,
        {
            "ingress_audio_packets": 7,
            "drop_srtp_replayed": 3,
            "drop_tcp_video": 6,
            "legs_udp": 8,
            "legs_tcp": 1,
            "tcp_connections_unproven": 4,
            "tcp_refused_place": 9,
            "tcp_closed_framing": 2,
            "tcp_frames_sent": 11,
            "address_changes": 1,
            "forward_latency_le_50000": 4,
            "forward_latency_le_100000": 5,
            "forward_latency_count": 10,
            "forward_latency_sum_ns": 2_000_000_000,
        },
    )
    assert samples["visavis_joins_total outcome=joined"] == 3
    assert samples["visavis_rooms"] == 2
    assert samples["visavis_websocket_connections state=seated"] == 2
    assert samples["visavis_slow_consumers_total"] == 0
    assert samples["visavis_build_info engine=2 version=1"] == 1
    assert samples["visavis_rtp_packets_total direction=ingress kind=audio"] == 7
    assert samples["visavis_dropped_packets_total reason=srtp_replayed"] == 3
    assert samples["visavis_dropped_packets_total reason=tcp_video"] == 6
    assert samples["visavis_legs_by_transport transport=udp"] == 8
    assert samples["visavis_legs_by_transport transport=tcp"] == 1
    assert samples["visavis_tcp_connections state=unproven"] == 4
    assert samples["visavis_tcp_refused_total reason=place"] == 9
    assert samples["visavis_tcp_closed_total reason=framing"] == 2
    assert samples["visavis_tcp_frames_total direction=egress"] == 11
    assert samples["visavis_engine_events_total event=address_changes"] == 1
    assert samples["visavis_join_duration_seconds_bucket le=0.15"] == 0
    assert samples["visavis_join_duration_seconds_bucket le=0.25"] == 1
    assert samples["visavis_join_duration_seconds_bucket le=+Inf"] == 2
    assert samples["visavis_join_duration_seconds_sum"] == pytest.approx(100.2)
    assert samples["visavis_forward_latency_seconds_bucket le=0.0001"] == 9
    assert samples["visavis_forward_latency_seconds_bucket le=+Inf"] == 10
    assert samples["visavis_forward_latency_seconds_sum"] == 2


def test_what_comes_from_the_network_never_becomes_a_series() -> None:
    tally = Tally()
    for text in ("<script>", "A", "", "x" * 65, "é"):
        tally.count(table.BAD_INPUT, door="message", reason=text)
    assert tally.counters[table.BAD_INPUT] == {("message", "other"): 5}
    for index in range(200):
        tally.count(table.DTLS_FAILURES, reason=f"r{index}")
    assert len(tally.counters[table.DTLS_FAILURES]) <= MAX_SERIES + 1
    assert tally.counters[table.DTLS_FAILURES][("other",)] == 200 - MAX_SERIES


async def test_the_loops_lateness_is_measured() -> None:
    class LateClock(Clock):
        """A clock whose sleeper always wakes up 20 ms late, three times."""

        now, naps = 0, 3

        def now_ns(self) -> int:
            return self.now

        async def sleep(self, duration_s: float) -> None:
            if not self.naps:
                raise InterruptedError
            self.naps -= 1
            self.now += round((duration_s + 0.02) * 1e9)

    tally = Tally()
    with pytest.raises(InterruptedError):
        await watch_loop_lag(LateClock(), tally)
    distribution = tally.histograms[table.LOOP_LAG][()]
    assert sum(distribution.counts) == 3
    assert distribution.total == pytest.approx(0.06)


def test_a_stall_of_a_tenth_of_a_second_cannot_fall_between_two_samples() -> None:
    assert PERIOD_S <= 0.1 / 2
