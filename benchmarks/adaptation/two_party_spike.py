"""What browsers really do where the two-party mode relies on them: `make bench-two-party`.

Chromium and Firefox send to the relay's own packet path over loopback, with three encodings of
which one is active, under limits told by REMB and by `setParameters`. docs/adaptation.md says what
was seen, and what follows from it.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from playwright.async_api import async_playwright

from benchmarks.adaptation.spike_cases import (
    ALONE,
    CALM,
    FALLING,
    GRAINY,
    LARGE,
    LOW_BPS,
    RATED,
    RISING,
    SMALL,
    Bench,
    Figures,
    parameters,
    reactivate,
    run_down,
    start,
    two_pictures,
)
from benchmarks.harness import failure, options, progress, report
from benchmarks.harness.results import Bar, Result
from relay.engine import EngineConfig, MediaEngine
from relay.legs.transport import LegTransports
from relay.machine.addresses import machine_addresses
from tests.endtoend import chromium, firefox
from tests.endtoend.appearance import RED
from tests.endtoend.sound_card import silent_sound_card
from tests.endtoend.tab import Browser

PAGES: Final = Path(__file__).with_name("pages")
BROWSERS: Final = ("chromium", "firefox")
CASE_S: Final = 34.0
"""The longest of them, for the progress bar."""
IPV4: Final = 4


CASES: Final[Mapping[str, Callable[[Bench], Awaitable[Figures]]]] = {
    "640x360, grainy": lambda bench: run_down(bench, SMALL, GRAINY, FALLING),
    "640x360, calm": lambda bench: run_down(bench, SMALL, CALM, FALLING),
    "1280x720, calm": lambda bench: run_down(bench, LARGE, CALM, FALLING),
    "640x360, grainy, lowest first": lambda bench: run_down(bench, SMALL, GRAINY, RISING),
    "640x360, grainy, no simulcast": lambda bench: run_down(bench, SMALL, GRAINY, ALONE),
    "start": lambda bench: start(bench, None),
    "start, limited to 2 Mbit/s": lambda bench: start(bench, 2_000_000),
    "start, limited to 20 Mbit/s": lambda bench: start(bench, 20_000_000),
    "two pictures": two_pictures,
    "reactivate": lambda bench: reactivate(bench, SMALL, FALLING),
    "reactivate, lowest first": lambda bench: reactivate(bench, SMALL, RISING),
    "reactivate, 1280x720": lambda bench: reactivate(bench, LARGE, FALLING),
    "reactivate, 1280x720, lowest first": lambda bench: reactivate(bench, LARGE, RISING),
    "reactivate, 1280x720, each with its rate": lambda bench: reactivate(bench, LARGE, RATED),
    "parameters": parameters,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, write, and say what was found."""
    parser = options.parser("adaptation.two_party_spike", "Ask browsers what their senders do.")
    parser.set_defaults(runs=1)
    parser.add_argument("--browser", choices=BROWSERS, action="append", help="only this one")
    parser.add_argument("--case", choices=sorted(CASES), action="append", help="only this one")
    chosen = parser.parse_args(arguments)
    browsers, cases = chosen.browser or list(BROWSERS), chosen.case or list(CASES)
    with progress.watch("two parties", chosen.runs * len(browsers) * len(cases) * CASE_S) as watch:
        found = asyncio.run(_ask(browsers, cases, chosen.runs, watch))
    result = Result(
        name="two_party",
        configuration={"runs": chosen.runs, "cases": cases, "versions": found.pop("versions")},
        figures=found,
        bars=_bars(found),
        notes=[
            "Browser and relay share the machine; there is no link between them.",
            "Rates are of pictures, RTP headers included, over half a second.",
            "A limit is of the whole connection, sound included.",
        ],
        unjudged="" if _bars(found) else "No case that is judged was chosen.",
    )
    path = result.write()
    report.write(
        result,
        title="Two parties: what browsers do",
        summary="One active encoding of three, under limits told by REMB and by setParameters.",
        drawn=[],
        tables=[
            report.Table(
                f"{browser}: {case}",
                ["run", "found"],
                [[run + 1, json.dumps(each)] for run, each in enumerate(runs)],
            )
            for browser in browsers
            for case, runs in found[browser].items()
        ],
    )
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


async def _ask(
    browsers: Sequence[str], cases: Sequence[str], runs: int, watch: progress.Watch
) -> dict[str, Any]:
    found: dict[str, Any] = {"versions": {}}
    for kind in browsers:
        async with _bench(kind) as bench:
            about = await _user_agent(bench)
            found["versions"][kind] = about
            of_kind: dict[str, list[Figures]] = {case: [] for case in cases}
            for run in range(runs):
                for case in cases:
                    with watch.step(f"{kind}: {case}, run {run + 1}", CASE_S):
                        of_kind[case].append(await CASES[case](bench))
            found[kind] = of_kind
    return found


@asynccontextmanager
async def _bench(kind: str) -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            _served_pages() as origin,
            _started(kind, folder) as browser,
            MediaEngine(_engine_config()) as engine,
            asyncio.TaskGroup() as tasks,
        ):
            yield Bench(browser, f"{origin}/two_party.html", engine, LegTransports(), tasks)


def _engine_config() -> EngineConfig:
    """Listen where Firefox goes too: it has no candidates on loopback."""
    address = next(ip for ip in machine_addresses(loopback=False) if ip.version == IPV4)
    return EngineConfig(listen=(str(address),), port=0, receive_buffer_bytes=1 << 20)


@asynccontextmanager
async def _started(kind: str, folder: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright, silent_sound_card(folder) as sound_card:
        browser: Browser = (
            await chromium.Chromium.start(playwright, folder, RED)
            if kind == "chromium"
            else await firefox.Firefox.start(RED, sound_card)
        )
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def _served_pages() -> AsyncIterator[str]:
    application = web.Application()
    application.router.add_static("/", PAGES)
    runner = web.AppRunner(application)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def _user_agent(bench: Bench) -> str:
    tab = await bench.browser.open(bench.page_url)
    try:
        return str(await tab.evaluate("navigator.userAgent")).rsplit(" ", 1)[-1]
    finally:
        await tab.close()


def _bars(found: Mapping[str, Any]) -> list[Bar]:
    bars = []
    for browser, cases in found.items():
        for case, runs in cases.items():
            if case.startswith("reactivate"):
                firsts = [ms for run in runs for ms in run["median_ms"].values() if ms is not None]
                words = f"{browser}: {case}: first packet"
                bars.append(_bar(words, firsts, "ms", 300))
            elif runs and "limited_bps" in runs[0]:
                kept = [run["below_the_limit_after_ms"] for run in runs]
                rate = [run["limited_bps"] / 1_000 for run in runs]
                words = f"{browser}: {case}: under a limit of {LOW_BPS // 1_000} kbit/s"
                bars.append(_bar(f"{words}, sent", rate, "kbit/s", LOW_BPS / 1_000))
                held = [each for each in kept if each is not None]
                bars.append(_bar(f"{words}, after", held, "ms", 1_000))
    return bars


def _bar(words: str, values: Sequence[float], unit: str, target: float) -> Bar:
    if not values:
        return Bar(words, None, unit, target, unproven="it was never so")
    return Bar(f"{words}, median", float(statistics.median(values)), unit, target)


if __name__ == "__main__":
    failure.run("two_party", lambda: main(sys.argv[1:]))
