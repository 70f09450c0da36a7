"""The life of one flow, from a publisher to the relay or from there to a receiver, as a table.

Pure. `docs/silence.md` shows this table; `relay.silence.watch` obeys it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class FlowState(StrEnum):
    """How a flow stands."""

    RESTING = "resting"
    """Nothing is due: muted, paused, switched off, watched by nobody, or an outage was told."""
    FLOWING = "flowing"
    """What is due comes."""
    DOUBTED = "doubted"
    """It does not come, and that may still be a moment's."""
    SILENT = "silent"
    """It does not come, and people have been told."""
    RETURNING = "returning"
    """It comes again, and that may still be a moment's."""


class FlowInput(StrEnum):
    """What a look at a flow finds."""

    REST = "rest"
    """Nothing is due."""
    FLOW = "flow"
    """It comes."""
    LACK = "lack"
    """It does not come."""
    CONFIRM = "confirm"
    """It has not come for longer than a moment."""
    SETTLE = "settle"
    """It has come for longer than a moment."""


FLOW_TABLE: Final[Mapping[tuple[FlowState, FlowInput], FlowState]] = {
    **{(state, FlowInput.REST): FlowState.RESTING for state in FlowState},
    (FlowState.RESTING, FlowInput.FLOW): FlowState.FLOWING,
    (FlowState.FLOWING, FlowInput.FLOW): FlowState.FLOWING,
    (FlowState.DOUBTED, FlowInput.FLOW): FlowState.FLOWING,
    (FlowState.SILENT, FlowInput.FLOW): FlowState.RETURNING,
    (FlowState.RETURNING, FlowInput.FLOW): FlowState.RETURNING,
    (FlowState.RESTING, FlowInput.LACK): FlowState.DOUBTED,
    (FlowState.FLOWING, FlowInput.LACK): FlowState.DOUBTED,
    (FlowState.DOUBTED, FlowInput.LACK): FlowState.DOUBTED,
    (FlowState.SILENT, FlowInput.LACK): FlowState.SILENT,
    # It has been told already, and has not been told to be over.
    (FlowState.RETURNING, FlowInput.LACK): FlowState.SILENT,
    # Ages are measured: what is seen for the first time may have lasted long enough.
    (FlowState.RESTING, FlowInput.CONFIRM): FlowState.SILENT,
    (FlowState.FLOWING, FlowInput.CONFIRM): FlowState.SILENT,
    (FlowState.DOUBTED, FlowInput.CONFIRM): FlowState.SILENT,
    (FlowState.SILENT, FlowInput.CONFIRM): FlowState.SILENT,
    (FlowState.RETURNING, FlowInput.CONFIRM): FlowState.SILENT,
    (FlowState.RETURNING, FlowInput.SETTLE): FlowState.FLOWING,
}

TOLD: Final = frozenset({FlowState.SILENT, FlowState.RETURNING})
"""While a flow is in one of these, people know that it is silent."""


def flow_after(state: FlowState, happening: FlowInput) -> FlowState:
    """Give the state that follows."""
    following = FLOW_TABLE.get((state, happening))
    assert following is not None, "only what returns can settle"
    return following
