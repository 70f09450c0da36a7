"""Capture what a real browser tells of real links: `make capture-feedback`; needs root.

One Chromium sends a picture that nothing makes small, and another takes it over the emulated link;
the relay's packet path stands between them, on the link's other side. The picture follows the
relay's own estimate, but for a moment around each step down. What was told goes to
tests/captures/feedback, where the tests of `codecs/congestion` let it be judged
(docs/adaptation.md, "Judged by another").
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.async_api import async_playwright

from benchmarks.adaptation import feedback_trace
from benchmarks.adaptation.answered_leg import CONNECT_WITHIN_S, AnsweredLeg
from benchmarks.adaptation.emulated_link import SERVER_ADDRESS, EmulatedLink, emulated_link
from benchmarks.adaptation.endtoend.on_a_side import browser_on, urgent
from benchmarks.adaptation.feedback_cases import CASES, Case
from benchmarks.adaptation.feedback_trace import Capacity
from benchmarks.adaptation.inside import inside
from benchmarks.adaptation.link_setup import LinkSetup
from benchmarks.harness import failure, programs
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.programs import ROOT
from relay.engine import EngineConfig, Event, MediaEngine
from relay.legs.transport import LegTransports
from tests.endtoend.appearance import BLUE, RED
from tests.endtoend.chromium import Chromium
from tests.endtoend.tab import Tab, call

FOLDER: Final = ROOT / "tests" / "captures" / "feedback"
PAGES: Final = Path(__file__).with_name("pages")
SCRIPTS: Final = [(PAGES / name).read_text() for name in ("made_media.js", "capture.js")]
ENGINE: Final = EngineConfig(listen=(SERVER_ADDRESS,), port=0, receive_buffer_bytes=1 << 22)

USEFUL_BPS: Final = 5_000_000
"""What the picture could use; bursts ask for no more. What is played is played with the same."""

START_BPS: Final = 250_000
LEAST_BPS: Final = 30_000
SOUND_BPS: Final = 60_000
"""Opus at 32 kbit/s, 50 packets a second, with all headers."""

OF_HEADERS: Final = 0.93
"""What of a picture's bits on the wire its encoder makes, headers of IP to RTP taken off."""

FOLLOWED_EVERY_S: Final = 0.05
WORTH_TELLING: Final = 0.03
LOOKED_AT_US: Final = 4_000_000
LEAST_USED: Final = 0.65
"""Of what the link carries in the end: less, and the sender was held up by something else."""

MOST_SHORT: Final = 0.02
"""Of a case's time that the sender's encoder may have been short of processor."""

ATTEMPTS: Final = 3
WITHIN_S: Final = 30.0
"""Beyond a case's own seconds: for opening, connecting, closing."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that stays from one link to the next."""

    link: EmulatedLink
    engine: MediaEngine
    transports: LegTransports
    sender: Chromium
    receiver: Chromium


@dataclass(frozen=True, slots=True)
class Captured:
    """A call that was made."""

    told: Sequence[Event.Feedback]
    capacity: Capacity
    short_s: float
    """For how long its sender was short of processor."""

    def last_bps(self) -> float:
        """Say how much was sent in the end."""
        samples = {sample[0]: sample for each in self.told for sample in each.samples}.values()
        ends_us = max((sample[1] for sample in samples), default=0)
        late = [sample[3] for sample in samples if sample[1] > ends_us - LOOKED_AT_US]
        return sum(late) * 8e6 / LOOKED_AT_US


