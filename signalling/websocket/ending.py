"""Why a connection ends, carried from whichever task saw it to the one that closes the socket.

Pure. Called by `signalling.websocket.connection`.
"""

from __future__ import annotations

from relay.traces import forget_trace
from signalling.messages import Closing, ClosingCode
from signalling.websocket.farewells import CLOSE_CODES, CloseCode, farewell
from signalling.websocket.states import Input


class Ending(Exception):  # noqa: N818 - it ends the tasks; it is not an error
    """Why a connection ends."""

    def __init__(
        self, happening: Input, close_code: CloseCode | None, last_words: Closing | None = None
    ) -> None:
        self.happening = happening
        self.close_code = close_code
        """`None` where the socket is closed or lost already."""
        self.last_words = last_words
        super().__init__(happening)

    @property
    def reason(self) -> str:
        """Why, as a metric's label."""
        return self.happening.value.replace(" ", "_")


def goodbye(happening: Input, code: ClosingCode) -> Ending:
    """End with words: the message `closing` with a code, then its close code."""
    return Ending(happening, CLOSE_CODES[code], farewell(code))


def ending_of(failed: BaseExceptionGroup[BaseException]) -> Ending:
    """Give the ending that came first of those that a connection's tasks ended by.

    Where each was raised is forgotten: a trace holds the frames of all that served the connection,
    and one of these holds the ending. Such a ring would stay until Python looks for rings.

    Raises:
        BaseExceptionGroup: Something else went wrong, too.

    """
    endings, others = failed.split(Ending)
    if others is not None:
        raise others
    assert endings is not None, "it is one or the other"
    forget_trace(failed)
    first: Ending | BaseExceptionGroup[Ending] = endings
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first
