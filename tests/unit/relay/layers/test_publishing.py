"""What a publisher is asked to send, and whom its encoders follow."""

from __future__ import annotations

from relay.ids import LegId
from relay.layers.demand import Followed, Priority
from relay.layers.following import (
    FOLLOWED_LEAST_BPS,
    FOLLOWED_MOST_BPS,
    bridging_layer,
    followed_rung,
    shares_bps,
)
from relay.layers.ladder import ALL_LAYERS, Keeps
from relay.layers.offered import PRESUMED_BPS
from relay.layers.publishing import (
    IDLE_US,
    SETTLED_US,
    Mode,
    Publish,
    TrackOrders,
    Watched,
)

SECOND_US = 1_000_000
A, B = LegId(1), LegId(2)


def orders(
    told: TrackOrders,
    now_us: int,
    wanted: set[int],
    *,
    follows: bool = False,
    follow_bps: float | None = None,
    by_itself: bool = True,
    encodings: int = 3,
    wish_bps: int | None = None,
) -> Publish | None:
    watched = Watched(PRESUMED_BPS[:encodings], Keeps.BOTH, frozenset(wanted), wish_bps, follow_bps)
    return told.update(watched, by_itself=by_itself, follows=follows, now_us=now_us)


def test_the_first_receiver_is_followed_at_once() -> None:
    mode = Mode()
    assert not mode.update(frozenset(), 0)
    assert mode.update(frozenset({A}), 1)
    assert mode.follows == A


def test_a_second_one_ends_it_and_alone_again_it_has_to_stay_so() -> None:
    mode = Mode()
    mode.update(frozenset({A}), 0)
    assert mode.update(frozenset({A, B}), 1)
    assert mode.follows is None
    assert not mode.update(frozenset({B}), 2)
    assert not mode.update(frozenset({B}), 1 + SETTLED_US)
    assert mode.update(frozenset({B}), 2 + SETTLED_US)
    assert mode.follows == B


def test_another_sole_receiver_has_to_stay_too() -> None:
    mode = Mode()
    mode.update(frozenset({A, B}), 0)
    mode.update(frozenset({A}), 1)
    mode.update(frozenset({B}), SETTLED_US)
    assert not mode.update(frozenset({B}), 1 + SETTLED_US)
    assert mode.update(frozenset({B}), 2 * SETTLED_US)


def test_when_nobody_watches_the_next_one_is_the_first() -> None:
    mode = Mode()
    mode.update(frozenset({A, B}), 0)
    mode.update(frozenset(), 1)
    assert mode.update(frozenset({B}), 2)


def test_a_new_track_sends_its_best_encoding_for_a_while() -> None:
    told = TrackOrders.begin(0)
    first = orders(told, 0, set())
    assert first is not None
    assert first.active == (True, False, False)
    assert first.scale == (1.0, 2.0, 4.0)
    assert orders(told, IDLE_US - 1, set()) is None
    last = orders(told, IDLE_US, set())
    assert last is not None
    assert not any(last.active)


def test_encodings_come_at_once_and_go_when_unwanted_for_a_while() -> None:
    told = TrackOrders.begin(0)
    orders(told, 0, {0})
    added = orders(told, SECOND_US, {0, 1})
    assert added is not None
    assert added.active == (True, True, False)
    assert orders(told, 2 * SECOND_US, {1}) is None
    gone = orders(told, 2 * SECOND_US + IDLE_US, {1})
    assert gone is not None
    assert gone.active == (False, True, False)
    assert gone.max_bitrate_bps == PRESUMED_BPS[:3]


def test_with_one_receiver_one_encoding_makes_all_sizes() -> None:
    told = TrackOrders.begin(0)
    followed = orders(told, 0, {0, 1}, follows=True, follow_bps=400_000.0)
    assert followed is not None
    assert followed.active == (True, False, False)
    assert 2_400_000 < followed.max_bitrate_bps[0] < FOLLOWED_MOST_BPS, "the cap limits it"


def test_with_two_pictures_each_is_told_its_own_most() -> None:
    told = TrackOrders.begin(0)
    first = orders(told, 0, {0}, follows=True, follow_bps=400_000.0, by_itself=False)
    assert first is not None
    assert 360_000 < first.max_bitrate_bps[0] < 400_000
    assert orders(told, SECOND_US, {0}, follows=True, follow_bps=410e3, by_itself=False) is None
    assert orders(told, SECOND_US - 1, {0}, follows=True, follow_bps=300e3, by_itself=False) is None
    less = orders(told, SECOND_US, {0}, follows=True, follow_bps=300e3, by_itself=False)
    assert less is not None
    assert less.max_bitrate_bps[0] < 300_000


def test_a_single_encoding_is_made_for_the_worst_of_many() -> None:
    told = TrackOrders.begin(0)
    made = orders(told, 0, {0}, encodings=1, wish_bps=340_000)
    assert made is not None
    assert 300_000 < made.max_bitrate_bps[0] < 340_000
    assert made.active == (True,)


def test_shares_go_by_priority_down_to_the_least_and_up_to_the_most() -> None:
    usual, high = Priority.USUAL, Priority.HIGH
    least = float(FOLLOWED_LEAST_BPS)
    assert shares_bps(620_000.0, [usual, high]) == [260_000.0, 360_000.0]
    assert shares_bps(0.0, [usual, high]) == [least, least]
    assert shares_bps(1e9, [usual, high]) == [FOLLOWED_MOST_BPS] * 2
    capped = shares_bps(4_000_000.0, [Priority.LOW, Priority.FIRST])
    assert capped == [4_000_000.0 - FOLLOWED_MOST_BPS, FOLLOWED_MOST_BPS]
    assert shares_bps(1e6, []) == []


def test_until_an_encoder_has_followed_layers_are_left_out_down_to_the_lowest() -> None:
    followed = Followed(0, (400, 600, 1_000))
    assert bridging_layer(followed, 1_000.0) == ALL_LAYERS
    assert bridging_layer(followed, 700.0) == 1
    assert bridging_layer(followed, 100.0) == 0
    assert bridging_layer(Followed(0, (1_000,)), 100.0) == 0
    assert followed_rung(followed).cost_bps == FOLLOWED_LEAST_BPS


def test_the_best_of_several_encodings_is_made_as_large_as_suits_all_who_watch() -> None:
    told = TrackOrders.begin(0)
    orders(told, 0, {0, 1})
    shared = Watched(PRESUMED_BPS[:3], Keeps.BOTH, frozenset({0, 1}), shared_bps=1_060_000.0)
    smaller = told.update(shared, by_itself=True, follows=False, now_us=SECOND_US)
    assert smaller is not None
    assert smaller.max_bitrate_bps == (1_000_000, *PRESUMED_BPS[1:3])
    whole = orders(told, 2 * SECOND_US, {0, 1})
    assert whole is not None
    assert whole.max_bitrate_bps == PRESUMED_BPS[:3]
