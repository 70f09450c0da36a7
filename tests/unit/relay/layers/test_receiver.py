"""One receiver: what its rate is spent on, and what is left alone."""

from __future__ import annotations

import math

import pytest

from relay.ids import SlotId
from relay.layers.demand import Demand, Followed, Priority
from relay.layers.hysteresis import MARGIN, PATIENCE_US
from relay.layers.ladder import ALL_LAYERS, Keeps, Offer
from relay.layers.receiver import Allocation, Carried, Receiver
from relay.layers.state import Pause, State
from relay.layers.wire_cost import audio_wire_bps
from tests.unit.relay.layers.cameras import camera, demand, ladder

TICK_US = 100_000
SECOND_US = 1_000_000
VOICE_BPS = audio_wire_bps(32_000, 0)
ONE, TWO = SlotId(1), SlotId(2)


def receiver(rate_bps: float, *demands: Demand, voices: int = 1) -> Receiver:
    """Give a receiver after its first tick."""
    made = Receiver(rate_bps, 0)
    made.speak(voices, repeats=True)
    made.want(demands)
    assert made.update(rate_bps, 0) is not None
    return made


def carried(allocation: Allocation, slot: SlotId = ONE) -> tuple[int, int]:
    choice = allocation.choices[slot]
    assert isinstance(choice, Carried)
    return choice.encoding, choice.temporal


def test_sound_is_reserved_before_pictures_are_bought() -> None:
    picture = ladder(100_000, 400_000)
    enough_bps = (400_000 + VOICE_BPS) * MARGIN
    assert carried(receiver(enough_bps + 1, demand(1, picture)).allocation) == (0, ALL_LAYERS)
    assert carried(receiver(enough_bps - 2, demand(1, picture)).allocation) == (1, ALL_LAYERS)
    both = receiver(enough_bps + 1, demand(1, picture), voices=2).allocation
    assert carried(both) == (1, ALL_LAYERS)
    assert both.audio_bps == 2 * VOICE_BPS


def test_an_unchanged_rate_changes_nothing() -> None:
    made = receiver(1e6, demand(1, ladder(100_000, 400_000, 1_500_000)))
    for tick in range(1, 50):
        assert made.update(1e6, tick * TICK_US) is None
        assert made.update(0.9e6, tick * TICK_US) is None


def test_a_fall_takes_the_picture_down_in_the_same_tick() -> None:
    made = receiver(2.5e6, demand(1, ladder(100_000, 400_000, 1_500_000)))
    assert carried(made.allocation) == (0, ALL_LAYERS)
    fallen = made.update(0.5e6, TICK_US)
    assert fallen is not None
    assert carried(fallen) == (2, ALL_LAYERS)
    assert fallen.video_bps + fallen.audio_bps <= 0.5e6
    assert fallen.state is State.REDUCED


def test_below_the_threshold_pictures_pause_and_say_why() -> None:
    made = receiver(0.5e6, demand(1, ladder(40_000)), demand(2, ladder(300_000)))
    low = made.update(110_000.0, TICK_US)
    assert low is not None
    assert dict(low.choices) == {ONE: Pause.LOW_RATE, TWO: Pause.LOW_RATE}
    assert (low.video_bps, low.state) == (0, State.VIDEO_PAUSED)
    assert made.update(100_000.0, 2 * TICK_US) is None


def test_what_has_no_room_beside_others_says_so() -> None:
    important = demand(1, ladder(300_000), Priority.HIGH)
    made = receiver(0.5e6, important, demand(2, ladder(200_000)))
    assert made.allocation.choices[TWO] is Pause.NO_ROOM
    assert made.allocation.state is State.PARTLY_PAUSED


def test_what_is_not_sent_is_wanted_and_not_reserved() -> None:
    full = ladder(100_000, 400_000, 1_500_000)
    asleep = demand(1, full, Priority.HIGH, now=full[:1])
    made = receiver(1.2e6, asleep, demand(2, full))
    assert carried(made.allocation) == (2, ALL_LAYERS)
    assert carried(made.allocation, TWO) == (1, ALL_LAYERS)
    assert made.allocation.wanted[ONE] >= {2, 1}
    silent = receiver(1e6, demand(1, full, now=())).allocation
    assert carried(silent) == (1, ALL_LAYERS), "from its first frame on"
    assert silent.video_bps == 0
    assert silent.state is State.AUDIO_ONLY
    assert silent.wanted[ONE] == {1}


def test_an_encoding_that_comes_is_carried_without_waiting() -> None:
    full = ladder(100_000, 400_000)
    made = receiver(1e6, demand(1, full, now=full[:1]))
    made.want([demand(1, full)])
    came = made.update(1e6, TICK_US)
    assert came is not None
    assert carried(came) == (0, ALL_LAYERS)


