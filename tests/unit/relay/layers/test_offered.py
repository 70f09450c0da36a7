"""What is known of a track, from much, little, or lies."""

from __future__ import annotations

import pytest

from relay.layers.encoding import MOST_BPS
from relay.layers.ladder import ALL_LAYERS, Keeps
from relay.layers.offered import PRESUMED_BPS, SINGLE_COSTS_BPS, TrackLayers
from relay.layers.wire_cost import audio_wire_bps, video_media_bps, video_wire_bps
from tests.unit.relay.layers.cameras import CAMERA, camera

SECOND_US = 1_000_000


@pytest.mark.parametrize(
    ("opus_bps", "distance", "kbit_s"),
    [
        (16_000, 0, 42),
        (24_000, 0, 50),
        (32_000, 0, 58),
        (16_000, 1, 60),
        (24_000, 1, 76),
        (32_000, 1, 92),
        (16_000, 2, 78),
        (24_000, 2, 102),
        (32_000, 2, 126),
    ],
)
def test_sound_costs_what_was_computed_for_the_wire(
    opus_bps: int, distance: int, kbit_s: int
) -> None:
    assert round(audio_wire_bps(opus_bps, distance) / 1_000) == kbit_s


@pytest.mark.parametrize("media_bps", [30_000.0, 150_000.0, 500_000.0, 2_500_000.0])
def test_headers_are_added_and_taken_off_alike(media_bps: float) -> None:
    assert video_media_bps(video_wire_bps(media_bps, 30.0), 30.0) == pytest.approx(media_bps)


def test_announced_layers_cost_their_rate_and_their_headers() -> None:
    offer = camera().offer(Keeps.MOTION)
    assert offer.now is offer.possible
    # 7.5 packets of 66 bytes of headers a second.
    assert offer.now[0].cost_bps == 60_000 + round(7.5 * 66 * 8)
    assert [each.pixels for each in offer.now] == [57_600] * 3 + [230_400, 921_600]


def test_nothing_is_sent_before_anything_comes_and_all_of_it_is_possible() -> None:
    offer = TrackLayers(3).offer(Keeps.BOTH)
    assert offer.now == ()
    assert [each.encoding for each in offer.possible] == [2, 1, 0]
    assert [each.cost_bps > PRESUMED_BPS[each.encoding] for each in offer.possible] == [True] * 3


def test_what_a_publisher_leaves_out_it_does_not_send() -> None:
    layers = camera()
    assert layers.announce_untrusted(CAMERA[1:])
    assert {each.encoding for each in layers.offer(Keeps.BOTH).now} == {1, 2}
    assert {each.encoding for each in layers.offer(Keeps.BOTH).possible} == {0, 1, 2}
    assert layers.announce_untrusted(())
    assert layers.offer(Keeps.BOTH).now == ()


def test_an_encoding_that_begins_again_counts_before_it_is_announced_again() -> None:
    layers = camera()
    layers.announce_untrusted(CAMERA[1:])
    assert layers.start(0)
    assert layers.offer(Keeps.BOTH).now is layers.offer(Keeps.BOTH).possible


def test_an_encoding_that_ceases_is_possible_still() -> None:
    layers = camera()
    before = layers.offer(Keeps.BOTH)
    assert layers.stop(0)
    assert layers.offer(Keeps.BOTH).possible == before.possible
    assert layers.offer(Keeps.BOTH).now != before.now


def test_one_that_there_is_not_changes_nothing() -> None:
    layers = camera()
    assert not layers.start(3)
    assert not layers.stop(-1)
    assert not layers.measure({7: (1, 1, 0, ())}, SECOND_US)


def test_the_offer_is_the_same_object_until_something_changes() -> None:
    layers = camera()
    before = layers.offer(Keeps.BOTH)
    assert not layers.announce_untrusted(CAMERA)
    assert layers.offer(Keeps.BOTH) is before


