"""A plan's figures follow from what was given, and what cannot be is refused in a sentence."""

from __future__ import annotations

import json
import math
from dataclasses import fields, replace

import pytest

from relay.errors import ConfigurationError
from relay.planning.assumptions import Assumptions, meanings
from relay.planning.capacity import chosen_capacity, parse_capacity
from relay.planning.load import MOST_WEEKLY, busiest_hour, session_traffic
from relay.planning.plan import make_plan
from relay.planning.scenarios import INFLUENCES, RANGE_INPUTS, at_end, gbit_of, influences

GIVEN = Assumptions()
CAPACITY = chosen_capacity(100_000.0)


def test_every_assumption_has_a_unit_a_range_a_source_and_a_possible_value() -> None:
    assert [each.name for each in fields(Assumptions)] == list(meanings())
    for name, meaning in meanings().items():
        assert meaning.words, name
        assert meaning.unit, name
        assert meaning.source, name
        assert meaning.least <= meaning.low <= meaning.central <= meaning.high <= meaning.most, name


def test_what_is_varied_exists_and_has_a_range() -> None:
    varied = {*RANGE_INPUTS, *(name for names in INFLUENCES.values() for name in names)}
    for name in varied:
        assert meanings()[name].low < meanings()[name].high, name


@pytest.mark.parametrize("name", meanings())
def test_a_value_without_meaning_is_refused_by_name(name: str) -> None:
    meaning = meanings()[name]
    for value in (math.nan, math.inf, meaning.least - 1, meaning.most * 2 + 1):
        with pytest.raises(ConfigurationError, match=name):
            Assumptions(**{name: value})  # type: ignore[arg-type]


def test_larger_consultations_are_not_more_than_all() -> None:
    with pytest.raises(ConfigurationError, match=r"1\.05 of all"):
        Assumptions(three_party_share=1.0, four_party_share=0.05, five_party_share=0.0)


@pytest.mark.parametrize("weekly", [0, -1, MOST_WEEKLY + 1])
def test_a_week_that_cannot_be_is_refused(weekly: int) -> None:
    with pytest.raises(ConfigurationError, match="cannot be planned"):
        make_plan(weekly, GIVEN, CAPACITY)


def test_participants_are_counted_from_the_shares() -> None:
    pairs = replace(GIVEN, three_party_share=0.0, four_party_share=0.0, five_party_share=0.0)
    assert (pairs.mean_participants, pairs.mean_subscriptions) == (2.0, 2.0)
    fives = replace(GIVEN, three_party_share=0.0, four_party_share=0.0, five_party_share=1.0)
    assert (fives.mean_participants, fives.mean_subscriptions) == (5.0, 20.0)


def test_without_appointments_the_busy_hour_is_littles_law() -> None:
    load = busiest_hour(60_000, replace(GIVEN, on_grid_share=0.0))
    assert load.slot_ripple == pytest.approx(1.0)
    # 60,000 x 20 % x 12 % = 1,440 an hour, a quarter of an hour each.
    assert load.peak_sessions == pytest.approx(360.0)


def test_a_pair_without_simulcast_sends_what_it_receives() -> None:
    pairs = replace(
        GIVEN,
        three_party_share=0.0,
        four_party_share=0.0,
        five_party_share=0.0,
        simulcast_factor=1.0,
    )
    traffic = session_traffic(pairs)
    assert traffic.bits_in_per_s == pytest.approx(traffic.bits_out_per_s)
    assert traffic.packets_in_per_s == pytest.approx(traffic.packets_out_per_s)
    rtcp = 2 * pairs.rtcp_packets_per_s
    assert traffic.relayed_packets_per_s == pytest.approx(traffic.packets_out_per_s - rtcp)


def test_cores_follow_relayed_packets_and_not_consultations() -> None:
    plan = make_plan(1_000_000, GIVEN, CAPACITY)
    fat = make_plan(1_000_000, replace(GIVEN, video_kbit_s=2_000.0), CAPACITY)
    assert fat.slots_for_blocking == plan.slots_for_blocking
    ratio = fat.traffic.relayed_packets_per_s / plan.traffic.relayed_packets_per_s
    assert fat.fleet.cores / plan.fleet.cores == pytest.approx(ratio, rel=0.05)


