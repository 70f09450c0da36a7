"""`visavis plan` prints what the model computes, and refuses what cannot be in a sentence."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from relay.planning.assumptions import meanings
from signalling.__main__ import cli
from signalling.plan import default_capacity

KEYS = {
    "peak_sessions",
    "peak_participants",
    "joins_per_s",
    "gbit_in",
    "gbit_out",
    "packets_in_per_s",
    "packets_out_per_s",
    "slots_for_blocking",
    "cores",
    "nodes",
    "waiting_room",
    "joins_burst_per_s",
    "joins_storm_per_s",
    "recorded_tb_per_week",
    "provision",
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["plan", *(str(argument) for argument in arguments)])


def document(*arguments: object) -> dict[str, Any]:
    result = run("--json", *arguments)
    assert result.exit_code == 0, result.output
    parsed: dict[str, Any] = json.loads(result.stdout)
    return parsed


def test_json_has_the_figures_of_the_record_week() -> None:
    plan = document("--weekly", 1_000_000)
    assert plan.keys() >= KEYS
    assert plan["weekly"] == 1_000_000
    assert plan["peak_sessions"] == pytest.approx(6_874, rel=0.05)
    assert plan["gbit_out"] == pytest.approx(21.6, rel=0.05)
    assert plan["provision"] == pytest.approx(10_659, rel=0.05)
    assert plan["cores"] >= plan["nodes"] >= 3
    assert isinstance(plan["nodes"], int)
    assert plan["range"]["low"]["nodes"] < plan["nodes"] < plan["range"]["high"]["nodes"]


def test_the_table_has_the_same_figures() -> None:
    plan, table = document("--weekly", 1_000_000), run("--weekly", 1_000_000).stdout
    assert f"{plan['slots_for_blocking']:,}" in table
    assert re.search(rf"\n  nodes +\d+ +{plan['nodes']} +\d+\n", table)
    assert "--annual-average" in table


@pytest.mark.parametrize("name", meanings())
def test_every_assumption_is_an_option(name: str) -> None:
    meaning = meanings()[name]
    value = meaning.least if meaning.central != meaning.least else meaning.most
    if name.endswith("_party_share"):
        value = 0.5
    number = int(value) if meaning.whole else value
    plan = document("--weekly", 10_000, f"--{name.replace('_', '-')}={number!r}")
    assert plan["assumptions"][name] == number


def test_a_capacity_of_ones_own_changes_the_cores_and_nothing_else() -> None:
    slow = document("--weekly", 1_000_000, "--packets-per-core", 50_000)
    fast = document("--weekly", 1_000_000, "--packets-per-core", 200_000)
    assert slow["cores"] > 3 * fast["cores"]
    assert slow["capacity"]["relayed_packets_per_core_per_s"] == 50_000
    assert {name for name in KEYS if slow[name] != fast[name]} == {"cores", "nodes"}


def test_the_table_says_whether_the_capacity_was_measured() -> None:
    capacity = default_capacity()
    table = " ".join(run("--weekly", 1_000).stdout.split())
    assert f"{capacity.relayed_packets_per_core_per_s:,.0f} relayed packets a second" in table
    assert ("NOT measured" in table) is not capacity.measured
    assert " ".join(capacity.words.split()) in table


def test_one_input_at_a_time_is_shown_on_demand() -> None:
    assert "video bitrate" not in run("--weekly", 1_000_000).stdout
    assert re.search(
        r"video bitrate +500 - 1,700 ", run("--weekly", 1_000_000, "--sensitivity").stdout
    )
    moved = document("--weekly", 1_000_000, "--sensitivity", "--video-kbit-s", 800)["sensitivity"]
    assert "duration" in {each["words"] for each in moved}
    assert "video bitrate" not in {each["words"] for each in moved}, "it was chosen"


def test_practitioners_and_season_are_taken_into_account() -> None:
    held = document("--weekly", 1_000_000, "--practitioners", 3_000)
    assert held["held_by_practitioners"]
    assert held["peak_sessions"] == 3_000
    assert "practitioners hold no more" in " ".join(
        run("--weekly", 1_000_000, "--practitioners", 3_000).stdout.split()
    )
    season = document("--weekly", 230_000, "--annual-average")
    assert season["provision"] == pytest.approx(3_777, rel=0.05)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--weekly", 0], "0 consultations a week cannot be planned for."),
        (["--weekly", -5], "-5 consultations a week cannot be planned for."),
        (["--weekly", 10**12], "cannot be planned for."),
        (["--weekly", 100, "--peak-day-share", 1.5], "peak_day_share"),
        (["--weekly", 100, "--peak-hour-share", "nan"], "cannot be nan"),
        (["--weekly", 100, "--three-party-share", 0.99], "three, four and five"),
        (["--weekly", 100, "--packets-per-core", 0], "cannot carry 0 relayed packets"),
        (["--weekly", 100, "--practitioners", 0], "0 practitioners"),
        (["--weekly", 100, "--zones", 0], "zones"),
        (["--weekly", "many"], "integer"),
        ([], "--weekly"),
    ],
)
def test_what_cannot_be_ends_with_2_and_a_sentence(arguments: list[object], sentence: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.output
    assert not result.stdout
