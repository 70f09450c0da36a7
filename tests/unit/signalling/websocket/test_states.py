from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import AlreadyJoined, CallerError, Conflict, NotJoined
from signalling.websocket.states import REQUESTS, TABLE, Input, State, drawing, state_after

DOCUMENT = Path(__file__).resolve().parents[4] / "docs" / "protocol.md"


@given(st.sampled_from(State), st.sampled_from(Input))
def test_every_input_in_every_state_leads_somewhere_or_is_refused(
    state: State, happening: Input
) -> None:
    if (state, happening) in TABLE:
        assert state_after(state, happening) is TABLE[state, happening]
    elif happening in REQUESTS:
        with pytest.raises(CallerError):
            state_after(state, happening)
    else:
        with pytest.raises(AssertionError):
            state_after(state, happening)


@given(st.lists(st.sampled_from(Input), max_size=40))
def test_no_sequence_of_inputs_uses_a_seat_before_it_is_given(happenings: list[Input]) -> None:
    state = State.AWAITING_JOIN
    was_seated = False
    for happening in happenings:
        if (state, happening) not in TABLE:
            continue
        needs_seat = happening in REQUESTS - {Input.JOIN, Input.RESUME, Input.PING, Input.LEAVE}
        assert was_seated or not needs_seat
        was_seated = was_seated or happening is Input.SEATED
        state = state_after(state, happening)
    assert was_seated or state is not State.JOINED


def test_a_closed_connection_stays_closed() -> None:
    assert not [pair for pair in TABLE if pair[0] is State.CLOSED]
    ways_out = {following for (state, _), following in TABLE.items() if state is State.CLOSING}
    assert ways_out == {State.CLOSING, State.CLOSED}


def test_every_state_can_be_reached_and_left() -> None:
    reached = {State.AWAITING_JOIN}
    for _ in State:
        reached |= {following for (state, _), following in TABLE.items() if state in reached}
    assert reached == set(State)
    for state in set(State) - {State.CLOSED}:
        assert any(at is state and to is not state for (at, _), to in TABLE.items())


@pytest.mark.parametrize(
    ("state", "request_", "error"),
    [
        (State.AWAITING_JOIN, Input.OFFER, NotJoined),
        (State.AWAITING_JOIN, Input.MUTE, NotJoined),
        (State.JOINED, Input.JOIN, AlreadyJoined),
        (State.JOINED, Input.RESUME, AlreadyJoined),
        (State.JOINING, Input.PING, Conflict),
        (State.CLOSING, Input.OFFER, Conflict),
        (State.CLOSED, Input.JOIN, Conflict),
    ],
)
def test_a_request_out_of_turn_is_refused_with_its_reason(
    state: State, request_: Input, error: type[CallerError]
) -> None:
    with pytest.raises(error):
        state_after(state, request_)


def test_the_documented_drawing_is_the_table() -> None:
    assert f"```mermaid\n{drawing()}\n```" in DOCUMENT.read_text(encoding="utf-8")
