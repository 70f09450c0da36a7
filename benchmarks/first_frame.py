"""From the click on a consultation's link to the other's first picture, in Chromium.

`python -m benchmarks.first_frame`. One participant is there already; the other opens the page again
and again, as a person would: warm browser, new page, real signalling, DTLS and media over loopback.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientError
from playwright.async_api import Browser, Error, Page, async_playwright

from benchmarks.harness import failure, options, plots, progress, report
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.results import Bar, Result
from tests.endtoend.chromium import EXECUTABLE, FLAGS
from tests.endtoend.relay_process import RelayProcess, running_relay

PATIENCE_S: Final = 30.0
EXPECTED_S: Final = 3.0

# The element's shadow tree is open: the first decoded frame of any picture but one's own counts.
FIRST_FRAME: Final = """
(() => {
  const pictures = (root) => [...root.querySelectorAll("*")].flatMap((element) => [
    ...(element instanceof HTMLVideoElement ? [element] : []),
    ...(element.shadowRoot ? pictures(element.shadowRoot) : []),
  ]);
  const isRemote = (video) => {
    const [track] = video.srcObject?.getVideoTracks() ?? [];
    return track !== undefined && !track.label.startsWith("fake_device");
  };
  globalThis.firstFrame = new Promise((found) => {
    const watched = new WeakSet();
    const look = () => {
      for (const video of pictures(document)) {
        if (watched.has(video) || !isRemote(video)) continue;
        watched.add(video);
        video.requestVideoFrameCallback((now) => found(now));
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
})();
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("first_frame", "Measure click to first picture in Chromium.")
    parser.add_argument("--opens", type=options.within(2, 500), default=10, help="in each run")
    chosen = parser.parse_args(arguments)
    if not EXECUTABLE.exists():
        raise BenchmarkFailed(f"there is no {EXECUTABLE}: install the package chromium")
    opens = chosen.runs * chosen.opens
    with progress.watch("first frame", opens * EXPECTED_S) as watch:
        times_ms, handling_ms = asyncio.run(_measure(opens, watch))
    result = _result(chosen.runs, chosen.opens, times_ms, handling_ms)
    with plots.plot("first_frame", "From the click to the first picture") as axes:
        axes.hist(times_ms, bins=20)
        axes.set_xlabel("ms")
        axes.set_ylabel("openings")
    path = result.write()
    report.write(
        result,
        title="Click to first picture",
        summary="A consultation's link is opened in Chromium while the other waits: page, SDK, "
        "devices, signalling, DTLS, key frame, first decoded picture.",
        drawn=[report.Plot("first_frame", "Distribution of the time to the first picture")],
        tables=[report.Table("Openings (ms, in order)", ["ms"], [[t] for t in times_ms])],
    )
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def _result(
    runs: int, opens: int, times_ms: Sequence[float], handling_ms: dict[str, float]
) -> Result:
    median, p95 = statistics.median(times_ms), statistics.quantiles(times_ms, n=20)[-1]
    return Result(
        name="first_frame",
        configuration={"runs": runs, "opens_a_run": opens, "browser": "Chromium, warm, headless"},
        figures={
            "median_ms": round(median, 1),
            "p95_ms": round(p95, 1),
            "relay_handling_mean_ms": handling_ms,
            "times_ms": times_ms,
        },
        bars=[
            Bar("click to first remote frame, median", median, "ms", 1_000),
            Bar("click to first remote frame, p95", p95, "ms", 2_000),
            Bar("the relay's own handling of an offer, mean", handling_ms["offer"], "ms", 150),
        ],
        notes=[
            "Browser, both participants' encoders and decoders and the relay share the cores.",
            "The relay's handling is what it does with an offer; waits for the client are no part.",
        ],
    )


async def _measure(opens: int, watch: Any) -> tuple[list[float], dict[str, float]]:
    with tempfile.TemporaryDirectory() as folder:
        async with running_relay(Path(folder)) as relay:
            try:
                times, metrics = await _open_all(relay, opens, watch)
            except (Error, ClientError, BenchmarkFailed) as failed:
                raise BenchmarkFailed(_why(relay, failed)) from failed
    total = metrics["visavis_answer_duration_seconds_sum"]
    count = metrics["visavis_answer_duration_seconds_count"]
    return times, {"offer": round(1_000 * total / count, 2)}


async def _open_all(
    relay: RelayProcess, opens: int, watch: Any
) -> tuple[list[float], dict[str, float]]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(EXECUTABLE), args=[*FLAGS])
        await _open(browser, relay, "practitioner", "host")
        times = []
        for index in range(opens + 1):
            with watch.step(f"opening {index}", EXPECTED_S):
                page, elapsed = await _open(browser, relay, "patient", "guest")
                await page.close()
            # The first opening warms the caches.
            if index:
                times.append(round(elapsed, 1))
        metrics = await relay.metrics()
        await browser.close()
    return times, metrics


def _why(relay: RelayProcess, failed: Exception) -> str:
    """Say who failed; a link's token stays out of it."""
    status = relay.process.returncode
    if status is None:
        return re.sub(r"\"?https?://\S+", "a page", str(failed).partition("\n")[0])
    how = f"by signal {-status}" if status < 0 else f"with status {status}"
    return f"the relay ended in mid-run {how}"


async def _open(
    browser: Browser, relay: RelayProcess, role: str, identity: str
) -> tuple[Page, float]:
    """Open one participant's page; the time is from navigation to the first remote frame, ms."""
    token = await relay.token("benchmark", role, identity)
    context = browser.contexts[0] if browser.contexts else await browser.new_context()
    page = await context.new_page()
    await page.add_init_script(FIRST_FRAME)
    await page.goto(f"{relay.url}/consultation#token={token}")
    if role == "practitioner":
        return page, 0.0
    try:
        async with asyncio.timeout(PATIENCE_S):
            return page, float(await page.evaluate("firstFrame"))
    except TimeoutError:
        raise BenchmarkFailed(f"no picture came within {PATIENCE_S:g} s") from None


if __name__ == "__main__":
    failure.run("first_frame", lambda: main(sys.argv[1:]))
