"""A run as curves over time: what the link carried, what everybody saw, what the relay believed.

Pure. Time is in seconds of the scenario; `STEP_S` is the grid of every curve but the waiting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from benchmarks.adaptation.endtoend.call import Sample, Way
from benchmarks.adaptation.endtoend.encodings import Encoding, encodings_of, pictures_sent
from benchmarks.adaptation.endtoend.runs import Recorded
from benchmarks.adaptation.endtoend.scenarios import Floats, Scenario
from benchmarks.adaptation.truth_log import NO_PAYLOAD_TYPE, Records, Verdict

STEP_S: Final = 0.2
"""RFC 8868 §3."""
FINE_S: Final = 0.02
"""Of the waiting: as often as sound is sent."""
UDP: Final = 17


@dataclass(frozen=True, slots=True)
class FlowCourse:
    """One receiver. What is counted grows from the beginning on."""

    video_bps: Floats
    """Of what arrived, IP bytes, retransmissions included."""
    audio_sent: Floats
    """Packets, in each step."""
    audio_lost: Floats
    """Of those, how many the link dropped."""
    height: Floats
    frames: Floats
    dropped: Floats
    """Frames that were there and were not decoded or shown."""
    freezes: Floats
    frozen_s: Floats
    concealed: Floats
    """Audio samples that were made up."""
    audio_samples: Floats
    video_lost: Floats
    """Packets that never came, by the receiver's count after repair."""
    video_packets: Floats
    discarded: Floats
    """Packets that came too late to be of use."""
    payload_bytes: Floats
    """Of what was not sent before: pictures and sound, without any header."""


@dataclass(frozen=True, slots=True)
class Packets:
    """What came to the link and what left it, of all kinds, while the scenario lasted."""

    sent: int
    sent_bytes: int
    arrived: int
    arrived_bytes: int


@dataclass(frozen=True, slots=True)
class Course:
    """A run."""

    scenario: Scenario
    way: Way
    seconds: Floats
    """When each step begins."""
    capacity_bps: Floats
    estimate_bps: Floats
    """What the sender towards the link believed it carries; NaN where it did not say."""
    encoder_bps: Floats
    """What the first sender's encoder was asked for; NaN where the browser did not say."""
    sent_bps: Floats
    """What came to the link, IP bytes."""
    media_bps: Floats
    """What of UDP arrived."""
    arrived_bps: Floats
    """What arrived at all."""
    fine_seconds: Floats
    wait_ms: Floats
    """How long a packet would have waited that came at that moment, every `FINE_S`."""
    delays_ms: Floats
    """Of every packet that arrived: from the link's beginning to its end."""
    lost_share: float
    """Of all packets, what the link dropped."""
    flows: tuple[FlowCourse, ...]
    first_media_s: float
    packets: Packets
    encodings: tuple[Encoding, ...]
    """Of the first sender."""
    key_frames_asked: Floats
    """Of the first sender, for all its encodings (PLI); grows from the beginning on."""
    frames_encoded: Floats
    """Of the first sender, in all its encodings; grows likewise."""
    layer_changes_s: Floats
    """When the relay chose other layers for the first receiver, or paused its picture."""
    cpu_limited_share: float
    """Of the time, how long a sender was short of processor: such a run says nothing."""


