"""The state tables, over their full product."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import NotFound, SeatUnknown
from relay.rooms.drawing import document
from relay.rooms.leg_states import LEG_TABLE, LegInput, LegState, leg_after
from relay.rooms.seat_states import SEAT_TABLE, SeatInput, SeatState, seat_after
from relay.rooms.standing import STANDING_TABLE, Standing, StandingInput, standing_after

ROOT = Path(__file__).parents[2]
IMPOSSIBLE_FOR_SEATS = {
    # The round expires kept seats only.
    (SeatState.ATTACHED, SeatInput.EXPIRE),
    (SeatState.ENDED, SeatInput.EXPIRE),
}
IMPOSSIBLE_FOR_LEGS = {
    # A leg's own task secures it, once.
    (LegState.CONNECTED, LegInput.SECURE),
    (LegState.INTERRUPTED, LegInput.SECURE),
}


@given(st.sampled_from(SeatState), st.sampled_from(SeatInput))
def test_every_input_of_a_seat_is_in_the_table_refused_or_impossible(
    state: SeatState, happening: SeatInput
) -> None:
    if (state, happening) in SEAT_TABLE:
        assert seat_after(state, happening) is SEAT_TABLE[state, happening]
    elif (state, happening) in IMPOSSIBLE_FOR_SEATS:
        with pytest.raises(AssertionError):
            seat_after(state, happening)
    else:
        assert state is SeatState.ENDED
        with pytest.raises(SeatUnknown):
            seat_after(state, happening)


@given(st.sampled_from(LegState), st.sampled_from(LegInput))
def test_every_input_of_a_leg_is_in_the_table_or_impossible(
    state: LegState, happening: LegInput
) -> None:
    if (state, happening) in IMPOSSIBLE_FOR_LEGS:
        assert (state, happening) not in LEG_TABLE
        with pytest.raises(AssertionError):
            leg_after(state, happening)
    else:
        assert leg_after(state, happening) is LEG_TABLE[state, happening]


@given(st.lists(st.sampled_from(SeatInput)))
def test_a_seat_that_has_ended_stays_ended(inputs: list[SeatInput]) -> None:
    state = SeatState.ENDED
    for happening in inputs:
        if (state, happening) in SEAT_TABLE:
            state = seat_after(state, happening)
        assert state is SeatState.ENDED


@given(st.lists(st.sampled_from(LegInput)))
def test_a_leg_is_connected_only_after_its_handshake(inputs: list[LegInput]) -> None:
    state, secured = LegState.CONNECTING, False
    for happening in inputs:
        if (state, happening) in IMPOSSIBLE_FOR_LEGS:
            continue
        state = leg_after(state, happening)
        secured = secured or happening is LegInput.SECURE
        if state in (LegState.CONNECTED, LegState.INTERRUPTED):
            assert secured


def test_every_state_is_reached() -> None:
    assert {to for (at, _), to in SEAT_TABLE.items() if at is not to} == set(SeatState)
    assert {to for (at, _), to in STANDING_TABLE.items() if at is not to} == set(Standing)
    assert {to for (at, _), to in LEG_TABLE.items() if at is not to} == {
        *LegState,
    } - {LegState.CONNECTING}


def test_the_drawing_is_current() -> None:
    assert (ROOT / "docs" / "seats.md").read_text() == document(), (
        "run: python -m relay.rooms.drawing > docs/seats.md"
    )


@given(st.sampled_from(Standing), st.sampled_from(StandingInput))
def test_every_input_of_a_standing_is_in_the_table_or_refused(
    standing: Standing, happening: StandingInput
) -> None:
    if (standing, happening) in STANDING_TABLE:
        assert standing_after(standing, happening) is STANDING_TABLE[standing, happening]
    else:
        assert standing is Standing.GONE
        with pytest.raises(NotFound):
            standing_after(standing, happening)


@given(st.lists(st.sampled_from(StandingInput)))
def test_nobody_is_admitted_but_by_being_admitted(inputs: list[StandingInput]) -> None:
    standing = Standing.WAITING
    for happening in inputs:
        if (standing, happening) not in STANDING_TABLE:
            continue
        before, standing = standing, standing_after(standing, happening)
        if standing is Standing.ADMITTED and before is not standing:
            assert happening is StandingInput.ADMIT
        assert before is not Standing.GONE or standing is Standing.GONE