def test_a_step_within_reach_is_wanted_before_it_is_taken() -> None:
    full = ladder(100_000, 400_000)
    needed_bps = (400_000 + VOICE_BPS) * MARGIN
    assert receiver(0.9 * needed_bps, demand(1, full)).allocation.wanted[ONE] == {0, 1}
    assert receiver(0.5 * needed_bps, demand(1, full)).allocation.wanted[ONE] == {1}


def test_another_picture_shares_what_there_is_at_once() -> None:
    full = ladder(100_000, 400_000, 800_000)
    made = receiver(1.1e6, demand(1, full))
    assert carried(made.allocation) == (0, ALL_LAYERS)
    made.want([demand(1, full), demand(2, full)])
    shared = made.update(1.1e6, TICK_US)
    assert shared is not None
    assert carried(shared) == carried(shared, TWO) == (1, ALL_LAYERS)


def test_a_picture_that_gets_dearer_goes_on_as_long_as_the_rate_carries_it() -> None:
    made = receiver(1e6, demand(1, ladder(100_000, 800_000)))
    made.want([demand(1, ladder(100_000, 930_000))])
    dearer = made.update(1e6, TICK_US)
    assert dearer is not None
    assert carried(dearer) == (0, ALL_LAYERS)
    made.want([demand(1, ladder(100_000, 950_000))])
    too_dear = made.update(1e6, 2 * TICK_US)
    assert too_dear is not None
    assert carried(too_dear) == (1, ALL_LAYERS)


def test_what_is_useful_is_what_everything_at_its_best_would_need() -> None:
    made = receiver(1e6, demand(1, ladder(100_000, 400_000)))
    assert made.allocation.useful_bps == pytest.approx(
        (400_000 + audio_wire_bps(32_000, 2)) * MARGIN
    )
    assert made.allocation.next_rate_bps == math.inf
    assert made.allocation.state is State.FULL
    assert receiver(1e6, voices=1).allocation.state is State.AUDIO_ONLY


def test_repetitions_of_sound_come_before_pictures() -> None:
    made = receiver(450_000.0, demand(1, ladder(100_000, 330_000)))
    assert carried(made.allocation) == (0, ALL_LAYERS)
    for second in range(3):
        made.hear(0.2, second * 1_000_000)
    protected = made.update(450_000.0, 3_000_000)
    assert protected is not None
    assert made.sound.distance == 2
    assert protected.audio_bps == audio_wire_bps(32_000, 2)
    assert carried(protected) == (1, ALL_LAYERS)


def followed(slot: int, *costs_bps: int, priority: Priority = Priority.USUAL) -> Demand:
    return Demand(SlotId(slot), Offer((), ()), priority, Followed(0, costs_bps))


def test_an_encoder_that_follows_is_carried_whole_and_told_its_share() -> None:
    made = receiver(1e6, followed(1, 300_000))
    assert carried(made.allocation) == (0, ALL_LAYERS)
    assert made.allocation.state is State.FOLLOWED
    assert made.follow_bps() == {ONE: pytest.approx(0.95e6 - VOICE_BPS)}
    assert made.allocation.useful_bps > 2.5e6


def test_a_share_moves_with_the_rate_though_nothing_else_does() -> None:
    made = receiver(1e6, followed(1, 300_000))
    assert made.update(0.8e6, TICK_US) is None
    assert made.follow_bps() == {ONE: pytest.approx(0.76e6 - VOICE_BPS)}


@pytest.mark.parametrize(("loss_ratio", "share"), [(0.03, 0.95), (0.2, 0.8), (0.9, 2 / 3)])
def test_what_is_lost_is_sent_again_at_the_cost_of_what_an_encoder_may_make(
    loss_ratio: float, share: float
) -> None:
    made = receiver(2e6, followed(1, 300_000))
    for second in range(1, 30):
        made.hear(loss_ratio, second * SECOND_US)
    made.update(2e6, 30 * SECOND_US)
    sound_bps = made.allocation.audio_bps
    expected_bps = (0.95 * 2e6 - sound_bps) * share / 0.95
    assert made.follow_bps() == {ONE: pytest.approx(expected_bps, rel=1e-3)}


def test_until_the_encoder_has_followed_its_lower_layers_go_on() -> None:
    made = receiver(2.5e6, followed(1, 900_000, 1_300_000, 2_200_000))
    fallen = made.update(0.5e6, TICK_US)
    assert fallen is not None
    assert carried(fallen) == (0, 0)
    made.want([followed(1, 160_000, 240_000, 400_000)])
    caught_up = made.update(0.5e6, 5 * TICK_US)
    assert caught_up is not None
    assert carried(caught_up) == (0, ALL_LAYERS)


