"""Byte-limited drop-tail queues, one before each link, all served together in virtual time.

Computed in bits of work, not in seconds: a packet ends when its link could have carried everything
up to it, so that a capacity may change while packets wait.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.adaptation.links import Floats, Integers, Links


@dataclass(frozen=True, slots=True)
class Passage:
    """What became of packets in their queues."""

    dropped: np.ndarray
    waited_us: Floats
    """Until a packet's own transmission began; for a dropped one, what it would have waited."""
    ended_us: Floats
    """When its last bit left; for a dropped one, when that before it did."""


class Queues:
    """The queues of a set of links."""

    def __init__(self, links: Links) -> None:
        self._links = links
        self._busy_bits = np.zeros(len(links))

    def pass_through(
        self, link: Integers, sent_us: Floats, size_bytes: Floats, stretch: Integers
    ) -> Passage:
        """Take packets, ordered by link and then by time, that all come within one stretch."""
        links = self._links
        if not len(link):
            return Passage(np.zeros(0, dtype=np.bool_), np.zeros(0), np.zeros(0))
        came_bits = links.work_by(sent_us, link, stretch[link])
        begins = np.flatnonzero(np.diff(link, prepend=-1))
        counts = np.diff(np.append(begins, len(link)))
        order = np.argsort(-counts, kind="stable")
        begins, counts = begins[order], counts[order]
        whose = link[begins]
        busy, limit_bits = self._busy_bits[whose], links.queue_bytes[whose] * 8
        starts, ends = np.empty(len(link)), np.empty(len(link))
        dropped = np.zeros(len(link), dtype=np.bool_)
        for turn in range(int(counts[0])):
            # Links by falling count: those with a packet in this turn are the first.
            reach = int(np.searchsorted(-counts, -turn, side="left"))
            place = begins[:reach] + turn
            came, mine = came_bits[place], busy[:reach]
            start = np.maximum(mine, came)
            end = start + size_bytes[place] * 8
            full = end - came > limit_bits[:reach] + size_bytes[place] * 8 * (start == came)
            busy[:reach] = np.where(full, mine, end)
            starts[place], ends[place] = start, np.where(full, start, end)
            dropped[place] = full
        self._busy_bits[whose] = busy
        return Passage(
            dropped,
            links.moment_of(starts, link) - sent_us,
            links.moment_of(ends, link),
        )
