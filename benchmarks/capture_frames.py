"""Captures the sizes of video frames as Chromium encodes them, for the load generator to replay.

`python -m benchmarks.capture_frames`. A page draws somebody who speaks to a camera, 640 x 480 at 30
frames a second; the browser's own encoders (libvpx and OpenH264 in real-time mode, the libraries
that its peer connections use) make 1.2 Mbit/s of it, frame by frame, so that a busy machine changes
nothing. What is kept is type and length of every frame, and no picture. The files stay as they are
until a browser encodes differently; nothing that is measured runs this.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, async_playwright

from benchmarks.harness import failure, options
from benchmarks.harness.failure import BenchmarkFailed
from tests.endtoend.chromium import EXECUTABLE, FLAGS

PAGE: Final = Path(__file__).with_suffix(".html")
FOLDER: Final = Path(__file__).parents[1] / "codecs/loadgen/src/traffic/captured"
SCENE: Final = "consultation"
ADDRESS: Final = "https://capture.invalid/"
CODECS: Final = ("vp8", "h264")
BITRATE_BPS: Final = 1_200_000
FRAMES_PER_S: Final = 30
SETTLING_S: Final = 5
"""The first seconds are spent on paying for the first key frame."""
KEY_FRAMES: Final = 12
MOST_DROPPED: Final = 0.02
"""An encoder in real-time mode may drop a frame that it cannot afford."""
FRAMES_IN_A_LINE: Final = 16
SEQUENCE_PARAMETERS, PICTURE_PARAMETERS = 7, 8


def main(arguments: Sequence[str] | None = None) -> int:
    """Capture each codec and write its file."""
    parser = options.parser("capture_frames", "Capture frame sizes from Chromium.")
    parser.add_argument("--capture-s", type=options.within(10, 600), default=64)
    parser.add_argument("--codecs", nargs="+", choices=CODECS, default=list(CODECS))
    chosen = parser.parse_args(arguments)
    if not EXECUTABLE.exists():
        raise BenchmarkFailed(f"there is no {EXECUTABLE}: install the package chromium")
    for codec in chosen.codecs:
        captured, version = asyncio.run(_capture(codec, chosen.capture_s))
        path = FOLDER / f"{SCENE}_{codec}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text(document(codec, captured, version, chosen.capture_s))
        print(path)
    return 0


async def _capture(codec: str, capture_s: int) -> tuple[list[dict[str, Any]], str]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(EXECUTABLE), args=[*FLAGS])
        try:
            return await _in_page(browser, codec, capture_s), browser.version
        finally:
            await browser.close()


async def _in_page(browser: Browser, codec: str, capture_s: int) -> list[dict[str, Any]]:
    page = await browser.new_page()
    await page.route(
        f"{ADDRESS}**", lambda route: route.fulfill(body=PAGE.read_text(), content_type="text/html")
    )
    await page.goto(ADDRESS)
    frames = (SETTLING_S + capture_s) * FRAMES_PER_S
    captured: list[dict[str, Any]] = await page.evaluate(
        "(chosen) => capture(...chosen)", [codec, BITRATE_BPS, frames, KEY_FRAMES]
    )
    return captured


def document(codec: str, captured: Sequence[dict[str, Any]], version: str, capture_s: int) -> str:
    """Write what was captured: comments, then one line of key frames, then the others in order.

    Raises:
        BenchmarkFailed: The encoder dropped frames, or made no key frame when asked for one.

    """
    steady_end = (SETTLING_S + capture_s) * FRAMES_PER_S
    steady = [one["bytes"] for one in captured[SETTLING_S * FRAMES_PER_S : steady_end]]
    keys = [frame for frame in captured[steady_end:] if frame["key"]]
    wanted = steady_end + KEY_FRAMES * FRAMES_PER_S
    if len(captured) < wanted * (1 - MOST_DROPPED):
        raise BenchmarkFailed(f"the encoder made {len(captured)} frames of {wanted}")
    if not keys:
        raise BenchmarkFailed("no key frame came when it was asked for")
    mbit_s = sum(steady) * 8 * FRAMES_PER_S / len(steady) / 1e6
    rate = f"{FRAMES_PER_S} a second: {mbit_s:.2f} Mbit/s"
    lines = [
        f"# {codec} frame lengths in bytes: Chromium {version}, 640 x 480, somebody speaking.",
        f"# {len(steady)} frames, {rate}, median {statistics.median(steady):.0f} bytes.",
        "# Made by `python -m benchmarks.capture_frames`.",
    ]
    if codec == "h264":
        sizes = _parameter_sizes(keys[-1])
        lines.append(f"parameters {sizes[SEQUENCE_PARAMETERS]} {sizes[PICTURE_PARAMETERS]}")
    lines.append("keys " + " ".join(str(frame["bytes"]) for frame in keys))
    rows = range(0, len(steady), FRAMES_IN_A_LINE)
    lines.extend(" ".join(map(str, steady[at : at + FRAMES_IN_A_LINE])) for at in rows)
    return "\n".join(lines) + "\n"


def _parameter_sizes(key: dict[str, Any]) -> dict[int, int]:
    """Give the lengths of a key frame's parameter sets, without their start codes."""
    units: list[tuple[int, int]] = [(kind, at) for kind, at in key["units"]]
    # A start code has four bytes where a unit opens the frame or holds parameters (H.264, B.1.2).
    lengths = {
        kind: following - at - len(b"\0\0\0\1") for (kind, at), (_, following) in pairwise(units)
    }
    if not {SEQUENCE_PARAMETERS, PICTURE_PARAMETERS} <= lengths.keys():
        raise BenchmarkFailed("a key frame came without its parameter sets")
    return lengths


if __name__ == "__main__":
    failure.run("capture_frames", lambda: main(sys.argv[1:]))
