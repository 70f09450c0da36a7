"""Several sizes in one encoding: which there are, and what each takes."""

from __future__ import annotations

import pytest

from relay.ids import LegId, SlotId, TrackId
from relay.layers.ladder import ALL_LAYERS, Keeps
from relay.layers.offered import SINGLE_COSTS_BPS, TrackLayers
from relay.layers.receiver import Carried
from relay.layers.room_layers import RoomLayers
from relay.layers.sizes import CHANGED_SHARE, LayerBytes, Sizes, small_most_bps
from tests.unit.relay.layers.cameras import camera

SECOND_US = 1_000_000

TWO_SIZES = [(0, 0, 320, 180, 30, [90, 150]), (0, 1, 640, 360, 30, [270, 450])]
"""As Chromium announces AV1 in L2T2: of each size what it adds."""


def test_each_size_is_a_rung_and_the_whole_costs_what_comes() -> None:
    layers = camera(TWO_SIZES, encodings=1)
    announced = layers.offer(Keeps.MOTION).now[-1]
    assert 450_000 < announced.cost_bps < 500_000, "at the least the larger one alone"
    for second in range(1, 12):
        rows = measured(second, 11_250, 7_500, 33_750, 22_500)
        layers.measure({0: (80 * second, 75_000 * second, 10, rows)}, second * SECOND_US)
    offer = layers.offer(Keeps.MOTION)
    got = [(rung.spatial, rung.temporal, rung.pixels) for rung in offer.now]
    assert got == [
        (0, 0, 320 * 180),
        (0, ALL_LAYERS, 320 * 180),
        (ALL_LAYERS, ALL_LAYERS, 640 * 360),
    ]
    small, whole = offer.now[1], offer.now[2]
    assert 600_000 < whole.cost_bps < 650_000
    assert small.cost_bps == pytest.approx(whole.cost_bps / 4, rel=0.01)
    assert offer.possible == offer.now, "nobody's path limits the others"


def test_a_single_size_is_limited_as_before() -> None:
    offer = camera(TWO_SIZES[1:], encodings=1).offer(Keeps.MOTION)
    assert {rung.spatial for rung in offer.now} == {ALL_LAYERS}
    assert [rung.cost_bps for rung in offer.possible] == list(SINGLE_COSTS_BPS)


def test_what_is_measured_of_each_layer_counts_where_nothing_is_announced() -> None:
    layers = TrackLayers(1)
    layers.start(0)
    for second in range(1, 20):
        rows = measured(second, 10_000, 5_000, 30_000, 15_000)
        layers.measure({0: (100 * second, 60_000 * second, 10, rows)}, second * SECOND_US)
    assert layers.has_sizes
    small, whole = layers.offer(Keeps.BOTH).now
    assert (small.spatial, whole.spatial) == (0, ALL_LAYERS)
    assert small.cost_bps == pytest.approx(whole.cost_bps / 4, rel=0.01)
    assert small.pixels == whole.pixels // 4


def test_a_size_that_is_no_longer_sent_is_no_longer_offered() -> None:
    layers = camera(TWO_SIZES, encodings=1)
    assert layers.has_sizes
    layers.announce_untrusted(TWO_SIZES[:1])
    assert not layers.has_sizes
    assert [rung.pixels for rung in layers.offer(Keeps.MOTION).now] == [320 * 180] * 2


def test_sizes_that_are_announced_with_those_below_them_are_not_added_up() -> None:
    layers = camera([(0, 0, 320, 180, 30, [150]), (0, 1, 640, 360, 30, [600])], encodings=1)
    assert 600_000 < layers.offer(Keeps.BOTH).now[-1].cost_bps < 650_000


def test_what_was_counted_before_is_no_rate() -> None:
    sizes = Sizes()
    sizes.measure(measured(10_000, 30_000, 15_000, 30_000, 15_000))
    assert not sizes.shares
    sizes.measure(measured(10_001, 30_000, 15_000, 30_000, 15_000))
    (share,) = sizes.shares
    assert share == pytest.approx((0.5, 0.5))


def test_small_changes_of_shares_are_no_news() -> None:
    sizes = Sizes()
    for second in range(1, 3):
        sizes.measure(measured(second, 10_000, 5_000, 30_000, 15_000))
    told = sizes.shares
    assert told
    sizes.measure([(0, 0, 32_000), (0, 1, 15_000), (1, 0, 90_000), (1, 1, 45_000)])
    assert sizes.shares is told
    for second in range(4, 20):
        sizes.measure(measured(second, 30_000, 15_000, 30_000, 15_000))
    (share,) = sizes.shares
    assert share == pytest.approx((0.5, 0.5), abs=CHANGED_SHARE)


def test_counters_that_begin_again_are_no_rates() -> None:
    sizes = Sizes()
    for second in range(1, 6):
        sizes.measure(measured(second, 10_000, 5_000, 30_000, 15_000))
    told = sizes.shares
    assert told
    sizes.measure([(0, 0, 10), (1, 0, 30)])
    assert sizes.shares is told


def test_two_receivers_of_one_stream_are_sent_different_sizes() -> None:
    room, track = RoomLayers(), TrackId(1)
    publisher, near, far = LegId(1), LegId(2), LegId(3)
    for leg, rate_bps in ((publisher, 2e6), (near, 2e6), (far, 300_000.0)):
        room.admit(leg, rate_bps, 0)
    room.publish(publisher, track, 0, encodings=1)
    room.start(track, 0)
    room.announce_untrusted(track, TWO_SIZES)
    for leg in (near, far):
        room.bind(leg, SlotId(int(leg)), track)
    changes = room.update({near: 2e6, far: 300_000.0}, SECOND_US)
    large, small = changes.choices[SlotId(2)], changes.choices[SlotId(3)]
    assert isinstance(large, Carried)
    assert (large.encoding, large.spatial) == (0, ALL_LAYERS)
    assert isinstance(small, Carried)
    assert (small.encoding, small.spatial) == (0, 0)
    assert changes.publishes[track].max_bitrate_bps[0] > 1_000_000, "not the least for all"


def measured(second: int, *each: int) -> list[LayerBytes]:
    """Give cumulative figures of two sizes of two temporal layers, so many bytes a second."""
    places = ((0, 0), (0, 1), (1, 0), (1, 1))
    return [(*place, second * size) for place, size in zip(places, each, strict=True)]


@pytest.mark.parametrize(
    ("pixels", "kbit_s"),
    [
        (1, 200),
        (320 * 180, 200),
        (93_600, 325),
        (640 * 360, 700),
        (1280 * 720, 2_500),
        (1 << 30, 2_500),
    ],
)
def test_a_small_picture_is_worth_what_libwebrtc_gives_it(pixels: int, kbit_s: int) -> None:
    assert round(small_most_bps(pixels) / 1_000) == kbit_s
