"""The state tables: each cell against the documents' words, and what holds of every course."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.rooms.drawing import document
from relay.rooms.leg_states import LEG_TABLE, LegInput, LegState, leg_after
from relay.rooms.seat_states import SEAT_TABLE, SeatInput, SeatState, seat_after
from relay.rooms.standing import STANDING_TABLE, Standing, StandingInput, standing_after
from relay.silence.flow_states import FlowState, flow_after
from tests.property.promised_states import FLOWS, LEGS, SEATS, STANDINGS, STATES, Outcome, Sentence

ROOT = Path(__file__).parents[2]
IMPOSSIBLE_FOR_LEGS = {
    # A leg's own task secures it, once.
    (LegState.CONNECTED, LegInput.SECURE),
    (LegState.INTERRUPTED, LegInput.SECURE),
}
AFTER: Final[tuple[tuple[Mapping[Any, Sentence], Callable[[Any, Any], StrEnum], Any], ...]] = (
    (SEATS, seat_after, SeatState),
    (STANDINGS, standing_after, Standing),
    (LEGS, leg_after, LegState),
    (FLOWS, flow_after, FlowState),
)
CELLS = [
    pytest.param(
        after, states(name), happening, outcome, id=f"{states.__name__}-{name}-{happening}"
    )
    for sentences, after, states in AFTER
    for happening, sentence in sentences.items()
    for name, outcome in sentence.leads.items()
]


@pytest.mark.parametrize(("after", "state", "happening", "outcome"), CELLS)
def test_what_happens_leads_where_the_documents_say(
    after: Callable[[Any, Any], StrEnum], state: StrEnum, happening: StrEnum, outcome: Outcome
) -> None:
    if isinstance(outcome, str):
        assert after(state, happening) == outcome
    else:
        with pytest.raises(outcome):
            after(state, happening)


@pytest.mark.parametrize(("states", "inputs", "sentences"), STATES)
def test_something_is_promised_of_every_state_and_input(
    states: type[StrEnum], inputs: type[StrEnum], sentences: Mapping[StrEnum, Sentence]
) -> None:
    assert set(sentences) == set(inputs)
    for sentence in sentences.values():
        assert set(sentence.leads) == set(states), sentence.words


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