def test_rungs_are_made_anew_only_when_their_cost_is_news() -> None:
    layers = camera()
    before = layers.offer(Keeps.BOTH)
    for second in range(1, 12):
        layers.measure({2: (30 * second, 3_000 * second, 10, ())}, second * SECOND_US)
    assert layers.offer(Keeps.BOTH).now[0] is before.now[0]
    layers.announce_untrusted([*CAMERA[:2], (2, 0, 320, 180, 30, [90, 140, 190])])
    assert layers.offer(Keeps.BOTH).now[0].cost_bps > 1.3 * before.now[0].cost_bps


def test_what_is_asked_for_in_vain_is_news_once() -> None:
    layers = TrackLayers(3)
    layers.start(0)
    assert not layers.miss(())
    assert layers.miss({2})
    assert {each.encoding for each in layers.offer(Keeps.BOTH).possible} == {0, 1}
    assert not layers.miss({2})
    assert layers.miss(())


def test_without_an_announcement_what_is_measured_counts() -> None:
    layers = TrackLayers(1)
    layers.start(0)
    for second in range(8):
        # 100 packets of 1,212 bytes a second, and 38 bytes each around them.
        layers.measure(
            {0: (100 * second + 100, 121_200 * (second + 1), 10, ())}, second * SECOND_US
        )
    assert layers.costs_bps(0) == (1_000_000,)


def test_more_than_announced_is_believed_and_less_is_not() -> None:
    layers = camera()
    before = layers.costs_bps(2)
    for second in range(1, 12):
        layers.measure({2: (30 * second, 3_000 * second, 10, ())}, second * SECOND_US)
    assert layers.costs_bps(2) == before
    for second in range(12, 30):
        layers.measure({2: (3_000 * second, 300_000 * second, 10, ())}, second * SECOND_US)
    assert layers.costs_bps(2)[-1] > 2_000_000
    # The lower layers keep their parts.
    assert layers.costs_bps(2)[0] == pytest.approx(0.4 * layers.costs_bps(2)[-1], rel=0.05)


def test_what_an_encoder_that_follows_sends_is_known_within_a_second() -> None:
    layers = camera()
    # 300 packets of 1,200 bytes a second, and suddenly a tenth of that.
    layers.measure({0: (1, 1, 10, ())}, SECOND_US)
    layers.measure({0: (301, 360_001, 10, ())}, 2 * SECOND_US)
    assert layers.sent_bps(0)[-1] == pytest.approx(2_971_200, rel=0.01)
    assert layers.measure({0: (331, 396_001, 10, ())}, 3 * SECOND_US)
    assert layers.sent_bps(0)[-1] == pytest.approx(297_120, rel=0.01)
    assert layers.sent_bps(0)[0] == pytest.approx(0.4 * 297_120, rel=0.05)
    assert layers.costs_bps(0)[-1] > 1_500_000


def test_temporal_layers_that_no_packet_names_are_not_counted_on() -> None:
    layers = camera()
    smallest = [each for each in layers.offer(Keeps.MOTION).now if each.encoding == 2]
    assert len(smallest) == 3
    for second in range(1, 4):
        row = (10 * second, 10_000 * second, 0, [(0, 0, 10_000 * second)])
        layers.measure({2: row}, second * SECOND_US)
    one = [each for each in layers.offer(Keeps.MOTION).now if each.encoding == 2]
    assert [each.temporal for each in one] == [ALL_LAYERS]
    assert one[0].cost_bps == smallest[-1].cost_bps
    for second in range(4, 7):
        named = [(0, temporal, 5_000 * second) for temporal in range(3)]
        layers.measure({2: (10 * second, 15_000 * second, 0, named)}, second * SECOND_US)
    assert len([each for each in layers.offer(Keeps.MOTION).now if each.encoding == 2]) == 3


def test_small_changes_are_no_news() -> None:
    layers = camera()
    rows = [(*row[:5], [int(kbps * 0.95) for kbps in row[5]]) for row in CAMERA]
    assert not layers.announce_untrusted(rows)


