"""Whether a receiver is sent the best encoding that its link carries. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np

from benchmarks.adaptation.endtoend import judging as judge
from benchmarks.adaptation.endtoend.course import STEP_S, Course

SPARE: Final = 1.15
"""What the policy leaves free before it sends more (docs/adaptation.md)."""
SOUND_BPS: Final = 60_000.0
"""Opus as the SDK sends it, on the wire."""
USED_WELL: Final = 0.85
"""Of a link: what uses so much of it needs no better encoding."""


def highest_that_fits_percent(course: Course, from_s: float, to_s: float) -> float:
    """Say for how much of a span the link is used well, or no better encoding would fit.

    NaN where nobody told what the camera sends. An encoding that is not sent does not fit; where
    none does, the smallest there was is asked for.
    """
    chosen = judge.between(course.seconds, from_s, to_s)
    heights = [encoding.height for encoding in course.encodings]
    if not heights or not chosen.any() or not np.nanmax(heights):
        return float("nan")
    asked = np.full(len(course.seconds), min(h[h > 0].min() for h in heights if (h > 0).any()))
    for encoding in course.encodings:
        grown = np.diff(encoding.wire_bytes, prepend=encoding.wire_bytes[0])
        sent_bps = judge.smooth(course.seconds, np.nan_to_num(grown) * 8 / STEP_S)
        fits = (sent_bps > 0) & (SPARE * sent_bps + SOUND_BPS <= course.capacity_bps)
        asked = np.where(fits, np.fmax(asked, encoding.height), asked)
    used = judge.smooth(course.seconds, course.arrived_bps) >= USED_WELL * course.capacity_bps
    flow = course.flows[0]
    comes = judge.smooth(course.seconds, np.diff(flow.frames, prepend=0.0)) > 0
    so = used | (comes & (flow.height >= asked))
    return 100 * float(np.mean(so[chosen]))
