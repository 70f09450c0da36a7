"""What the documents promise of seats, standings, legs and flows, sentence by sentence.

Written from docs/protocol.md and docs/silence.md, not from the tables: each sentence says of one
happening what it leads to, wherever somebody or something stands. `test_state_tables` holds the
tables against it, cell by cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from relay.errors import NotFound, SeatUnknown
from relay.rooms.leg_states import LegInput, LegState
from relay.rooms.seat_states import SeatInput, SeatState
from relay.rooms.standing import Standing, StandingInput
from relay.silence.flow_states import FlowInput, FlowState

Outcome = str | type[Exception]
"""The name of the state that follows, or how it is refused; `AssertionError` is what cannot be."""


class Sentence(NamedTuple):
    """What a happening leads to, in words and state by state."""

    words: str
    leads: Mapping[str, Outcome]


SEATS: Final = {
    SeatInput.DETACH: Sentence(
        "A lost socket is no leave: the seat is kept. Of an ended one nothing comes back.",
        {"attached": "kept", "kept": "kept", "ended": "ended"},
    ),
    SeatInput.RESUME: Sentence(
        "Resumed, it speaks again, also where the old connection is still there; "
        "refused with `seat_unknown` when the seat is no longer kept.",
        {"attached": "attached", "kept": "attached", "ended": SeatUnknown},
    ),
    SeatInput.TAKE_OVER: Sentence(
        "With `takeover` the seat moves here; there is none to move once it has ended.",
        {"attached": "attached", "kept": "attached", "ended": SeatUnknown},
    ),
    SeatInput.EXPIRE: Sentence(
        "`expired`: the seat was kept and nobody came. No other kind of seat runs out.",
        {"attached": AssertionError, "kept": "ended", "ended": AssertionError},
    ),
    SeatInput.LEAVE: Sentence(
        "`leave` gives the seat up, whoever still listens.",
        {"attached": "ended", "kept": "ended", "ended": "ended"},
    ),
    SeatInput.CLOSE: Sentence(
        "The room closes for everybody, also for those who are away.",
        {"attached": "ended", "kept": "ended", "ended": "ended"},
    ),
    SeatInput.EJECT: Sentence(
        "Somebody is put out, also while they are away.",
        {"attached": "ended", "kept": "ended", "ended": "ended"},
    ),
}

STANDINGS: Final = {
    StandingInput.ADMIT: Sentence(
        "Lets somebody in who waits; two who admit at once both get what they asked for.",
        {"waiting": "admitted", "admitted": "admitted", "gone": NotFound},
    ),
    StandingInput.SEND_BACK: Sentence(
        "Has somebody wait; what is already so is `ok`, too.",
        {"waiting": "waiting", "admitted": "waiting", "gone": NotFound},
    ),
    StandingInput.MOVE: Sentence(
        "They go on in another room, and are in this one no longer.",
        {"waiting": "gone", "admitted": "gone", "gone": NotFound},
    ),
    StandingInput.EJECT: Sentence(
        "Puts somebody out, from the waiting room too; nobody is put out twice.",
        {"waiting": "gone", "admitted": "gone", "gone": NotFound},
    ),
    StandingInput.END: Sentence(
        "Whose seat ended is gone, whatever became of them before.",
        {"waiting": "gone", "admitted": "gone", "gone": "gone"},
    ),
}

_OVER: Final[Mapping[str, Outcome]] = {"failed": "failed", "closed": "closed"}
"""A leg that is over stays what it is: the participant offers afresh."""

LEGS: Final = {
    LegInput.SECURE: Sentence(
        "The handshake makes a connecting leg a connected one; there is one handshake for each.",
        {
            "connecting": "connected",
            "connected": AssertionError,
            "interrupted": AssertionError,
            **_OVER,
        },
    ),
    LegInput.LOSE_PATH: Sentence(
        "`interrupted`: no path at the moment. One that connects has not come that far.",
        {
            "connecting": "connecting",
            "connected": "interrupted",
            "interrupted": "interrupted",
            **_OVER,
        },
    ),
    LegInput.FIND_PATH: Sentence(
        "With a path an interrupted leg goes on with its keys; none are in use before a handshake.",
        {"connecting": "connecting", "connected": "connected", "interrupted": "connected", **_OVER},
    ),
    LegInput.FAIL: Sentence(
        "What breaks a protocol or comes too late has failed.",
        {"connecting": "failed", "connected": "failed", "interrupted": "failed", **_OVER},
    ),
    LegInput.CLOSE: Sentence(
        "Who leaves, or offers afresh, has the leg closed.",
        {"connecting": "closed", "connected": "closed", "interrupted": "closed", **_OVER},
    ),
}

FLOWS: Final = {
    FlowInput.REST: Sentence(
        "It is over at once when nothing is due any more.",
        dict.fromkeys(map(str, FlowState), "resting"),
    ),
    FlowInput.FLOW: Sentence(
        "What comes, flows; of what people were told, it has to come for a while.",
        {
            "resting": "flowing",
            "flowing": "flowing",
            "doubted": "flowing",
            "silent": "returning",
            "returning": "returning",
        },
    ),
    FlowInput.LACK: Sentence(
        "What lacks packets is doubted; what people were told of is silent still.",
        {
            "resting": "doubted",
            "flowing": "doubted",
            "doubted": "doubted",
            "silent": "silent",
            "returning": "silent",
        },
    ),
    FlowInput.CONFIRM: Sentence(
        "A lack that is confirmed is told, whatever was known before.",
        dict.fromkeys(map(str, FlowState), "silent"),
    ),
    FlowInput.SETTLE: Sentence(
        "It is over when packets have come for 1.5 s: only what returns can settle.",
        {
            "resting": AssertionError,
            "flowing": AssertionError,
            "doubted": AssertionError,
            "silent": AssertionError,
            "returning": "flowing",
        },
    ),
}

STATES: Final = (
    (SeatState, SeatInput, SEATS),
    (Standing, StandingInput, STANDINGS),
    (LegState, LegInput, LEGS),
    (FlowState, FlowInput, FLOWS),
)
"""States, what happens to them, and what is promised of that."""