def test_a_followed_picture_pauses_below_the_threshold_and_has_no_share_then() -> None:
    made = receiver(1e6, followed(1, 300_000))
    low = made.update(100_000.0, TICK_US)
    assert low is not None
    assert low.choices[ONE] is Pause.LOW_RATE
    assert made.follow_bps() == {}


def test_what_is_followed_leaves_room_for_what_is_chosen() -> None:
    made = receiver(2e6, followed(1, 300_000), demand(2, ladder(500_000)))
    assert made.follow_bps() == {ONE: pytest.approx(1.9e6 - VOICE_BPS - 500_000)}
    assert made.allocation.state is State.FULL


def test_a_single_encoding_tells_what_it_could_be_sent() -> None:
    offer = camera([(0, 0, 1920, 1080, 15, [1_500])], encodings=1).offer(Keeps.DETAIL)
    made = receiver(600_000.0, Demand(ONE, offer))
    assert made.allocation.choices[ONE] is Pause.NOT_SENT
    assert made.allocation.wishes_bps == {ONE: 340_000}
    assert made.allocation.wanted == {ONE: {0}}


def test_a_steady_little_more_is_taken_after_a_minute() -> None:
    made = receiver(1e6, demand(1, ladder(100_000, 850_000)))
    changes = [
        tick for tick in range(1, 1_300) if made.update(1_060_000.0, tick * TICK_US) is not None
    ]
    assert len(changes) == 1
    assert PATIENCE_US <= changes[0] * TICK_US <= PATIENCE_US + SECOND_US
    assert carried(made.allocation) == (0, ALL_LAYERS)


def test_who_wanted_nothing_may_spend_what_the_rate_has_become_meanwhile() -> None:
    made = receiver(300_000.0)
    assert made.update(380_000.0, TICK_US) is None
    made.want([demand(1, ladder(100_000, 250_000))])
    wanted = made.update(380_000.0, 2 * TICK_US)
    assert wanted is not None
    assert carried(wanted) == (0, ALL_LAYERS)


def test_repetitions_give_way_in_the_tick_in_which_the_rate_falls() -> None:
    made = receiver(1e6, demand(1, ladder(100_000)))
    for second in range(3):
        made.hear(0.2, second * 1_000_000)
    made.update(1e6, 3_000_000)
    assert made.allocation.audio_bps == audio_wire_bps(32_000, 2)
    fallen = made.update(130_000.0, 3_100_000)
    assert fallen is not None
    assert fallen.audio_bps == audio_wire_bps(32_000, 1)


def after_a_rest(rest_us: int, *demands: Demand) -> list[tuple[int, Allocation]]:
    """Give what a receiver of 2.5 Mbit/s is sent, and when, that wanted nothing for so long."""
    made, now_us = receiver(2.5e6, *demands), 0
    found: list[tuple[int, Allocation]] = []
    for is_wanted, for_us in ((True, 60 * SECOND_US), (False, rest_us), (True, 8 * SECOND_US)):
        made.want(demands if is_wanted else ())
        found, began_us = [], now_us
        while now_us - began_us < for_us:
            allocation = made.update(2.5e6, now_us)
            if allocation is not None:
                found.append((now_us - began_us, allocation))
            now_us += TICK_US
    return found


def test_a_rate_that_nothing_has_tried_for_long_is_tried_step_by_step() -> None:
    picture = demand(1, ladder(100_000, 400_000, 1_500_000))
    (began_us, first), *_, (whole_us, last) = after_a_rest(60 * SECOND_US, picture)
    assert began_us == 0
    assert first.video_bps + first.audio_bps <= 300_000
    assert carried(first) == (2, ALL_LAYERS), "somebody is seen at once"
    assert carried(last) == (0, ALL_LAYERS)
    assert 3 * SECOND_US <= whole_us <= 5 * SECOND_US


def test_a_picture_that_was_away_for_a_moment_is_back_as_it_was() -> None:
    picture = demand(1, ladder(100_000, 400_000, 1_500_000))
    ((began_us, first),) = after_a_rest(20 * SECOND_US, picture)
    assert (began_us, carried(first)) == (0, (0, ALL_LAYERS))


def test_a_voice_is_not_made_smaller_while_a_rate_is_tried() -> None:
    picture = demand(1, ladder(100_000, 400_000, 1_500_000))
    made = receiver(2.5e6, picture, voices=3)
    made.want(())
    made.update(2.5e6, SECOND_US)
    made.want((picture,))
    made.update(2.5e6, 90 * SECOND_US)
    assert made.sound.opus_bps == 32_000
