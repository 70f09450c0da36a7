"""What a browser's sender did, from the samples of `pages/recorder.js`. Pure.

Times are Unix milliseconds, as in the samples. An encoding is named by its rid, or by `mid/rid`
where there are several pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

Sample = Mapping[str, Any]
Entry = Mapping[str, Any]

WINDOW_MS: Final = 500.0
"""Rates are over so long: two key frames' worth at 200 kbit/s would shake a shorter one."""
SPARE: Final = 1.1
"""A rate no more than a tenth above its cap keeps it: encoders hit a target on average only."""
HELD_MS: Final = 1_000.0


def sent_entries(sample: Sample, kind: str = "video") -> Iterator[Entry]:
    """Give what was counted of each encoding of a kind."""
    for entry in sample["entries"]:
        if entry["type"] == "outbound-rtp" and entry.get("kind") == kind:
            yield entry


def sent_bytes(sample: Sample, chosen: Callable[[Entry], bool] = lambda _: True) -> float:
    """Count what went over the wire of pictures, RTP headers and retransmissions included."""
    return sum(
        float(entry.get("bytesSent", 0) + entry.get("headerBytesSent", 0))
        for entry in sent_entries(sample)
        if chosen(entry)
    )


def rates(
    samples: Sequence[Sample],
    chosen: Callable[[Entry], bool] = lambda _: True,
    window_ms: float = WINDOW_MS,
) -> list[tuple[float, float]]:
    """Give the rate of the pictures that end each window: time, bits a second."""
    found: list[tuple[float, float]] = []
    first = 0
    for sample in samples:
        while sample["at_ms"] - samples[first]["at_ms"] > window_ms:
            first += 1
        # The window begins at the last sample that is not within it.
        begin = samples[max(0, first - 1)]
        passed_ms = sample["at_ms"] - begin["at_ms"]
        if passed_ms >= window_ms / 2:
            bits = 8 * (sent_bytes(sample, chosen) - sent_bytes(begin, chosen))
            found.append((sample["at_ms"], bits * 1_000 / passed_ms))
    return found


def mean_bps(
    samples: Sequence[Sample],
    from_ms: float,
    to_ms: float,
    chosen: Callable[[Entry], bool] = lambda _: True,
) -> float:
    """Give the mean rate between two moments; 0 where nothing was seen of them."""
    within = [sample for sample in samples if from_ms <= sample["at_ms"] <= to_ms]
    if len(within) < 2:
        return 0.0
    bits = 8 * (sent_bytes(within[-1], chosen) - sent_bytes(within[0], chosen))
    return bits * 1_000 / float(within[-1]["at_ms"] - within[0]["at_ms"])


def kept_after_ms(
    course: Sequence[tuple[float, float]], from_ms: float, cap_bps: float
) -> float | None:
    """Say how long after a moment the rate came below a cap for at least a second.

    The window of a rate reaches back; what is given is when the first good window began.
    """
    since: float | None = None
    for at_ms, bps in course:
        if at_ms < from_ms:
            continue
        if bps > cap_bps * SPARE:
            since = None
        elif since is None:
            since = at_ms
        if since is not None and at_ms - since >= HELD_MS:
            return max(0.0, since - WINDOW_MS - from_ms)
    return None


def reached_after_ms(
    course: Sequence[tuple[float, float]], from_ms: float, at_least_bps: float
) -> float | None:
    """Say how long after a moment the rate was first so high."""
    for at_ms, bps in course:
        if at_ms >= from_ms and bps >= at_least_bps:
            return at_ms - from_ms
    return None


def first_after_ms(
    samples: Sequence[Sample], from_ms: float, is_so: Callable[[Sample], bool]
) -> float | None:
    """Say how long after a moment a sample first shows something."""
    for sample in samples:
        if sample["at_ms"] >= from_ms and is_so(sample):
            return float(sample["at_ms"] - from_ms)
    return None


def picture(samples: Sequence[Sample], from_ms: float, to_ms: float, rid: str) -> dict[str, Any]:
    """Describe an encoding between two moments: size, frames a second, quantiser, limits."""
    seen = [
        entry
        for sample in samples
        if from_ms <= sample["at_ms"] <= to_ms
        for entry in sent_entries(sample)
        if entry.get("rid", "") == rid
    ]
    times = [sample["at_ms"] for sample in samples if from_ms <= sample["at_ms"] <= to_ms]
    if len(seen) < 2:
        return {}
    first, last = seen[0], seen[-1]
    frames = last.get("framesEncoded", 0) - first.get("framesEncoded", 0)
    sizes = sorted(
        {(e["frameWidth"], e["frameHeight"]) for e in seen if e.get("frameWidth")}, reverse=True
    )
    quantisers = last.get("qpSum", 0) - first.get("qpSum", 0)
    return {
        "sizes": [f"{width}x{height}" for width, height in sizes],
        "frames_per_s": round(frames * 1_000 / max(1.0, times[-1] - times[0]), 1),
        "quantiser": round(quantisers / frames, 1) if frames else None,
        "key_frames": last.get("keyFramesEncoded", 0) - first.get("keyFramesEncoded", 0),
        "limited_by": sorted({e.get("qualityLimitationReason", "unknown") for e in seen}),
    }


def available_bps(sample: Sample) -> float | None:
    """Give the browser's own estimate, where it tells one."""
    for entry in sample["entries"]:
        if entry["type"] == "candidate-pair" and "availableOutgoingBitrate" in entry:
            return float(entry["availableOutgoingBitrate"])
    return None


def key_frames(sample: Sample, rid: str) -> int:
    """Count an encoding's key frames so far."""
    found = (e for e in sent_entries(sample) if e.get("rid", "") == rid)
    return sum(int(entry.get("keyFramesEncoded", 0)) for entry in found)
