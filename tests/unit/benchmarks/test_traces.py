"""The traces that are shipped."""

from __future__ import annotations

from itertools import pairwise

import pytest

from benchmarks.adaptation.make_traces import (
    OPPORTUNITY_BITS,
    RECIPES,
    TRAIN,
    Recipe,
    lines_of,
    path_of,
    text_of,
)

NAMED = pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)


@NAMED
def test_a_trace_is_what_its_recipe_makes(recipe: Recipe) -> None:
    assert path_of(recipe).read_text() == text_of(recipe)


@NAMED
def test_a_trace_is_small_and_in_order(recipe: Recipe) -> None:
    lines = lines_of(recipe)
    assert all(before <= after for before, after in pairwise(lines))
    assert lines[-1] == recipe.lasts_ms
    assert len(text_of(recipe)) <= 20_000


@NAMED
def test_a_trace_has_the_rate_of_what_it_is_named_after(recipe: Recipe) -> None:
    mean_bps = len(lines_of(recipe)) * OPPORTUNITY_BITS * 1_000 / recipe.lasts_ms
    assert 0.6 < mean_bps / recipe.median_bps < 1.6


def test_hardly_anything_passes_a_tunnel() -> None:
    for begin_ms, end_ms in TRAIN.tunnels_ms:
        passed = sum(begin_ms <= moment_ms < end_ms for moment_ms in lines_of(TRAIN))
        assert passed * OPPORTUNITY_BITS * 1_000 / (end_ms - begin_ms) < 25_000
