"""Sound is protected by what it loses, as far as the rate goes."""

from __future__ import annotations

import pytest

from relay.layers.audio import CALM_US, CRAMPED_US, Sound
from relay.layers.wire_cost import audio_wire_bps

SECOND_US = 1_000_000


def heard(
    loss: float, rate_bps: float, seconds: int = 60, sound: Sound | None = None, begin_s: int = 0
) -> Sound:
    """Give a voice that was heard for so long."""
    sound = Sound(voices=1) if sound is None else sound
    for second in range(begin_s, begin_s + seconds):
        sound.hear(loss, 50_000.0, rate_bps, second * SECOND_US)
    return sound


@pytest.mark.parametrize(
    ("loss", "distance"), [(0.0, 0), (0.004, 0), (0.02, 1), (0.05, 1), (0.1, 2), (0.2, 2)]
)
def test_the_more_is_lost_the_more_is_repeated(loss: float, distance: int) -> None:
    assert heard(loss, 2e6).distance == distance


def test_repetition_is_decided_within_seconds() -> None:
    assert heard(0.1, 2e6, seconds=4).distance == 2


def test_on_100_kbit_s_a_smaller_voice_is_repeated_once() -> None:
    sound = heard(0.2, 95_000.0)
    assert (sound.opus_bps, sound.distance) == (16_000, 1)
    assert sound.cost_bps <= 60_500


def test_repetitions_go_when_the_rate_does_not_carry_them_and_stay_away_for_a_while() -> None:
    sound = heard(0.2, 2e6)
    now_us = 60 * SECOND_US
    assert sound.shrink(110_000.0, now_us)
    assert sound.distance == 1
    assert not sound.shrink(110_000.0, now_us)
    assert heard(0.2, 2e6, 29, sound, begin_s=61).distance == 1
    assert heard(0.2, 2e6, 5, sound, begin_s=90).distance == 2
    assert CRAMPED_US == 30 * SECOND_US


def test_a_calm_path_loses_its_protection_step_by_step() -> None:
    sound = heard(0.2, 2e6)
    seconds = next(s for s in range(60, 300) if heard(0.0, 2e6, 1, sound, s).distance == 1)
    later = next(s for s in range(seconds, 300) if heard(0.0, 2e6, 1, sound, s).distance == 0)
    assert later - seconds >= CALM_US // SECOND_US


def test_between_the_thresholds_nothing_changes() -> None:
    assert heard(0.05, 2e6).distance == 1
    assert heard(0.05, 2e6, 60, heard(0.2, 2e6), begin_s=60).distance == 2


def test_what_is_missing_is_asked_for_where_the_answer_comes_in_time() -> None:
    sound = Sound(voices=1)
    for round_trip_us, nack in [(120e3, False), (90e3, True), (140e3, True), (160e3, False)]:
        sound.hear(0.0, round_trip_us, 2e6, 0)
        assert sound.nack is nack
    sound.hear(0.0, None, 2e6, 0)
    assert not sound.nack


def test_a_voice_gets_smaller_at_once_and_larger_with_a_distance() -> None:
    sound = heard(0.0, 159_000.0, 1)
    assert sound.opus_bps == 24_000
    assert heard(0.0, 99_000.0, 1, sound).opus_bps == 16_000
    assert heard(0.0, 130_000.0, 1, sound).opus_bps == 16_000
    assert heard(0.0, 137_000.0, 1, sound).opus_bps == 24_000
    assert heard(0.0, 210_000.0, 1, sound).opus_bps == 24_000
    assert heard(0.0, 220_000.0, 1, sound).opus_bps == 32_000


def test_every_voice_is_reserved() -> None:
    assert Sound(voices=3).cost_bps == 3 * audio_wire_bps(32_000, 0)
    assert Sound().cost_bps == 0
    assert Sound(voices=2).least_rate_bps == 0.0


@pytest.mark.parametrize("loss", [-1.0, 2.0, float("nan")])
def test_a_loss_that_cannot_be_stays_within_bounds(loss: float) -> None:
    sound = heard(loss, 2e6, 5)
    assert 0.0 <= sound.loss_ratio <= 1.0


def test_a_change_is_told_once() -> None:
    sound = Sound(voices=1)
    assert sound.hear(0.5, 50e3, 2e6, 0)
    assert sound.hear(0.5, 50e3, 2e6, SECOND_US)
    assert not sound.hear(0.5, 50e3, 2e6, 2 * SECOND_US)
