"""What a capture of frame sizes becomes, and when it is worth nothing."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import capture_frames
from benchmarks.harness.failure import BenchmarkFailed

CAPTURE_S = 2
STEADY = (capture_frames.SETTLING_S + CAPTURE_S) * capture_frames.FRAMES_PER_S


def captured(codec: str) -> list[dict[str, Any]]:
    """Make up a capture: frames of 5,000 bytes and more, key frames of 20,000 when asked for."""

    def frame(index: int) -> dict[str, Any]:
        asked = index >= STEADY and (index - STEADY) % capture_frames.FRAMES_PER_S == 0
        key = index == 0 or asked
        units = [(7, 4), (8, 26), (5, 34)] if key and codec == "h264" else []
        return {"key": key, "bytes": 20_000 if key else 5_000 + index, "units": units}

    wanted = STEADY + capture_frames.KEY_FRAMES * capture_frames.FRAMES_PER_S
    return [frame(index) for index in range(wanted)]


def test_what_is_kept_is_the_steady_part_and_the_key_frames_asked_for() -> None:
    document = capture_frames.document("vp8", captured("vp8"), "1.2", CAPTURE_S)
    lines = [line for line in document.splitlines() if not line.startswith("#")]
    assert lines[0] == "keys" + " 20000" * capture_frames.KEY_FRAMES
    first = capture_frames.SETTLING_S * capture_frames.FRAMES_PER_S
    lengths = [int(word) for line in lines[1:] for word in line.split()]
    assert lengths == [5_000 + index for index in range(first, STEADY)]


def test_h264_says_how_long_its_parameter_sets_are() -> None:
    document = capture_frames.document("h264", captured("h264"), "1.2", CAPTURE_S)
    assert "\nparameters 18 4\n" in document


def test_a_capture_with_dropped_frames_is_refused() -> None:
    with pytest.raises(BenchmarkFailed, match="frames of"):
        capture_frames.document("vp8", captured("vp8")[::2], "1.2", CAPTURE_S)


def test_a_key_frame_without_parameter_sets_is_refused() -> None:
    with pytest.raises(BenchmarkFailed, match="parameter sets"):
        capture_frames.document("h264", captured("vp8"), "1.2", CAPTURE_S)
