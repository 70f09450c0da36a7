"""The estimator's measurement, from its command line to its report, on few links."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.adaptation import estimator


def test_few_links_give_figures_and_prove_nothing(
    results_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(estimator, "LOSSY_LINKS", 2)
    monkeypatch.setattr(estimator, "RECEIVERS", {20: 5.0, 40: 20.0})
    short = ["--links", "10", "--seconds", "30", "--cost-seconds", "2.5"]
    assert estimator.main(short) == 1
    document = json.loads((results_folder / "estimator.json").read_text())
    bars = {bar["name"]: bar for bar in document["bars"]}
    used = bars["utilisation, median"]
    assert 0 < used["value"] <= 100
    assert not used["met"]
    assert [bar["name"] for bar in document["bars"] if "loss, median" in bar["name"]] == [
        f"used at {loss} % loss, median" for loss in (0, 2, 10, 20)
    ]
    costs = [bars[f"cost of {receivers} receivers"]["value"] for receivers in (20, 40)]
    assert all(share > 0 for share in costs)
    figures = document["figures"]
    assert len(figures["worst"]) == 10
    assert 100 * figures["worst"][0]["used"] <= used["value"]
    assert figures["quantiles"]["utilisation"]["p1"] <= figures["quantiles"]["utilisation"]["p99"]
    assert (results_folder / "estimator.html").read_text().count("data:image/png;base64,") == 3


@pytest.mark.parametrize("unjudged", [["--seconds", "10"], ["--cost-seconds", "2"]])
def test_a_time_of_which_nothing_would_count_is_refused(
    results_folder: Path, capsys: pytest.CaptureFixture[str], unjudged: list[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        estimator.main(unjudged)
    assert ended.value.code == 2
    assert unjudged[0] in capsys.readouterr().err
    assert not list(results_folder.iterdir())
