"""What holds of the spending of rates, whatever is offered and whatever the estimate does."""

from __future__ import annotations

import math
import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from relay.ids import LegId, SlotId, TrackId
from relay.layers.allocation import plan, spend
from relay.layers.demand import Demand, Priority
from relay.layers.encoding import MOST_BPS
from relay.layers.hysteresis import MARGIN, PAUSE_BPS, RISEN_TIMES
from relay.layers.ladder import SAME_FRAME_RATE, Keeps, Ladder, Offer, Rung
from relay.layers.offered import TrackLayers
from relay.layers.receiver import Allocation, Carried, Receiver
from relay.layers.room_layers import RoomLayers

TICK_US = 100_000
MINUTE_US = 60_000_000

INTEGERS = st.integers(-(2**33), 2**33)
ROWS = st.lists(
    st.tuples(
        st.integers(-1, 5),
        st.integers(0, 3),
        INTEGERS,
        INTEGERS,
        st.integers(-1, 255),
        st.lists(INTEGERS, max_size=5),
    ),
    max_size=8,
)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    """Ladders as `climb` makes them: cost and size rise."""
    costs_bps = sorted(draw(st.sets(st.integers(20_000, 3_000_000), max_size=6)))
    top = len(costs_bps) - 1
    return tuple(
        Rung((top - index) // 3, index % 3, cost, 40_000 * 2**index, 7.5 * 2 ** (index % 3))
        for index, cost in enumerate(costs_bps)
    )


DEMANDS = st.lists(st.tuples(ladders(), st.sampled_from(Priority)), min_size=1, max_size=4)


@given(DEMANDS, st.integers(-100_000, 8_000_000))
def test_no_more_is_spent_than_there_is(
    wanted: list[tuple[Ladder, Priority]], budget_bps: int
) -> None:
    climbed, priorities = zip(*wanted, strict=True)
    spent = spend(plan(climbed, priorities), len(wanted), budget_bps)
    bought = zip(climbed, spent.levels, strict=True)
    cost_bps = sum(ladder[level - 1].cost_bps for ladder, level in bought if level)
    assert spent.spent_bps == cost_bps <= max(budget_bps, 0)
    assert spent.next_bps > budget_bps


@given(DEMANDS, st.integers(0, 8_000_000), st.integers(0, 4_000_000))
def test_more_to_spend_never_gives_up_what_matters_more(
    wanted: list[tuple[Ladder, Priority]], budget_bps: int, more_bps: int
) -> None:
    """In the order in which steps matter, the first that differs is one that was gained."""
    climbed, priorities = zip(*wanted, strict=True)
    steps = plan(climbed, priorities)
    less = spend(steps, len(wanted), budget_bps).levels
    more = spend(steps, len(wanted), budget_bps + more_bps).levels
    gained = [(level <= more[which], level <= less[which]) for which, level, _ in steps]
    first = next((pair for pair in gained if pair[0] != pair[1]), (True, False))
    assert first == (True, False)


@given(ladders(), st.lists(st.sampled_from(Priority), min_size=2, max_size=4), st.data())
def test_of_equal_pictures_the_more_important_is_never_the_worse(
    climbed: Ladder, priorities: list[Priority], data: st.DataObject
) -> None:
    budget_bps = data.draw(st.integers(0, 8_000_000))
    steps = plan([climbed] * len(priorities), priorities)
    levels = spend(steps, len(priorities), budget_bps).levels
    by_priority = sorted(zip(priorities, levels, strict=True), key=lambda pair: -pair[0])
    for (higher, better), (lower, worse) in pairwise(by_priority):
        assert higher == lower or better >= worse


@given(DEMANDS, st.integers(0, 8_000_000))
def test_nothing_is_seen_in_place_of_what_matters_more_and_would_fit(
    wanted: list[tuple[Ladder, Priority]], budget_bps: int
) -> None:
    climbed, priorities = zip(*wanted, strict=True)
    levels = spend(plan(climbed, priorities), len(wanted), budget_bps).levels
    for which, ladder in enumerate(climbed):
        if ladder and not levels[which]:
            before_bps = sum(
                other[0].cost_bps
                for index, other in enumerate(climbed)
                if levels[index] and (-priorities[index], index) < (-priorities[which], which)
            )
            assert before_bps + ladder[0].cost_bps > budget_bps


@given(ROWS, ROWS, st.sampled_from(Keeps), st.integers(0, 5))
def test_whatever_is_announced_the_ladder_is_one(
    first: list[tuple[int, int, int, int, int, list[int]]],
    second: list[tuple[int, int, int, int, int, list[int]]],
    keeps: Keeps,
    encodings: int,
) -> None:
    layers = TrackLayers(encodings)
    for encoding in range(encodings):
        layers.start(encoding)
    for rows in (first, second):
        layers.announce_untrusted(rows)
        offer = layers.offer(keeps)
        assert offer.possible, "there is always something to ask for"
        for ladder in (offer.now, offer.possible):
            for rung in ladder:
                assert 0 < rung.cost_bps <= 1.1 * MOST_BPS
                assert 0 < rung.frame_rate_hz <= 60.0
                assert rung.pixels > 0
            for lower, upper in pairwise(ladder):
                assert lower.cost_bps < upper.cost_bps
                assert lower.encoding >= upper.encoding
                assert lower.pixels <= upper.pixels
                if keeps is Keeps.MOTION:
                    assert upper.frame_rate_hz >= SAME_FRAME_RATE * lower.frame_rate_hz


@given(
    st.lists(st.integers(20, 3_000), min_size=9, max_size=9, unique=True),
    st.sampled_from([Keeps.MOTION, Keeps.DETAIL]),
)
def test_what_a_track_keeps_goes_last(rates_kbps: list[int], keeps: Keeps) -> None:
    rates = sorted(rates_kbps)
    layers = TrackLayers(3)
    for encoding in range(3):
        layers.start(encoding)
    layers.announce_untrusted(
        [
            (encoding, 0, 1280 >> encoding, 720 >> encoding, 30, rates[6 - 3 * encoding :][:3])
            for encoding in range(3)
        ]
    )
    for rung in layers.offer(keeps).now:
        if keeps is Keeps.MOTION:
            assert rung.encoding == 2 or rung.frame_rate_hz == 30.0
        else:
            assert rung.frame_rate_hz == 7.5 or rung.encoding == 0


def begun(rate_bps: float, demands: list[Demand], voices: int) -> Receiver:
    receiver = Receiver(rate_bps, 0)
    receiver.speak(voices, repeats=True)
    receiver.want(demands)
    receiver.update(rate_bps, 0)
    return receiver


def demanded(wanted: list[tuple[Ladder, Priority]]) -> list[Demand]:
    return [
        Demand(SlotId(index), Offer(ladder, ladder), priority)
        for index, (ladder, priority) in enumerate(wanted, start=1)
    ]


@given(
    DEMANDS,
    st.lists(st.floats(50_000.0, 5e6), min_size=1, max_size=80),
    st.lists(st.floats(0.0, 0.4), min_size=1, max_size=10),
    st.integers(0, 3),
)
@settings(max_examples=150)
def test_pictures_never_take_more_than_sound_leaves(
    wanted: list[tuple[Ladder, Priority]], rates_bps: list[float], losses: list[float], voices: int
) -> None:
    receiver = begun(rates_bps[0], demanded(wanted), voices)
    for tick, rate_bps in enumerate(rates_bps, start=1):
        if tick % 10 == 0:
            receiver.hear(losses[tick // 10 % len(losses)], tick * TICK_US)
        receiver.update(rate_bps, tick * TICK_US)
        standing = receiver.allocation
        assert standing.audio_bps == receiver.sound.cost_bps
        assert not standing.video_bps or standing.video_bps + standing.audio_bps <= rate_bps
        if rate_bps < PAUSE_BPS:
            assert standing.video_bps == 0


def changes_us(receiver: Receiver, rates_bps: list[float]) -> list[int]:
    """Give when the layers of any slot change, by a rate for each tick."""
    before = receiver.allocation.choices
    times: list[int] = []
    for tick, rate_bps in enumerate(rates_bps, start=1):
        receiver.update(rate_bps, tick * TICK_US)
        if receiver.allocation.choices != before:
            times.append(tick * TICK_US)
            before = receiver.allocation.choices
    return times


@given(
    DEMANDS,
    st.floats(80_000.0, 6e6),
    st.integers(0, 2**32),
    st.sampled_from(["noise", "slow", "waves", "square"]),
    st.integers(0, 2),
)
@settings(max_examples=60, deadline=None)
def test_a_steady_link_has_two_changes_a_minute_at_most(
    wanted: list[tuple[Ladder, Priority]], mean_bps: float, seed: int, kind: str, voices: int
) -> None:
    """The estimate stays within 15 % of its mean, in whatever way, for five minutes."""
    chance = random.Random(seed)
    period_ticks = chance.uniform(5, 900)
    wander, rates_bps = chance.uniform(-1, 1), []
    for tick in range(3_000):
        if kind == "noise":
            wander = chance.uniform(-1, 1)
        elif kind == "slow":
            wander = min(max(wander + chance.gauss(0, 0.05), -1), 1)
        else:
            wander = math.sin(math.tau * tick / period_ticks)
            wander = math.copysign(1.0, wander) if kind == "square" else wander
        rates_bps.append(mean_bps * (1 + 0.15 * wander))
    receiver = begun(rates_bps[0], demanded(wanted), voices)
    times = changes_us(receiver, rates_bps)
    for index, begin_us in enumerate(times):
        within = [time_us for time_us in times[index:] if time_us < begin_us + MINUTE_US]
        assert len(within) <= 2


@given(ladders().filter(bool), st.floats(50_000.0, 110_000.0), st.integers(0, 2), st.integers(0, 6))
def test_a_paused_picture_comes_back_by_itself(
    climbed: Ladder, low_bps: float, voices: int, failures: int
) -> None:
    """Within 10 s of a rate that permits it and is another link's, whatever failed before."""
    receiver = begun(1e6, demanded([(climbed, Priority.USUAL)]), voices)
    receiver.restraint._failures = failures
    assert not changes_us(receiver, [low_bps] * 20)[1:]
    assert not isinstance(receiver.allocation.choices[SlotId(1)], Carried)
    allowed_bps = max(
        (climbed[0].cost_bps + receiver.sound.cost_bps) * MARGIN + 1, RISEN_TIMES * PAUSE_BPS
    )
    for tick in range(21, 122):
        receiver.update(allowed_bps, tick * TICK_US)
    assert isinstance(receiver.allocation.choices[SlotId(1)], Carried)


@given(st.lists(st.booleans(), max_size=40), st.floats(200_000.0, 2.7e6))
@settings(max_examples=50, deadline=None)
def test_two_and_three_parties_follow_one_another_without_a_trace(
    third_is_there: list[bool], rate_bps: float
) -> None:
    """After any comings and goings of a third, what two are told is what two are told."""
    doctor, patient, carer = LegId(1), LegId(2), LegId(3)
    face = TrackId(9)
    room, told = RoomLayers(), {}
    for leg in (doctor, patient, carer):
        room.admit(leg, rate_bps, 0)
        room.speak(leg, 1, repeats=True)
    room.publish(doctor, face, 0, encodings=3)
    for encoding in range(3):
        room.start(face, encoding)
    room.bind(patient, SlotId(2), face)
    rates_bps = dict.fromkeys((doctor, patient, carer), rate_bps)
    now_us, is_there, caps = 0, False, []
    for wanted in [*third_is_there, False]:
        if wanted != is_there:
            room.bind(carer, SlotId(3), face if wanted else None)
            is_there = wanted
        for _ in range(7):
            said = room.update(rates_bps, now_us)
            told.update(said.publishes)
            caps += [said.remb_bps[doctor]] if doctor in said.remb_bps else []
            now_us += TICK_US
            if is_there:
                assert not any(said.remb_bps.values()), "no cap while two receive"
    for _ in range(80):
        said = room.update(rates_bps, now_us)
        told.update(said.publishes)
        caps += [said.remb_bps[doctor]] if doctor in said.remb_bps else []
        now_us += TICK_US
    assert told[face].active == (True, False, False)
    assert abs(caps[-1] - 0.95 * rate_bps) <= 1
    assert isinstance(room.standing(patient), Allocation)
