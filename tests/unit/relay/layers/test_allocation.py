"""What a budget buys, and in which order."""

from __future__ import annotations

from collections.abc import Sequence

from relay.layers.allocation import UNREACHABLE_BPS, Spent, most_bps, plan, spend
from relay.layers.demand import Priority
from relay.layers.ladder import Keeps, Ladder
from tests.unit.relay.layers.cameras import full_ladder, ladder

LOW, USUAL, HIGH = Priority.LOW, Priority.USUAL, Priority.HIGH


def buy(budget_bps: float, ladders: Sequence[Ladder], priorities: Sequence[Priority] = ()) -> Spent:
    steps = plan(ladders, priorities or [USUAL] * len(ladders))
    return spend(steps, len(ladders), budget_bps)


def test_everybody_is_seen_before_anybody_is_seen_well() -> None:
    ladders = [ladder(100, 400, 1500)] * 3
    assert buy(300, ladders).levels == [1, 1, 1]
    assert buy(599, ladders).levels == [1, 1, 1]
    assert buy(600, ladders).levels == [2, 1, 1]
    assert buy(1_200, ladders).levels == [2, 2, 2]


def test_of_too_little_the_most_important_is_seen() -> None:
    ladders = [ladder(100), ladder(100), ladder(100)]
    assert buy(200, ladders, [LOW, HIGH, USUAL]).levels == [0, 1, 1]
    assert buy(100, ladders, [LOW, HIGH, USUAL]).levels == [0, 1, 0]


def test_what_matters_more_is_seen_well_before_others_are() -> None:
    ladders = [full_ladder(), full_ladder(Keeps.DETAIL)]
    well_bps = ladders[1][1].cost_bps + ladders[0][0].cost_bps
    spent = buy(well_bps, ladders, [USUAL, HIGH])
    assert spent.levels == [1, 2]
    assert spent.spent_bps == well_bps


def test_a_step_that_does_not_fit_leaves_the_rest_to_others() -> None:
    ladders = [ladder(1_000), ladder(100, 400)]
    assert buy(500, ladders, [HIGH, USUAL]).levels == [0, 2]
    assert buy(1_100, ladders, [HIGH, USUAL]).levels == [1, 1]


def test_the_next_budget_is_the_least_that_buys_anything_else() -> None:
    ladders = [ladder(100, 400), ladder(100, 250)]
    bought = buy(220, ladders)
    assert bought.levels == [1, 1]
    assert (bought.next_bps, bought.next_ladder) == (350, 1)
    assert buy(349, ladders).levels == [1, 1]
    assert buy(350, ladders).levels == [1, 2]


def test_where_all_is_bought_nothing_is_next() -> None:
    ladders = [ladder(100, 400), ladder(100, 250)]
    assert most_bps(ladders) == 650
    bought = buy(650, ladders)
    assert (bought.levels, bought.spent_bps) == ([2, 2], 650)
    assert (bought.next_bps, bought.next_ladder) == (UNREACHABLE_BPS, -1)


def test_a_negative_budget_buys_nothing_and_knows_what_would_help() -> None:
    bought = buy(-50_000.0, [ladder(100)])
    assert (bought.levels, bought.spent_bps, bought.next_bps) == ([0], 0, 100)


def test_nothing_wanted_costs_nothing() -> None:
    assert buy(1_000, [(), ()]).levels == [0, 0]
    assert most_bps([()]) == 0


def test_others_are_seen_well_before_what_matters_more_is_at_its_best() -> None:
    ladders = [full_ladder(), full_ladder()]
    well = next(level for level, rung in enumerate(ladders[0], 1) if rung.pixels == 640 * 360)
    bought = buy(2 * ladders[0][well - 1].cost_bps, ladders, [HIGH, USUAL])
    assert bought.levels == [well, well]
