"""What two files must say alike: sample and defaults, stub and module, table and documents."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from contextlib import redirect_stdout

import pytest
from mypy import stubtest

from relay import config
from relay.metrics.table import METRICS, Metric
from tests.architecture.project import ROOT

METRIC_NAME = re.compile(r"visavis(_[a-z0-9]+)+")
BASE_UNITS = ("_seconds", "_bytes", "_ratio", "_info")
SMALLER_UNITS = re.compile(r"_(ms|us|ns|milliseconds|kb|kbps|bps|bits|percent)(_|$)")
FORBIDDEN_LABELS = {"room", "participant", "identity", "seat", "address", "ip", "token", "track"}


def test_the_sample_configuration_is_the_defaults() -> None:
    sample = ROOT / "deploy" / "visavis.sample.toml"
    assert config.load_config(sample) == config.RelayConfig()


def test_the_stub_says_what_the_compiled_module_is() -> None:
    options = stubtest.parse_options(
        ["relay._engine", "--mypy-config-file", str(ROOT / "pyproject.toml"), "--concise"]
    )
    said = io.StringIO()
    with redirect_stdout(said):
        failed = stubtest.test_stubs(options, use_builtins_fixtures=False)
    assert not failed, said.getvalue()


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_a_metric_is_named_by_prometheus_rules(metric: Metric) -> None:
    assert METRIC_NAME.fullmatch(metric.name)
    assert not SMALLER_UNITS.search(metric.name), "base units only"
    assert not set(metric.labels) & FORBIDDEN_LABELS
    if metric.type == "histogram":
        assert metric.name.endswith(BASE_UNITS)


def test_no_metric_is_named_twice() -> None:
    names = [metric.name for metric in METRICS]
    assert len(names) == len(set(names))


def test_the_document_of_the_metrics_is_written_from_the_table() -> None:
    written = subprocess.run(
        [sys.executable, "-m", "relay.metrics.documentation"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout
    assert (ROOT / "docs" / "metrics.md").read_text() == written