def test_silence_and_counters_that_begin_again_are_no_rates() -> None:
    layers = TrackLayers(1)
    layers.measure({0: (1_000, 1_000_000, 10, ())}, SECOND_US)
    layers.measure({0: (10, 10_000, 10, ())}, 2 * SECOND_US)
    layers.measure({0: (10, 10_000, 900, ())}, 3 * SECOND_US)
    layers.measure({0: (10, 10_000, 900, ())}, 3 * SECOND_US)
    assert layers.costs_bps(0) == TrackLayers(1).costs_bps(0)
    layers.measure({0: (10, 10_000, 2_500, ())}, 5 * SECOND_US)
    assert layers.offer(Keeps.BOTH).now == ()


def test_lies_are_bounded() -> None:
    layers = camera([(0, 0, 65_536, 65_536, 255, [2**32 - 1] * 4), (9, 9, 1, 1, 1, [1])])
    rungs = layers.offer(Keeps.MOTION).possible
    assert all(0 < each.cost_bps <= 1.1 * MOST_BPS for each in rungs)
    assert all(0 < each.frame_rate_hz <= 60 for each in rungs)
    falling = camera([(0, 0, 0, 0, 0, [900, 100, 50])])
    assert falling.offer(Keeps.BOTH).possible


def test_a_layer_of_no_rate_is_not_sent() -> None:
    layers = camera([(0, 0, 640, 360, 30, [0, 0])], encodings=1)
    assert layers.offer(Keeps.BOTH).now == ()


def test_the_highest_spatial_layer_speaks_for_an_encoding() -> None:
    layers = camera(
        [(0, 0, 320, 180, 30, [150]), (0, 1, 640, 360, 30, [500]), (1, 0, 160, 90, 30, [50])],
        encodings=2,
    )
    assert layers.offer(Keeps.BOTH).now[-1].pixels == 640 * 360
    assert layers.costs_bps(0)[-1] > 500_000


def test_a_better_encoding_is_never_smaller() -> None:
    layers = camera([(0, 0, 64, 64, 30, [500]), (1, 0, 1280, 720, 30, [100])], encodings=2)
    assert [each.pixels for each in layers.offer(Keeps.BOTH).now] == [921_600, 921_600]


def test_sizes_nobody_told_follow_from_those_that_are_known() -> None:
    layers = camera([(1, 0, 320, 180, 30, [200])])
    sizes = {each.encoding: each.pixels for each in layers.offer(Keeps.BOTH).possible}
    assert sizes == {0: 230_400, 1: 57_600, 2: 14_400}


def test_a_single_encoding_can_be_asked_for_less_than_it_sends() -> None:
    layers = camera([(0, 0, 1920, 1080, 15, [1_500])], encodings=1)
    offer = layers.offer(Keeps.DETAIL)
    assert [each.cost_bps for each in offer.possible] == list(SINGLE_COSTS_BPS)
    assert offer.now[-1].cost_bps > 1_500_000
    assert layers.limit(300_000)
    assert layers.offer(Keeps.DETAIL).now[-1].cost_bps < 340_000


def test_a_limit_holds_for_what_was_measured_until_it_is_measured_again() -> None:
    layers = TrackLayers(1)
    layers.start(0)
    for second in range(4):
        layers.measure({0: (150 * second + 1, 180_000 * second + 1, 10, ())}, second * SECOND_US)
    assert layers.costs_bps(0)[0] > 1_400_000
    assert layers.limit(300_000)
    assert layers.costs_bps(0)[0] < 340_000
    layers.measure({0: (600, 720_000, 10, ())}, 4 * SECOND_US)
    assert layers.costs_bps(0)[0] > 800_000, "who does not obey is measured"


def test_a_limit_a_little_lower_is_news_though_a_calm_picture_is_none() -> None:
    layers = camera()
    before_bps = layers.costs_bps(0)[-1]
    assert layers.limit(1_380_000)
    assert 0.9 * before_bps < layers.costs_bps(0)[-1] < 0.95 * before_bps
