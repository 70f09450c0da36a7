"""Each browser takes our answers: first, with more slots, with a rejected m-line, restarted.

Real browsers, about four seconds each; nothing is connected, only described.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
CAPTURE = ROOT / "tests" / "captures" / "sdp_capture.py"
STEPS = ["first", "more slots", "stopped and restarted"]


@pytest.mark.parametrize("browser", ["chromium", "firefox"])
async def test_the_browser_takes_every_answer(browser: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(CAPTURE),
        browser,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    shapes = json.loads(output)["shapes"]
    sdk = shapes["sdk"]
    assert {name: shape["steps"] for name, shape in shapes.items()} == {
        "sdk": STEPS,
        "sendrecv": STEPS,
    }
    assert sdk["directions"] == ["sendonly"] * 2 + ["recvonly"] * 5
    assert shapes["sendrecv"]["directions"] == ["sendrecv"] * 2
    # An answer must not switch on what the SDK left off, nor off what it switched on.
    assert sdk["activeAfterAnswer"] == [True, False, False]
    assert sdk["activeAfterMoreSlots"] == [True, True, True]
    assert sdk["maxMessageSize"] == 65_536