def course_of(recorded: Recorded) -> Course:
    """Put what was written down of a run on one grid."""
    scenario, origin_ns = recorded.scenario, recorded.origin_ns
    seconds = np.arange(0.0, scenario.lasts_s, STEP_S)
    down = recorded.truth.way("down")
    came_s = (down["came_ns"].astype(np.float64) - origin_ns) / 1e9
    left_s = (down["left_ns"].astype(np.float64) - origin_ns) / 1e9
    arrived = down["verdict"] == Verdict.DELIVERED
    udp = down["transport"] == UDP

    def rate(at_s: Floats, chosen: Any) -> Floats:
        return _rate_bps(at_s[chosen], down["bytes"][chosen], seconds)

    fine = np.arange(0.0, scenario.lasts_s, FINE_S)
    lasted = (came_s >= 0) & (came_s < scenario.lasts_s)
    first_sender = next(iter(recorded.senders.values()), ())
    media = arrived & udp & (down["payload_type"] != NO_PAYLOAD_TYPE)
    return Course(
        scenario=scenario,
        way=recorded.way,
        seconds=seconds,
        capacity_bps=scenario.capacity_bps(seconds),
        estimate_bps=_estimates(recorded, seconds),
        encoder_bps=_held(recorded, first_sender, seconds, _target_bps),
        sent_bps=rate(came_s, np.ones(len(down), bool)),
        media_bps=rate(left_s, arrived & udp),
        arrived_bps=rate(left_s, arrived),
        fine_seconds=fine,
        wait_ms=_waits_ms(came_s[arrived], down["queued_us"][arrived], fine),
        delays_ms=(left_s - came_s)[arrived & lasted] * 1e3,
        lost_share=float(np.mean(~arrived[lasted])) if lasted.any() else 0.0,
        flows=tuple(
            _flow(recorded, down, came_s, left_s, samples, seconds)
            for samples in recorded.receivers
        ),
        first_media_s=float(left_s[media].min()) if media.any() else 0.0,
        packets=Packets(
            sent=int(lasted.sum()),
            sent_bytes=int(down["bytes"][lasted].sum()),
            arrived=int((arrived & lasted).sum()),
            arrived_bytes=int(down["bytes"][arrived & lasted].sum()),
        ),
        encodings=encodings_of(
            first_sender, lambda value: _held(recorded, first_sender, seconds, value)
        ),
        key_frames_asked=_held(recorded, first_sender, seconds, _sent("pliCount")),
        frames_encoded=_held(recorded, first_sender, seconds, _sent("framesEncoded")),
        layer_changes_s=_layer_changes_s(recorded),
        cpu_limited_share=_cpu_limited_share(recorded),
    )


def _layer_changes_s(recorded: Recorded) -> Floats:
    """Give when what the first receiver is sent changed, what its line began with left out."""
    first = [each for each in recorded.layers if each.place == recorded.layers[0].place]
    return np.array([(each.at_ns - recorded.origin_ns) / 1e9 for each in first[1:]])


def _rate_bps(at_s: Floats, sizes: Any, seconds: Floats) -> Floats:
    edges = np.append(seconds, seconds[-1] + STEP_S)
    sums, _ = np.histogram(at_s, edges, weights=8.0 * sizes)
    rate: Floats = sums / STEP_S
    return rate


def _waits_ms(came_s: Floats, queued_us: Any, at_s: Floats) -> Floats:
    """Give how long the queue is in time: what the last one to come still has to wait."""
    if not len(came_s):
        return np.zeros(len(at_s))
    order = np.argsort(came_s, kind="stable")
    leaves_s = came_s[order] + queued_us[order] / 1e6
    last = np.searchsorted(came_s[order], at_s, side="right") - 1
    waits_s = np.where(last >= 0, leaves_s[last] - at_s, 0.0)
    found: Floats = np.maximum(waits_s, 0.0) * 1e3
    return found


