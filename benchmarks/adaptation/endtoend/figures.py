"""The figures of one run: RFC 8868's of every scenario, and those that bars are about. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from benchmarks.adaptation.endtoend import judging as judge
from benchmarks.adaptation.endtoend.convergence import convergence, sharing
from benchmarks.adaptation.endtoend.course import Course, FlowCourse
from benchmarks.adaptation.endtoend.devices import HEIGHT
from benchmarks.adaptation.endtoend.fitting import highest_that_fits_percent
from benchmarks.adaptation.endtoend.scenarios import MBPS

Figures = dict[str, float]

SETTLED_S: Final = 10.0
"""A flow has found its rate by then; RFC 8867's cases begin to be interesting."""
STANDING_MS: Final = 100.0
LONG_MS: Final = 200.0
SHORT_MS: Final = 50.0
FROZEN_S: Final = 0.4
"""Two steps without a frame, of which there should be ten."""
SHOWN_BPS: Final = 30_000
"""Less is no picture: key frames that nobody sees, retransmissions."""
TOP_BPS: Final = 2.0 * MBPS


def figures_of(course: Course) -> Figures:
    """Judge a run."""
    own = OWN.get(course.scenario.name)
    every = _of_every(course) | convergence(course) | sharing(course)
    return every | (own(course) if own else {})


def _of_every(course: Course) -> Figures:
    """Give RFC 8868's metrics, from when the flow has settled to the end."""
    span = (SETTLED_S, course.scenario.lasts_s)
    seconds, flow = course.seconds, course.flows[0]
    arrived_percent = 100 * judge.utilisation(
        seconds, course.arrived_bps, course.capacity_bps, *span
    )
    delays = course.delays_ms if len(course.delays_ms) else np.zeros(1)
    return {
        "utilisation_percent": arrived_percent,
        "sent_mbps": judge.mean_of(seconds, course.sent_bps, *span) / MBPS,
        "media_mbps": judge.mean_of(seconds, course.media_bps, *span) / MBPS,
        "delay_p50_ms": float(np.quantile(delays, 0.5)),
        "delay_p95_ms": float(np.quantile(delays, 0.95)),
        "delay_p99_ms": float(np.quantile(delays, 0.99)),
        "delay_max_ms": float(delays.max()),
        "queue_p95_ms": judge.quantile_of(course.fine_seconds, course.wait_ms, 0.95, *span),
        "longest_standing_queue_s": judge.longest_above_s(
            course.fine_seconds, course.wait_ms, STANDING_MS, 0, span[1]
        ),
        "lost_percent": 100 * course.lost_share,
        "packets_sent": float(course.packets.sent),
        "megabytes_sent": course.packets.sent_bytes / 1e6,
        "packets_arrived": float(course.packets.arrived),
        "megabytes_arrived": course.packets.arrived_bytes / 1e6,
        "goodput_mbps": _goodput_mbps(course, *span),
        "discarded_packets": sum(judge.grown(seconds, f.discarded, *span) for f in course.flows),
        "frames_encoded_per_s": judge.grown(seconds, course.frames_encoded, *span)
        / (span[1] - span[0]),
        "frames_dropped_per_s": judge.grown(seconds, flow.dropped, *span) / (span[1] - span[0]),
        "key_frames_asked": judge.grown(seconds, course.key_frames_asked, *span),
        "swings_a_minute": judge.swings_a_minute(seconds, course.media_bps, 4.0, 0.6, *span),
        **_seen_and_heard(course, flow, *span),
    }


def _seen_and_heard(course: Course, flow: FlowCourse, from_s: float, to_s: float) -> Figures:
    def grown(counted: judge.Floats) -> float:
        return judge.grown(course.seconds, counted, from_s, to_s)

    video_lost = grown(flow.video_lost)
    # A browser tells of a freeze when it is over; one that lasts is seen by its frames.
    stills, still_s = judge.stills(course.seconds, flow.frames, FROZEN_S, from_s, to_s)
    chosen = judge.between(course.seconds, from_s, to_s)
    return {
        "freezes": max(grown(flow.freezes), stills),
        "frozen_s": max(grown(flow.frozen_s), still_s),
        "longest_still_s": judge.longest_standstill_s(course.seconds, flow.frames, from_s, to_s),
        "frames_per_s": grown(flow.frames) / (to_s - from_s),
        "video_lost_after_repair_percent": 100
        * judge.share_of(video_lost, video_lost + grown(flow.video_packets)),
        "audio_lost_percent": 100
        * judge.share_of(
            float(flow.audio_lost[chosen].sum()), float(flow.audio_sent[chosen].sum())
        ),
        "audio_concealed_percent": 100
        * judge.share_of(grown(flow.concealed), grown(flow.audio_samples)),
        "size_changes_a_minute": judge.changes_a_minute(course.seconds, flow.height, from_s, to_s),
    }


