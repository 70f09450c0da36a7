"""What is asked of a browser's sender, and the figures that answer. Called by `two_party_spike`."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.adaptation import sender_figures as figures
from benchmarks.adaptation.answered_leg import CONNECT_WITHIN_S, AnsweredLeg
from benchmarks.harness.failure import BenchmarkFailed
from relay.engine import MediaEngine
from relay.legs.transport import LegTransports
from tests.endtoend.tab import Browser, Tab, call

SAMPLED_EVERY_MS: Final = 100
LOW_BPS: Final = 200_000
MOST_BPS: Final = 2_500_000
SMALL: Final = {"width": 640, "height": 360, "framesPerSecond": 25}
LARGE: Final = {"width": 1280, "height": 720, "framesPerSecond": 25}
CALM, GRAINY = 0.03, 0.2
"""Grain: of a good camera, and of one that no rate satisfies."""

HIGH: Final = {"rid": "h", "active": True, "scaleResolutionDownBy": 1, "maxBitrate": MOST_BPS}
MIDDLE: Final = {"rid": "m", "active": False, "scaleResolutionDownBy": 2}
LOW: Final = {"rid": "l", "active": False, "scaleResolutionDownBy": 4}
FALLING: Final = (HIGH, MIDDLE, LOW)
"""As the SDK offers them."""
RISING: Final = FALLING[::-1]
RATED: Final = (HIGH, {**MIDDLE, "maxBitrate": 500_000}, {**LOW, "maxBitrate": 150_000})
"""Each with a rate of its own."""
ALONE: Final = ({"maxBitrate": MOST_BPS},)
"""Without simulcast, to compare with."""
Figures = dict[str, Any]


@dataclass(slots=True)
class Sender:
    """A browser that sends, and the relay's side of its leg."""

    tab: Tab
    leg: AnsweredLeg
    seen: list[figures.Sample] = field(default_factory=list)

    def limit(self, bps: int) -> float:
        """Cap it, and say when: Unix ms."""
        self.leg.path.limit_publisher(bps)
        return time.time() * 1_000

    async def set(self, changes: Mapping[str, Mapping[str, Any]], picture: int = 0) -> float:
        """Change encodings by `setParameters`, and say when it was called: Unix ms."""
        told = await self.tab.evaluate(call("window.spike.set", picture, changes))
        return float(told["called_ms"])

    async def wait(self, seconds: float) -> float:
        """Let it send, and say when that was over: Unix ms."""
        await asyncio.sleep(seconds)
        self.seen += await self.tab.evaluate("window.recorder.take()")
        return time.time() * 1_000


@dataclass(slots=True)
class Bench:
    """Where browsers are opened, and what answers them."""

    browser: Browser
    page_url: str
    engine: MediaEngine
    transports: LegTransports
    tasks: asyncio.TaskGroup

    @asynccontextmanager
    async def sending(
        self, pictures: Sequence[Mapping[str, Any]], encodings: Sequence[Mapping[str, Any]]
    ) -> AsyncIterator[Sender]:
        """Connect a page that sends these pictures and a sound.

        Raises:
            BenchmarkFailed: They did not connect.

        """
        tab = await self.browser.open(self.page_url)
        leg = AnsweredLeg(self.engine, self.transports)
        try:
            about = {"pictures": pictures, "encodings": encodings}
            offer = await tab.evaluate(call("window.spike.open", about))
            await tab.evaluate(call("window.recorder.start", SAMPLED_EVERY_MS))
            await tab.evaluate(call("window.spike.accept", leg.answer(offer, self.tasks)))
            try:
                async with asyncio.timeout(CONNECT_WITHIN_S):
                    await leg.ready.wait()
            except TimeoutError:
                raise BenchmarkFailed(f"{self.browser.name} did not connect") from None
            if leg.over is not None:
                raise BenchmarkFailed(f"{self.browser.name}: the leg is over: {leg.over}")
            yield Sender(tab, leg)
        finally:
            leg.close()
            await tab.close()


