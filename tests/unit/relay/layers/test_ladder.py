"""The way up a ladder: what comes first, and what is never taken back."""

from __future__ import annotations

from relay.layers.ladder import ALL_LAYERS, Keeps, Ladder, Rung, climb
from tests.unit.relay.layers.cameras import full_ladder, rung


def steps(climbed: Ladder) -> list[tuple[int, float]]:
    return [(each.encoding, each.frame_rate_hz) for each in climbed]


def test_sign_language_gets_smaller_before_it_jerks() -> None:
    assert steps(full_ladder(Keeps.MOTION)) == [
        (2, 7.5),
        (2, 15.0),
        (2, 30.0),
        (1, 30.0),
        (0, 30.0),
    ]


def test_a_detail_jerks_before_it_blurs() -> None:
    assert steps(full_ladder(Keeps.DETAIL)) == [
        (2, 7.5),
        (1, 7.5),
        (0, 7.5),
        (0, 15.0),
        (0, 30.0),
    ]


def test_a_face_of_four_times_the_size_may_have_half_the_frames() -> None:
    assert steps(full_ladder(Keeps.BOTH)) == [
        (2, 7.5),
        (2, 15.0),
        (2, 30.0),
        (1, 15.0),
        (1, 30.0),
        (0, 15.0),
        (0, 30.0),
    ]


def test_the_highest_layer_of_an_encoding_is_all_of_it() -> None:
    assert [each.temporal for each in full_ladder(Keeps.MOTION)] == [
        0,
        1,
        ALL_LAYERS,
        ALL_LAYERS,
        ALL_LAYERS,
    ]


def test_encodings_without_layers_are_climbed_one_by_one() -> None:
    grid = [[rung(2, 150)], [rung(1, 500)], [rung(0, 1500)]]
    for keeps in Keeps:
        assert [each.encoding for each in climb(grid, keeps)] == [2, 1, 0]


def test_what_costs_no_less_than_something_better_is_left_out() -> None:
    grid = [[rung(2, 150)], [rung(1, 900)], [rung(0, 600)]]
    assert [each.encoding for each in climb(grid, Keeps.BOTH)] == [2, 0]


def test_a_larger_picture_of_fewer_frames_is_none_for_sign_language() -> None:
    smooth = [Rung(1, 0, 100, 1, 15.0), Rung(1, ALL_LAYERS, 150, 1, 30.0)]
    jerky = [Rung(0, ALL_LAYERS, 500, 4, 15.0)]
    assert [each.encoding for each in climb([smooth, jerky], Keeps.MOTION)] == [1, 1]
    assert [each.encoding for each in climb([smooth, jerky], Keeps.DETAIL)] == [1, 0]


def test_of_nothing_there_is_no_ladder() -> None:
    assert climb([], Keeps.BOTH) == ()