def test_what_survives_a_zone_carries_the_peak() -> None:
    plan = make_plan(1_000_000, GIVEN, CAPACITY)
    packets_per_s = plan.slots_for_blocking * plan.traffic.relayed_packets_per_s
    surviving_cores = plan.fleet.cores * 2 / 3
    carried = surviving_cores * 100_000 * GIVEN.node_load_share
    assert packets_per_s <= carried
    assert carried - packets_per_s < 2 * 100_000, "no more than rounding up in each zone"
    assert plan.fleet.provision == math.ceil(plan.slots_for_blocking * 1.5)
    assert plan.fleet.nodes % 3 == 0
    assert plan.fleet.surviving_nodes == plan.fleet.nodes * 2 // 3


def test_one_zone_has_no_spare() -> None:
    plan = make_plan(1_000_000, replace(GIVEN, zones=1), CAPACITY)
    assert plan.fleet.provision == plan.slots_for_blocking
    assert plan.fleet.surviving_nodes == plan.fleet.nodes


def test_a_season_moves_the_machines_and_not_the_week() -> None:
    week = make_plan(230_000, GIVEN, CAPACITY)
    average = make_plan(230_000, GIVEN, CAPACITY, annual_average=True)
    assert average.load == week.load
    assert average.slots_for_blocking == week.slots_for_blocking
    assert average.fleet.cores > 1.4 * week.fleet.cores


def test_a_thin_network_decides_the_nodes() -> None:
    wide = make_plan(1_000_000, GIVEN, CAPACITY)
    thin = make_plan(1_000_000, replace(GIVEN, node_gbit_s=0.5), CAPACITY)
    assert (wide.fleet.limited_by, thin.fleet.limited_by) == ("processor", "network")
    assert thin.fleet.cores == wide.fleet.cores
    surviving_gbit = thin.fleet.surviving_nodes * 0.5 * GIVEN.node_load_share
    peak = thin.slots_for_blocking * thin.traffic.bits_out_per_s / 1e9
    assert surviving_gbit >= peak


def test_practitioners_are_a_ceiling() -> None:
    plan = make_plan(1_000_000, GIVEN, CAPACITY, practitioners=3_000, annual_average=True)
    assert plan.load.peak_sessions == 3_000
    assert plan.load.held_by_practitioners
    assert plan.slots_for_blocking == 3_000
    assert plan.fleet.provision == 4_500
    free = make_plan(1_000_000, GIVEN, CAPACITY, practitioners=45_000)
    assert not free.load.held_by_practitioners
    assert free.load == make_plan(1_000_000, GIVEN, CAPACITY).load
    with pytest.raises(ConfigurationError, match="0 practitioners"):
        make_plan(1_000_000, GIVEN, CAPACITY, practitioners=0)


def test_all_practitioners_at_once_are_their_sessions_traffic() -> None:
    plan = make_plan(1_000_000, GIVEN, CAPACITY)
    expected = plan.gbit_in + plan.gbit_out
    assert gbit_of(plan.load.peak_sessions, GIVEN) == pytest.approx(expected)


def test_what_somebody_chose_is_not_moved() -> None:
    chosen = replace(GIVEN, mean_duration_min=12.0, three_party_share=0.95)
    high = at_end(chosen, "high", {"mean_duration_min", "three_party_share"})
    assert (high.mean_duration_min, high.three_party_share) == (12.0, 0.95)
    assert high.video_kbit_s == meanings()["video_kbit_s"].high
    found = {each.words for each in influences(10_000, chosen, chosen={"three_party_share"})}
    assert found == INFLUENCES.keys() - {"parties"}


def test_punctual_people_need_more_than_late_ones() -> None:
    by_words = {each.words: each for each in influences(1_000_000, GIVEN)}
    punctual, late = by_words["punctuality"].peak_sessions
    assert punctual > 1.2 * late


def test_the_documents_figures_are_numbers_json_knows() -> None:
    document = make_plan(1_000_000, GIVEN, CAPACITY).document()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["assumptions"].keys() == meanings().keys()


@pytest.mark.parametrize("packets", [0.0, -1.0, math.nan, math.inf, 1e12])
def test_no_core_carries_that(packets: float) -> None:
    with pytest.raises(ConfigurationError, match="cannot carry"):
        chosen_capacity(packets)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"relayed_packets_per_core_per_s": "many"}'])
def test_a_damaged_capacity_is_named(text: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        parse_capacity(text)