async def run_down(
    bench: Bench, size: Mapping[str, Any], grain: float, encodings: Sequence[Mapping[str, Any]]
) -> Figures:
    """Cap one active encoding at a low rate, and let go of it again."""
    rid = next(each.get("rid", "") for each in encodings if each.get("active", True))
    async with bench.sending([{**size, "grain": grain}], encodings) as sender:
        free_ms = await sender.wait(8)
        capped_ms = sender.limit(LOW_BPS)
        await sender.wait(15)
        released_ms = sender.limit(0)
        end_ms = await sender.wait(12)
    course = figures.rates(sender.seen)
    before_bps = figures.mean_bps(sender.seen, free_ms - 3_000, free_ms)
    return {
        "before_bps": round(before_bps),
        "below_the_limit_after_ms": figures.kept_after_ms(course, capped_ms, LOW_BPS),
        "limited_bps": round(figures.mean_bps(sender.seen, capped_ms + 5_000, released_ms)),
        "before": figures.picture(sender.seen, free_ms - 3_000, free_ms, rid),
        "limited": figures.picture(sender.seen, capped_ms + 5_000, released_ms, rid),
        "after": figures.picture(sender.seen, end_ms - 3_000, end_ms, rid),
        "half_again_after_ms": figures.reached_after_ms(course, released_ms, before_bps / 2),
        "nine_tenths_again_after_ms": figures.reached_after_ms(
            course, released_ms, 0.9 * before_bps
        ),
        "estimate_bps": {
            "before": _estimate(sender.seen, capped_ms),
            "limited": _estimate(sender.seen, released_ms),
            "after": _estimate(sender.seen, end_ms),
        },
    }


async def start(bench: Bench, limit_bps: int | None) -> Figures:
    """Look at the first seconds, with a limit from the first moment or without one."""
    async with bench.sending([{**SMALL, "grain": GRAINY}], FALLING) as sender:
        begin_ms = time.time() * 1_000
        if limit_bps is not None:
            begin_ms = sender.limit(limit_bps)
        await sender.wait(6)
    moments_s = (0.5, 1.0, 1.5, 2.0, 3.0, 5.0)
    course = figures.rates(sender.seen)
    return {
        "estimate_bps": {s: _estimate(sender.seen, begin_ms + 1_000 * s) for s in moments_s},
        "sent_bps": {s: _at(course, begin_ms + 1_000 * s) for s in moments_s},
    }


async def two_pictures(bench: Bench) -> Figures:
    """Cap a connection with two pictures, then let one of them have less by `maxBitrate`."""
    limit_bps, less_bps = 800_000, 150_000
    async with bench.sending([{**SMALL, "grain": GRAINY}] * 2, FALLING) as sender:
        free_ms = await sender.wait(8)
        capped_ms = sender.limit(limit_bps)
        shared_ms = await sender.wait(10)
        await sender.set({"h": {"maxBitrate": less_bps}})
        end_ms = await sender.wait(10)
    course = figures.rates(sender.seen)
    spans = {
        "before": (free_ms - 3_000, free_ms),
        "limited": (capped_ms + 4_000, shared_ms),
        "one_with_less": (shared_ms + 4_000, end_ms),
    }
    return {
        "limit_bps": limit_bps,
        "below_the_limit_after_ms": figures.kept_after_ms(course, capped_ms, limit_bps),
        **{name: _by_picture(sender.seen, *span) for name, span in spans.items()},
    }


