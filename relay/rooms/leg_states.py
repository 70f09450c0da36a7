"""The life of a leg, as a table.

Pure. A leg is one transport: ICE, DTLS, SRTP. `docs/seats.md` draws this table; `relay.session`
obeys it, and the participant is told the state's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class LegState(StrEnum):
    """Where a leg is in its life."""

    CONNECTING = "connecting"
    """Answered; the path is being checked and the handshake made."""
    CONNECTED = "connected"
    """Keys are in use."""
    INTERRUPTED = "interrupted"
    """The path was lost; keys, sequences and slots wait for another path."""
    FAILED = "failed"
    """It is over, and the participant should offer afresh."""
    CLOSED = "closed"
    """It is over because somebody wanted it so."""


class LegInput(StrEnum):
    """What happens to a leg."""

    SECURE = "secure"
    """The handshake is done and the certificate is the announced one."""
    LOSE_PATH = "lose path"
    """Consent ran out (RFC 7675)."""
    FIND_PATH = "find path"
    """An authenticated check nominated a path."""
    FAIL = "fail"
    """The handshake failed, the time was over, or the participant broke a protocol."""
    CLOSE = "close"
    """The participant left, or a fresh leg took its place."""


LEG_TABLE: Final[Mapping[tuple[LegState, LegInput], LegState]] = {
    (LegState.CONNECTING, LegInput.FIND_PATH): LegState.CONNECTING,
    # The handshake has its own limit of time, which is shorter than consent's.
    (LegState.CONNECTING, LegInput.LOSE_PATH): LegState.CONNECTING,
    (LegState.CONNECTING, LegInput.SECURE): LegState.CONNECTED,
    (LegState.CONNECTING, LegInput.FAIL): LegState.FAILED,
    (LegState.CONNECTING, LegInput.CLOSE): LegState.CLOSED,
    (LegState.CONNECTED, LegInput.FIND_PATH): LegState.CONNECTED,
    (LegState.CONNECTED, LegInput.LOSE_PATH): LegState.INTERRUPTED,
    (LegState.CONNECTED, LegInput.FAIL): LegState.FAILED,
    (LegState.CONNECTED, LegInput.CLOSE): LegState.CLOSED,
    (LegState.INTERRUPTED, LegInput.FIND_PATH): LegState.CONNECTED,
    (LegState.INTERRUPTED, LegInput.LOSE_PATH): LegState.INTERRUPTED,
    (LegState.INTERRUPTED, LegInput.FAIL): LegState.FAILED,
    (LegState.INTERRUPTED, LegInput.CLOSE): LegState.CLOSED,
    # Whatever still arrives about a leg that is over changes nothing.
    **{(LegState.FAILED, happening): LegState.FAILED for happening in LegInput},
    **{(LegState.CLOSED, happening): LegState.CLOSED for happening in LegInput},
}


def leg_after(state: LegState, happening: LegInput) -> LegState:
    """Give the state that follows."""
    following = LEG_TABLE.get((state, happening))
    assert following is not None, "a leg is secured once, by the task that owns it"
    return following