def _flow(
    recorded: Recorded,
    down: Records,
    came_s: Floats,
    left_s: Floats,
    samples: Sequence[Sample],
    seconds: Floats,
) -> FlowCourse:
    sources = {
        kind: {int(e["ssrc"]) for s in samples for e in _inbound(s, kind) if "ssrc" in e}
        for kind in ("audio", "video")
    }
    of_audio = np.isin(down["ssrc"], sorted(sources["audio"]))
    named = of_audio | np.isin(down["ssrc"], sorted(sources["video"]))
    # Retransmissions have SSRCs that a receiver does not tell; its port tells them.
    ports = np.unique(down["destination_port"][named & (down["payload_type"] != NO_PAYLOAD_TYPE)])
    rtp = np.isin(down["destination_port"], ports) & (down["payload_type"] != NO_PAYLOAD_TYPE)
    arrived = down["verdict"] == Verdict.DELIVERED
    video = rtp & ~of_audio & arrived
    sound = rtp & of_audio

    def held(kind: str, name: str) -> Floats:
        return _held(recorded, samples, seconds, lambda sample: _sum(sample, kind, name))

    def counted(chosen: Any) -> Floats:
        return _rate_bps(came_s[chosen], np.full(int(chosen.sum()), STEP_S / 8), seconds)

    return FlowCourse(
        video_bps=_rate_bps(left_s[video], down["bytes"][video], seconds),
        audio_sent=counted(sound),
        audio_lost=counted(sound & ~arrived),
        height=held("video", "frameHeight"),
        frames=held("video", "framesDecoded"),
        dropped=held("video", "framesDropped"),
        freezes=held("video", "freezeCount"),
        frozen_s=held("video", "totalFreezesDuration"),
        concealed=held("audio", "concealedSamples"),
        audio_samples=held("audio", "totalSamplesReceived"),
        video_lost=held("video", "packetsLost"),
        video_packets=held("video", "packetsReceived"),
        discarded=held("video", "packetsDiscarded") + held("audio", "packetsDiscarded"),
        payload_bytes=held("video", "bytesReceived")
        + held("audio", "bytesReceived")
        - held("video", "retransmittedBytesReceived"),
    )


def _estimates(recorded: Recorded, seconds: Floats) -> Floats:
    if recorded.way is Way.DIRECT:
        # With several receivers each has a connection of its own: what they believe together.
        samples = next(iter(recorded.senders.values()), ())
        return _held(recorded, samples, seconds, _available_bps)
    told = recorded.estimates
    at_s = np.array([(at_ns - recorded.origin_ns) / 1e9 for at_ns, _ in told])
    return _at(at_s, np.array([bps for _, bps in told]), seconds)


def _held(
    recorded: Recorded,
    samples: Sequence[Sample],
    seconds: Floats,
    value: Callable[[Sample], float],
) -> Floats:
    origin_ms = recorded.link_began_unix_ms + recorded.origin_ns / 1e6
    at_s = np.array([(sample["at_ms"] - origin_ms) / 1e3 for sample in samples])
    return _at(at_s, np.array([value(sample) for sample in samples]), seconds)


def _at(at_s: Floats, values: Floats, seconds: Floats) -> Floats:
    """Give what was last said by the end of each step; NaN before the first."""
    if not len(at_s):
        return np.full(len(seconds), np.nan)
    last = np.searchsorted(at_s, seconds + STEP_S, side="right") - 1
    found: Floats = np.where(last >= 0, values[np.maximum(last, 0)], np.nan)
    return found


def _inbound(sample: Sample, kind: str) -> Iterator[Any]:
    for entry in sample["entries"]:
        if entry["type"] == "inbound-rtp" and entry.get("kind") == kind:
            yield entry


def _sum(sample: Sample, kind: str, name: str) -> float:
    """Give a receiver's figure; slots that nothing was sent on add nothing."""
    return float(sum(entry.get(name, 0) for entry in _inbound(sample, kind)))


def _available_bps(sample: Sample) -> float:
    told = [
        e["availableOutgoingBitrate"] for e in sample["entries"] if "availableOutgoingBitrate" in e
    ]
    return float(sum(told)) if told else float("nan")


def _target_bps(sample: Sample) -> float:
    told = [e["targetBitrate"] for e in pictures_sent(sample) if "targetBitrate" in e]
    return float(sum(told)) if told else float("nan")


def _sent(name: str) -> Callable[[Sample], float]:
    """Give a sender's figure of all its pictures."""
    return lambda sample: float(sum(entry.get(name, 0) for entry in pictures_sent(sample)))


def _is_cpu_limited(sample: Sample) -> bool:
    return any(e.get("qualityLimitationReason") == "cpu" for e in pictures_sent(sample))


def _cpu_limited_share(recorded: Recorded) -> float:
    """Say how much of the time some sender's encoder did with less for want of processor."""
    shares = [
        sum(map(_is_cpu_limited, seen)) / max(1, len(seen)) for seen in recorded.senders.values()
    ]
    return max(shares, default=0.0)
