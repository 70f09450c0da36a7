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
        sound.hear(loss, rate_bps, second * SECOND_US)
    return sound


@pytest.mark.parametrize(
    ("loss", "distance"), [(0.0, 0), (0.004, 0), (0.02, 1), (0.05, 1), (0.1, 2), (0.2, 2)]
)
def test_the_more_is_lost_the_more_is_repeated(loss: float, distance: int) -> None:
    assert heard(loss, 2e6).distance == distance


def test_until_losses_are_known_a_frame_is_repeated_once_where_there_is_much_room() -> None:
    sound = Sound(voices=1)
    assert sound.hear(None, 2e6, 0)
    assert sound.distance == 1
    assert heard(0.0, 2e6, 20, sound, begin_s=1).distance == 0
    cramped = Sound(voices=1)
    cramped.hear(None, 150_000.0, 0)
    assert cramped.distance == 0


def test_who_never_tells_of_losses_is_not_sent_repetitions_for_ever() -> None:
    sound = Sound(voices=1)
    for second in range(30):
        sound.hear(None, 2e6, second * SECOND_US)
    assert sound.distance == 0


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


def test_a_second_of_which_nothing_is_known_changes_no_loss() -> None:
    sound = heard(0.2, 2e6, seconds=1)
    known = sound.loss_ratio
    assert 0.09 < known < 0.11
    for second in range(1, 60):
        sound.hear(None, 2e6, second * SECOND_US)
    assert sound.loss_ratio == known
    assert sound.distance == 2
    sound.hear(None, 90_000.0, 60 * SECOND_US)
    assert sound.opus_bps == 16_000, "the rate counts all the same"


def test_who_takes_no_repetitions_is_sent_none_and_nothing_is_reserved_for_them() -> None:
    sound = heard(0.2, 2e6, sound=Sound(voices=1, repeats=False))
    assert sound.distance == 0
    assert sound.cost_bps == audio_wire_bps(32_000, 0)
    changed = heard(0.2, 2e6)
    changed.repeats = False
    assert changed.hear(0.2, 2e6, 60 * SECOND_US)
    assert changed.distance == 0


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
    assert sound.hear(0.5, 2e6, 0)
    assert sound.hear(0.5, 2e6, SECOND_US)
    assert not sound.hear(0.5, 2e6, 2 * SECOND_US)