def main(arguments: Sequence[str] | None = None) -> int:
    """Capture, and write a file for each link."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.adaptation.capture_feedback",
        description="Capture Chromium's transport-wide feedback over emulated links.",
    )
    names = [case.name for case in CASES]
    parser.add_argument("--case", choices=names, action="append", help="only this one")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the traces go")
    chosen = parser.parse_args(arguments)
    wanted = chosen.case or names
    cases = [case for case in CASES if case.name in wanted]
    chosen.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        emulator = urgent(programs.path_of("emulator"), Path(name))
        with emulated_link(LinkSetup(), program=emulator) as link, inside(link.server):
            asyncio.run(_capture(cases, link, chosen.folder))
    late = link.outcome["late"]
    print(f"the emulator was late by {late['p99_us']:.0f} µs (p99), {late['max_us']:.0f} at most")
    return 0


async def _capture(cases: Sequence[Case], link: EmulatedLink, folder: Path) -> None:
    async with _stage(link) as stage:
        for number, case in enumerate(cases, 1):
            captured = await _used(stage, case)
            told = captured.told
            about = f"Chromium {stage.receiver.version}"
            text = feedback_trace.write(told, captured.capacity, browser=about, link=case.words)
            _keep_text(folder / f"{case.name}.txt", text)
            packets = sum(len(each.samples) for each in told)
            print(f"{number}/{len(cases)} {case.name}: {len(told)} feedbacks, {packets} packets")


def _keep_text(path: Path, text: str) -> None:
    path.write_text(text)


@asynccontextmanager
async def _stage(link: EmulatedLink) -> AsyncIterator[Stage]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        beyond = browser_on(link.client, folder)
        async with (
            async_playwright() as playwright,
            MediaEngine(ENGINE) as engine,
            AsyncExitStack() as browsers,
        ):
            sender = await Chromium.start(playwright, folder, RED)
            browsers.push_async_callback(sender.close)
            receiver = await Chromium.start(playwright, folder, BLUE, executable=beyond)
            browsers.push_async_callback(receiver.close)
            yield Stage(link, engine, LegTransports(), sender, receiver)


async def _used(stage: Stage, case: Case) -> Captured:
    """Make a call that uses its link and has the processor it needs, in a few attempts.

    Raises:
        BenchmarkFailed: None did, or one failed.

    """
    voids = []
    for _ in range(ATTEMPTS):
        captured = await _made(stage, case)
        used, short = captured.last_bps() / case.last_bps, captured.short_s / case.seconds
        if used >= LEAST_USED and short <= MOST_SHORT:
            return captured
        voids.append(f"{used:.0%} of the link used, short of processor {short:.0%} of the time")
        print(f"{case.name} again: {voids[-1]}")
    raise BenchmarkFailed(f"{case.name}: {'; '.join(voids)}; is the machine busy?")


async def _made(stage: Stage, case: Case) -> Captured:
    """Make a call, and let its failure be a sentence.

    Raises:
        BenchmarkFailed: They did not connect, or it hung.

    """
    try:
        async with asyncio.timeout(case.seconds + WITHIN_S):
            return await _call(stage, case)
    except TimeoutError:
        raise BenchmarkFailed(f"{case.name} did not end in time") from None
    except ExceptionGroup as failures:
        # A task group wraps what is raised beside its tasks.
        known = failures.subgroup(BenchmarkFailed)
        if known is None:
            raise
        raise known.exceptions[0] from None


async def _call(stage: Stage, case: Case) -> Captured:
    """Let one browser send to the other for a case's seconds."""
    for change in case.beginning():
        stage.link.change(change)
    told: list[Event.Feedback] = []
    before = stage.engine.counters()
    async with asyncio.TaskGroup() as tasks:
        publisher = AnsweredLeg(stage.engine, stage.transports)
        subscriber = AnsweredLeg(stage.engine, stage.transports)
        sending = await stage.sender.open("about:blank")
        taking = await stage.receiver.open("about:blank")
        try:
            for tab in (sending, taking):
                for script in SCRIPTS:
                    await tab.evaluate(script)
            await _connect(sending, call("window.capture.send", START_BPS), publisher, tasks)
            await _connect(taking, "window.capture.receive()", subscriber, tasks)
            subscriber.path.tap_feedback(enabled=True)
            subscriber.path.set_useful_rate(USEFUL_BPS)
            tasks.create_task(_keep(subscriber, told), name="feedback")
            subscriber.carry(publisher.tracks)
            times_ms = stage.link.change(*case.changes())
            await _follow(stage, case, sending, subscriber)
            short_s = float(await sending.evaluate("window.capture.shortOfProcessor()"))
        finally:
            subscriber.close()
            publisher.close()
            await sending.close()
            await taking.close()
    feedback_trace.need_whole(before, stage.engine.counters())
    began_us = stage.link.began_monotonic_ns // 1_000
    seconds = [change.t_ms / 1_000 for change in case.changes()]
    taken_place_us = [began_us + round(at_ms * 1_000) for at_ms in times_ms]
    changes_us = dict(zip(seconds, taken_place_us, strict=True))
    return Captured(told, case.capacity(began_us, changes_us), short_s)


async def _connect(tab: Tab, offering: str, leg: AnsweredLeg, tasks: asyncio.TaskGroup) -> None:
    offer = await tab.evaluate(offering)
    await tab.evaluate(call("window.capture.accept", leg.answer(offer, tasks)))
    try:
        async with asyncio.timeout(CONNECT_WITHIN_S):
            await leg.ready.wait()
    except TimeoutError:
        raise BenchmarkFailed("a browser did not connect") from None
    if leg.over is not None:
        raise BenchmarkFailed(f"a browser's connection is over: {leg.over.value}")


async def _keep(leg: AnsweredLeg, told: list[Event.Feedback]) -> None:
    """Keep what is told until the leg is over."""
    feedback = leg.path.feedback
    assert feedback is not None, "it is tapped"
    while (each := await feedback.take()) is not None:
        told.append(each)


async def _follow(stage: Stage, case: Case, sending: Tab, leg: AnsweredLeg) -> None:
    """Let the picture have what the estimator allows, for a case's seconds."""
    loop = asyncio.get_running_loop()
    began, limit, asked = loop.time(), START_BPS, True
    while (at_s := loop.time() - began) < case.seconds:
        if asked is not case.is_asked(at_s):
            asked = not asked
            # Of whom nobody knows what is of use, nobody asks more, and all that comes goes on.
            leg.path.set_useful_rate(USEFUL_BPS if asked else 0)
        estimate = stage.engine.reports.estimates.get(leg.path.id)
        if estimate is not None and not case.is_heedless(at_s):
            wanted = round(OF_HEADERS * (estimate.rate_bps - SOUND_BPS))
            wanted = max(LEAST_BPS, min(wanted, USEFUL_BPS))
            if abs(wanted - limit) > WORTH_TELLING * limit:
                limit = wanted
                await sending.evaluate(call("window.capture.limit", limit))
        await asyncio.sleep(FOLLOWED_EVERY_S)


if __name__ == "__main__":
    failure.run("capture_feedback", lambda: main(sys.argv[1:]))