async def reactivate(
    bench: Bench, size: Mapping[str, Any], encodings: Sequence[Mapping[str, Any]], times: int = 3
) -> Figures:
    """Switch the other encodings on and off again, without an offer."""
    after_ms: dict[str, list[float]] = {"m": [], "l": []}
    counted: list[dict[str, int]] = []
    together: Figures = {}
    async with bench.sending([{**size, "grain": CALM}], encodings) as sender:
        await sender.wait(6)
        for _ in range(times):
            before, known = sender.seen[-1], len(sender.leg.started)
            called_ms = await sender.set({rid: {"active": True} for rid in after_ms})
            end_ms = await sender.wait(4)
            for started in sender.leg.started[known:]:
                rid = str(encodings[started.encoding]["rid"])
                if rid in after_ms:
                    after_ms[rid].append(started.at_ms - called_ms)
            counted.append(
                {
                    rid: figures.key_frames(sender.seen[-1], rid) - figures.key_frames(before, rid)
                    for rid in ("h", *after_ms)
                }
            )
            together = {
                rid: _described(sender.seen, end_ms - 2_000, end_ms, rid)
                for rid in ("h", *after_ms)
            }
            await sender.set({rid: {"active": False} for rid in after_ms})
            # Longer than the two seconds after which the relay calls an encoding silent.
            await sender.wait(4)
    return {
        "first_packet_after_ms": {
            rid: [round(each, 1) for each in found] for rid, found in after_ms.items()
        },
        "median_ms": {
            rid: round(statistics.median(found), 1) if found else None
            for rid, found in after_ms.items()
        },
        "key_frames_meanwhile": counted,
        "together": together,
    }


async def parameters(bench: Bench) -> Figures:
    """Change a rate and a size by `setParameters`, and see when that shows."""
    async with bench.sending([{**SMALL, "grain": GRAINY}], FALLING) as sender:
        await sender.wait(8)
        lowered_ms = await sender.set({"h": {"maxBitrate": 300_000}})
        await sender.wait(6)
        raised_ms = await sender.set({"h": {"maxBitrate": MOST_BPS}})
        await sender.wait(8)
        before = sender.seen[-1]
        halved_ms = await sender.set({"h": {"scaleResolutionDownBy": 2}})
        await sender.wait(4)
        halved = sender.seen[-1]
        whole_ms = await sender.set({"h": {"scaleResolutionDownBy": 1}})
        await sender.wait(4)
        whole = sender.seen[-1]
    course = figures.rates(sender.seen)
    return {
        "below_300_kbps_after_ms": figures.kept_after_ms(course, lowered_ms, 300_000),
        "above_600_kbps_after_ms": figures.reached_after_ms(course, raised_ms, 600_000),
        "half_the_size_after_ms": figures.first_after_ms(
            sender.seen, halved_ms, lambda sample: _width(sample) == SMALL["width"] // 2
        ),
        "whole_size_after_ms": figures.first_after_ms(
            sender.seen, whole_ms, lambda sample: _width(sample) == SMALL["width"]
        ),
        "key_frames_of_each_change_of_size": [
            figures.key_frames(halved, "h") - figures.key_frames(before, "h"),
            figures.key_frames(whole, "h") - figures.key_frames(halved, "h"),
        ],
    }


def _described(
    samples: Sequence[figures.Sample], from_ms: float, to_ms: float, rid: str
) -> Figures:
    bps = figures.mean_bps(samples, from_ms, to_ms, lambda entry: entry.get("rid", "") == rid)
    return {"bps": round(bps), **figures.picture(samples, from_ms, to_ms, rid)}


def _width(sample: figures.Sample) -> int:
    return max((int(e.get("frameWidth", 0)) for e in figures.sent_entries(sample)), default=0)


def _estimate(samples: Sequence[figures.Sample], by_ms: float) -> float | None:
    seen = [sample for sample in samples if sample["at_ms"] <= by_ms]
    found = figures.available_bps(seen[-1]) if seen else None
    return None if found is None else round(found)


def _at(course: Sequence[tuple[float, float]], by_ms: float) -> float:
    return round(next((bps for at_ms, bps in reversed(course) if at_ms <= by_ms), 0.0))


def _by_picture(
    samples: Sequence[figures.Sample], from_ms: float, to_ms: float
) -> dict[str, float]:
    names = {_picture_of(e) for s in samples for e in figures.sent_entries(s)}

    def bps(name: str) -> float:
        return figures.mean_bps(samples, from_ms, to_ms, lambda e: _picture_of(e) == name)

    return {name: round(bps(name)) for name in sorted(names)}


def _picture_of(entry: figures.Entry) -> str:
    """Tell pictures apart by their m-line."""
    return str(entry.get("mid", entry.get("ssrc")))