def _step(course: Course) -> Figures:
    """2.5 Mbit/s, 0.5 from 30 s, 2.5 from 60 s."""
    seconds, fine, waits = course.seconds, course.fine_seconds, course.wait_ms
    low, high = 0.5 * MBPS, 2.5 * MBPS
    drop, restore, end = 30.0, 60.0, course.scenario.lasts_s
    narrow = _seen_and_heard(course, course.flows[0], drop, restore)
    return {
        "estimate_down_s": judge.first_at_most_s(seconds, course.estimate_bps, low, drop, restore),
        "sent_down_s": judge.first_at_most_s(seconds, course.sent_bps, low, drop, restore),
        "queue_above_200_ms_s": judge.time_above_s(fine, waits, LONG_MS, drop, restore),
        "queue_below_50_ms_s": _below_for_good_s(course, drop, drop + 15),
        "freezes_after_drop": narrow["freezes"],
        "frozen_after_drop_s": narrow["frozen_s"],
        "audio_lost_after_drop_percent": narrow["audio_lost_percent"],
        "audio_concealed_after_drop_percent": narrow["audio_concealed_percent"],
        "estimate_1_5_s": judge.first_at_least_s(seconds, course.estimate_bps, 1.5 * MBPS, restore),
        "estimate_90_percent_s": judge.first_at_least_s(
            seconds, course.estimate_bps, 0.9 * high, restore
        ),
        "media_2_s": judge.first_at_least_s(
            seconds, judge.smooth(seconds, course.media_bps), TOP_BPS, restore
        ),
        "utilisation_at_0_5_percent": _used_percent(course, drop + SETTLED_S, restore),
        "utilisation_at_2_5_percent": _used_percent(course, SETTLED_S, drop),
        "queue_p95_steady_ms": max(
            judge.quantile_of(fine, waits, 0.95, SETTLED_S, drop),
            judge.quantile_of(fine, waits, 0.95, drop + SETTLED_S, restore),
        ),
        "start_up_s": judge.first_at_least_s(
            seconds, judge.smooth(seconds, course.media_bps), TOP_BPS, 0
        )
        - min(0.0, course.first_media_s),
        "size_changes_steady_a_minute": judge.changes_a_minute(
            seconds, course.flows[0].height, SETTLED_S, drop
        ),
        "media_end_mbps": judge.mean_of(seconds, course.media_bps, end - 10, end) / MBPS,
    }


def _narrow(course: Course) -> Figures:
    """100 kbit/s from 20 s to 50 s."""
    seconds, flow = course.seconds, course.flows[0]
    drop, restore = 20.0, 50.0
    picture = judge.smooth(seconds, flow.video_bps)
    heard = _seen_and_heard(course, flow, drop, restore)
    return {
        "picture_paused_s": judge.first_at_most_s(seconds, picture, SHOWN_BPS, drop, restore),
        "audio_lost_in_narrow_percent": heard["audio_lost_percent"],
        "audio_concealed_in_narrow_percent": heard["audio_concealed_percent"],
        "queue_p95_in_narrow_ms": judge.quantile_of(
            course.fine_seconds, course.wait_ms, 0.95, drop, restore
        ),
        "picture_back_s": judge.first_at_least_s(seconds, picture, 100_000, restore),
    }


def _outage(course: Course) -> Figures:
    """Nothing passes from 20 s to 25 s."""
    seconds, flow = course.seconds, course.flows[0]
    over = 25.0
    return {
        "picture_back_s": judge.recovery_s(seconds, flow.frames, over),
        "media_half_back_s": judge.first_at_least_s(
            seconds, judge.smooth(seconds, course.media_bps), 1.25 * MBPS, over
        ),
        "queue_above_200_ms_s": judge.time_above_s(
            course.fine_seconds, course.wait_ms, LONG_MS, over, course.scenario.lasts_s
        ),
    }


def _step_layers(course: Course) -> Figures:
    """Layers that follow the schedule of `_step`; when steady, how often and which."""
    drop, restore = 30.0, 60.0
    found = _step(course)
    changes = int(
        np.count_nonzero((course.layer_changes_s >= drop) & (course.layer_changes_s < restore))
    )
    asked = judge.grown(course.seconds, course.key_frames_asked, drop, restore)
    return found | {
        "top_layer_s": _top_layer_s(course, 0.0, drop) - min(0.0, course.first_media_s),
        "top_layer_back_s": _top_layer_s(course, restore, course.scenario.lasts_s),
        "key_frames_asked_a_change": asked / max(1, changes),
        **_steady_layers(course, SETTLED_S, drop),
        "highest_at_0_5_percent": highest_that_fits_percent(course, drop + SETTLED_S, restore),
        "layer_changes_at_0_5_a_minute": _layer_changes(course, drop + SETTLED_S, restore),
    }


def _narrow_layers(course: Course) -> Figures:
    """One rate all the time."""
    return _steady_layers(course, SETTLED_S, course.scenario.lasts_s)


def _steady_layers(course: Course, from_s: float, to_s: float) -> Figures:
    return {
        "layer_changes_steady_a_minute": _layer_changes(course, from_s, to_s),
        "highest_that_fits_percent": highest_that_fits_percent(course, from_s, to_s),
    }


def _top_layer_s(course: Course, from_s: float, to_s: float) -> float:
    flow = course.flows[0]
    return judge.first_at_least_s(course.seconds, flow.height, HEIGHT, from_s, to_s)


def _layer_changes(course: Course, from_s: float, to_s: float) -> float:
    """Give a minute's; those of frame rate count, too, which a picture's size does not show."""
    at_s = course.layer_changes_s
    return float(np.count_nonzero((at_s >= from_s) & (at_s < to_s))) * 60.0 / (to_s - from_s)


OWN: Final[Mapping[str, Callable[[Course], Figures]]] = {
    "step": _step,
    "step_layers": _step_layers,
    "narrow": _narrow,
    "narrow_layers": _narrow_layers,
    "outage": _outage,
}


def _below_for_good_s(course: Course, from_s: float, to_s: float) -> float:
    return judge.for_good_s(course.fine_seconds, course.wait_ms, SHORT_MS, from_s, to_s)


def _used_percent(course: Course, from_s: float, to_s: float) -> float:
    return 100 * judge.utilisation(
        course.seconds, course.arrived_bps, course.capacity_bps, from_s, to_s
    )


def _goodput_mbps(course: Course, from_s: float, to_s: float) -> float:
    """Give what was of use to those behind the link: payloads, each once."""
    grown = sum(judge.grown(course.seconds, f.payload_bytes, from_s, to_s) for f in course.flows)
    return 8 * grown / (to_s - from_s) / MBPS
