"""A run's records become curves on one clock, and curves become figures and bars."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmarks.adaptation.endtoend.bars import BESIDE, TARGETS, bars
from benchmarks.adaptation.endtoend.call import Sample, Way
from benchmarks.adaptation.endtoend.course import Course, course_of
from benchmarks.adaptation.endtoend.estimates import relay_estimates
from benchmarks.adaptation.endtoend.figures import figures_of
from benchmarks.adaptation.endtoend.fitting import highest_that_fits_percent
from benchmarks.adaptation.endtoend.layers import Chosen
from benchmarks.adaptation.endtoend.runs import Recorded
from benchmarks.adaptation.endtoend.scenarios import LEFT_OUT, SCENARIOS
from benchmarks.adaptation.truth_log import NO_PAYLOAD_TYPE, RECORD, TruthLog, Verdict

ORIGIN_NS = 7_000_000_000
BEGAN_UNIX_MS = 1_700_000_000_000.0
VIDEO, AUDIO = 1_111, 2_222


def link_log() -> TruthLog:
    """The scenario `step`: 2 Mbit/s of pictures, 0.4 from 31 s on, 2 again from 70 s; sound."""
    rows = []
    for at_ms in range(0, 120_000, 5):
        late = 31_000 <= at_ms < 70_000
        waited_us = 300_000 if 30_000 <= at_ms < 32_000 else 4_000
        size = 250 if late else 1_250
        rows.append((at_ms, waited_us, size, VIDEO, 96, Verdict.DELIVERED))
        if at_ms % 20 == 0:
            lost = at_ms == 40_000
            rows.append((at_ms, 0 if lost else waited_us, 120, AUDIO, 111, _verdict(lost=lost)))
    rows.append((500, 1_000, 60, 0, NO_PAYLOAD_TYPE, Verdict.DELIVERED))
    records = np.zeros(len(rows), RECORD)
    for record, (at_ms, waited_us, size, ssrc, payload_type, verdict) in zip(
        records, rows, strict=True
    ):
        record["came_ns"] = ORIGIN_NS + at_ms * 1_000_000
        record["left_ns"] = record["came_ns"] + waited_us * 1_000 + 10_000_000
        record["queued_us"] = waited_us
        record["bytes"] = size
        record["ssrc"] = ssrc
        record["payload_type"] = payload_type
        record["verdict"] = verdict
        record["transport"] = 17
        record["destination_port"] = 5_000
    return TruthLog(0, records)


def _verdict(*, lost: bool) -> Verdict:
    return Verdict.QUEUE_FULL if lost else Verdict.DELIVERED


def receiver_samples() -> list[Sample]:
    return [
        {
            "at_ms": BEGAN_UNIX_MS + ORIGIN_NS / 1e6 + at_ms,
            "entries": [
                {
                    "type": "inbound-rtp",
                    "kind": "video",
                    "ssrc": VIDEO,
                    "frameHeight": 360,
                    "framesDecoded": at_ms // 40,
                    "framesDropped": at_ms // 1_000,
                    "freezeCount": int(at_ms > 31_000),
                    "totalFreezesDuration": 0.8 * (at_ms > 31_000),
                    "packetsReceived": at_ms // 5,
                    "packetsLost": 0,
                    "bytesReceived": at_ms * 250,
                    "retransmittedBytesReceived": at_ms * 10,
                },
                {
                    "type": "inbound-rtp",
                    "kind": "audio",
                    "ssrc": AUDIO,
                    "concealedSamples": 480 * (at_ms > 40_000),
                    "totalSamplesReceived": 48 * at_ms,
                },
            ],
        }
        for at_ms in range(0, 120_000, 200)
    ]


def sender_samples() -> list[Sample]:
    samples: list[dict[str, Any]] = []
    for at_ms in range(0, 120_000, 200):
        late = 31_000 <= at_ms < 70_000
        target = 0.4e6 if late else 2.3e6
        samples.append(
            {
                "at_ms": BEGAN_UNIX_MS + ORIGIN_NS / 1e6 + at_ms,
                "entries": [
                    {
                        "type": "outbound-rtp",
                        "kind": "video",
                        "targetBitrate": target,
                        "rid": "h",
                        "frameHeight": 360,
                        "bytesSent": at_ms * (50 if late else 250),
                        "headerBytesSent": 0,
                        "packetsSent": 0,
                        "retransmittedBytesSent": 0,
                        "pliCount": 1 + (at_ms > 40_000),
                        "framesEncoded": at_ms // 40,
                        "qualityLimitationReason": "cpu" if at_ms < 1_200 else "bandwidth",
                    },
                    {"type": "candidate-pair", "availableOutgoingBitrate": target},
                ],
            }
        )
    return list(samples)


def course(way: Way, scenario: str = "step") -> Course:
    believed = [
        (ORIGIN_NS + second * 1_000_000_000, 0.45e6 if 31 <= second < 66 else 2.4e6)
        for second in range(120)
    ]
    return course_of(
        Recorded(
            scenario=SCENARIOS[scenario],
            way=way,
            origin_ns=ORIGIN_NS,
            link_began_unix_ms=BEGAN_UNIX_MS,
            truth=link_log(),
            emulator={},
            senders={"a": sender_samples()},
            receivers=[receiver_samples()],
            estimates=believed,
            layers=[
                Chosen(ORIGIN_NS + second * 1_000_000_000, 1, 9, 0, -1, temporal, paused=False)
                for second, temporal in ((0, -1), (12, 0), (40, -1))
            ],
            stolen_share=0.0,
        )
    )


@pytest.fixture(scope="module")
def relayed() -> Course:
    return course(Way.RELAY)


def test_the_records_of_link_browsers_and_relay_share_a_clock(relayed: Course) -> None:
    at = {second: int(second * 5) for second in (20, 29, 35, 50, 66, 80)}
    assert relayed.capacity_bps[[at[20], at[35], at[80]]].tolist() == [2.5e6, 0.5e6, 2.5e6]
    assert relayed.media_bps[at[20]] == pytest.approx(2.05e6, rel=0.05)
    assert relayed.media_bps[at[50]] == pytest.approx(0.45e6, rel=0.05)
    assert relayed.estimate_bps[at[50]] == pytest.approx(0.45e6)
    assert relayed.estimate_bps[at[29]] == pytest.approx(2.4e6)
    assert relayed.encoder_bps[at[50]] == pytest.approx(0.4e6)
    assert relayed.cpu_limited_share == pytest.approx(6 / 600)
    assert relayed.first_media_s == pytest.approx(0.014, abs=1e-3)


def test_sound_is_told_from_pictures_and_counted(relayed: Course) -> None:
    flow = relayed.flows[0]
    assert flow.audio_sent[100] == pytest.approx(10, abs=1)
    assert flow.audio_lost.sum() == 1
    assert flow.video_bps[100] == pytest.approx(2.0e6, rel=0.05)


def test_the_wait_is_that_of_a_packet_that_came_then(relayed: Course) -> None:
    assert relayed.wait_ms[int(31 / 0.02)] == pytest.approx(300, abs=6)
    assert relayed.wait_ms[int(50 / 0.02)] == pytest.approx(4, abs=5)


def test_the_figures_of_a_step_are_of_its_phases(relayed: Course) -> None:
    found = figures_of(relayed)
    assert found["estimate_down_s"] == pytest.approx(1.0, abs=0.3)
    assert found["sent_down_s"] == pytest.approx(1.0, abs=0.3)
    assert found["queue_above_200_ms_s"] == pytest.approx(2.0, abs=0.1)
    assert found["queue_below_50_ms_s"] == pytest.approx(2.0, abs=0.1)
    assert (found["freezes_after_drop"], found["frozen_after_drop_s"]) == (1, 0.8)
    assert found["audio_lost_after_drop_percent"] == pytest.approx(100 / 1_500, rel=0.01)
    assert found["estimate_90_percent_s"] == pytest.approx(6.0, abs=0.5)
    assert found["utilisation_at_0_5_percent"] == pytest.approx(90, abs=1.5)
    assert found["size_changes_a_minute"] == 0
    assert found["start_up_s"] == pytest.approx(0.8, abs=0.5)
    assert math.isfinite(found["media_2_s"])


def test_what_two_browsers_believe_is_read_from_the_sender() -> None:
    found = figures_of(course(Way.DIRECT))
    assert found["estimate_90_percent_s"] == pytest.approx(10.0, abs=0.5)


def test_estimates_of_those_behind_the_link_are_added_up_and_others_are_left_out() -> None:
    lines = ["10 1\n", "11 7\n", "20 7 400 500\n", "21 1 9000 9000\n", "22 12\n"]
    lines += ["30 12 200 250\n", "40 7 300 350\n", "50 7 3"]
    assert relay_estimates(lines, [1, 2]) == [(20, 500), (30, 750), (40, 600)]
    assert relay_estimates([], [1]) == []


def test_bars_are_medians_and_say_why_they_prove_nothing(relayed: Course) -> None:
    found = figures_of(relayed)
    late = found | {"estimate_down_s": math.inf, "start_up_s": math.nan}
    by_name = {bar.name: bar for bar in bars({"step": [late, late, found]}, 3)}
    assert by_name["step: estimate within 0.5 Mbit/s after the drop"].verdict == (
        "not met: it did not happen"
    )
    assert by_name["step: freezes after the drop"].met
    told_once = by_name["step: 2 Mbit/s after the first packet"]
    assert told_once.verdict == "not met: of 1 runs, and 3 are asked for"
    few = {bar.name: bar for bar in bars({"step": [found]}, 3)}
    assert few["step: freezes after the drop"].verdict == "not met: of 1 runs, and 3 are asked for"
    unsaid = [found | {"estimate_down_s": math.nan}] * 3
    assert bars({"step": unsaid}, 3)[0].verdict == "not met: nobody told it"
    assert bars({}, 3) == []
    assert {bar.verdict for bar in bars({"loss_2": []}, 3)} == {"not met: no run counts"}
    assert next(iter(bars({"step": [found]}, 1))).met
    two = [found | {"estimate_down_s": seconds} for seconds in (0.5, 1.7)]
    halfway = bars({"step": two}, 3)[0]
    assert halfway.value == pytest.approx(1.1)
    assert not halfway.met


def test_layers_are_judged_by_what_would_have_fitted() -> None:
    found = figures_of(course(Way.RELAY, "step_layers"))
    # Changed once after the line began and before 30 s, and once in the narrow half minute.
    assert found["layer_changes_steady_a_minute"] == pytest.approx(60 / 20)
    assert found["layer_changes_at_0_5_a_minute"] == pytest.approx(60 / 20)
    assert found["key_frames_asked_a_change"] == 1
    assert found["top_layer_s"] == pytest.approx(0.0, abs=0.3)
    assert found["highest_that_fits_percent"] == 100
    assert found["highest_at_0_5_percent"] == 100
    small = course(Way.RELAY, "step_layers")
    (flow,) = small.flows
    shrunk = replace(small, flows=(replace(flow, height=np.full(len(flow.height), 180.0)),))
    halved = replace(shrunk, arrived_bps=shrunk.arrived_bps / 2)
    assert highest_that_fits_percent(halved, 10, 30) == 0
    assert math.isnan(highest_that_fits_percent(replace(halved, encodings=()), 10, 30))


def test_rfc_8868_is_told_of_every_run(relayed: Course) -> None:
    found = figures_of(relayed)
    # 2 Mbit/s of 2.5 settle it, 0.4 of 0.5 when its queue is gone, 0.4 of 2.5 not until 70 s.
    assert found["converged_after_0_s"] == pytest.approx(1.0, abs=0.5)
    assert found["converged_after_30_s"] == pytest.approx(3.0, abs=0.5)
    assert found["converged_after_60_s"] == pytest.approx(10.8, abs=0.5)
    assert found["converged_at_the_latest_s"] == found["converged_after_60_s"]
    assert found["delay_p50_ms"] <= found["delay_p95_ms"] <= found["delay_p99_ms"]
    assert found["packets_sent"] == found["packets_arrived"] + 1
    assert found["goodput_mbps"] == pytest.approx(240 * 8e-3, rel=0.01)
    assert found["video_lost_after_repair_percent"] == 0
    assert found["frames_encoded_per_s"] == pytest.approx(25, abs=0.1)
    assert found["frames_dropped_per_s"] == pytest.approx(1, abs=0.1)
    assert found["key_frames_asked"] == 1
    assert "fairness_20_s" not in found


def test_every_target_is_a_figure_of_a_scenario() -> None:
    every = (*TARGETS, *BESIDE)
    for target in every:
        assert target.scenario in SCENARIOS
    for name in ("step", "step_layers", "narrow", "narrow_layers", "loss_2", "outage"):
        asked = {target.figure for target in every if target.scenario == name}
        assert asked <= figures_of(course(Way.RELAY, name)).keys()


def test_every_case_of_rfc_8867_is_played_and_what_differs_is_said() -> None:
    cases = {name.removeprefix("rfc8867_5_")[0] for name in SCENARIOS if name.startswith("rfc")}
    assert cases == set("12345678")
    assert {SCENARIOS[f"rfc8867_5_6_queue_{ms}"].down["queue_ms"] for ms in (300, 1_000)} == {
        300,
        1_000,
    }
    unlike = SCENARIOS["rfc8867_5_5"]
    away = [unlike.down["delay_ms"] + flow.farther_ms for flow in unlike.flows]
    assert away == [10, 25, 50, 100, 150]
    assert unlike.is_of_unlike_lengths
    assert not SCENARIOS["rfc8867_5_4"].is_of_unlike_lengths
    assert all(words for words in LEFT_OUT.values())


def test_a_blackout_carries_nothing() -> None:
    outage = SCENARIOS["outage"]
    capacity = outage.capacity_bps(np.array([19.9, 20.0, 24.9, 25.0]))
    assert capacity.tolist() == [2.5e6, 0, 0, 2.5e6]
    both = SCENARIOS["rfc8867_5_3"]
    assert both.capacity_bps(np.array([0.0, 36.0]), "up").tolist() == [2e6, 0.8e6]
