from __future__ import annotations

import pytest

from benchmarks.harness import progress


def test_a_log_says_what_is_measured_and_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.watch("delays", 4.0) as watch:
        for words in ("run 1", "run 2"):
            with watch.step(words, 2.0):
                pass
    said = [line.strip() for line in capsys.readouterr().err.splitlines()]
    assert [line for line in said if "run" in line and "%" in line][:2] == ["0% run 1", "50% run 2"]
