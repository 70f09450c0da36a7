"""From when on sound and pictures flow again, and for how long sound was away. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

HALF: Final = 0.5
"""Of an interval: with less of it heard, sound does not flow."""

STEADY_MS: Final = 500.0
STEADY_SHARE: Final = 0.8
"""Of the time from when sound is back; a scrap out of a buffer is no return."""

STEADY_FRAMES: Final = 4
"""In the same time; pictures have 15 a second or more."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What a page played in one interval."""

    at_ms: float
    """Its end, Unix time."""
    elapsed_ms: float
    sound_s: float
    """Sound that came over the network, what was made up for losses left out."""
    frames: float

    @property
    def is_heard(self) -> bool:
        """Whether sound flowed."""
        return self.sound_s * 1_000 >= HALF * self.elapsed_ms


def samples_of(rows: Iterable[Mapping[str, Any]]) -> list[Sample]:
    """Read what a page has noted; the first interval has no beginning."""
    samples = [Sample(*(float(row[name]) for name in Sample.__slots__)) for row in rows]
    return [sample for sample in samples if sample.elapsed_ms > 0]


def sound_back_s(samples: Sequence[Sample], since_ms: float) -> float | None:
    """Say how long after a moment sound flowed again, and went on; nothing if not yet."""
    for index, sample in enumerate(samples):
        if sample.at_ms <= since_ms or not sample.is_heard:
            continue
        then = _until(samples[index:], sample.at_ms + STEADY_MS)
        if then is None:
            return None
        heard_ms = 1_000 * sum(each.sound_s for each in then)
        if heard_ms >= STEADY_SHARE * sum(each.elapsed_ms for each in then):
            return (sample.at_ms - since_ms) / 1_000
    return None


def picture_back_s(samples: Sequence[Sample], since_ms: float) -> float | None:
    """Say the same of pictures: when the first frame was decoded of those that went on."""
    for index, sample in enumerate(samples):
        if sample.at_ms <= since_ms or not sample.frames:
            continue
        then = _until(samples[index:], sample.at_ms + STEADY_MS)
        if then is None:
            return None
        if sum(each.frames for each in then) >= STEADY_FRAMES:
            return (sample.at_ms - since_ms) / 1_000
    return None


def longest_silence_s(samples: Sequence[Sample], from_ms: float, to_ms: float) -> float:
    """Say for how long sound was away at the longest, without a break, between two moments.

    Of each interval only what was not heard counts: a page that looked late has missed nothing.
    """
    longest = silence = 0.0
    for sample in samples:
        if not from_ms < sample.at_ms <= to_ms:
            continue
        silence = 0.0 if sample.is_heard else silence + sample.elapsed_ms / 1_000 - sample.sound_s
        longest = max(longest, silence)
    return longest


def _until(samples: Sequence[Sample], end_ms: float) -> Sequence[Sample] | None:
    """Give the samples up to a moment; nothing where it has not come yet."""
    if samples[-1].at_ms < end_ms:
        return None
    return [sample for sample in samples if sample.at_ms <= end_ms]
