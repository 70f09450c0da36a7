"""Why a connection ends, carried from whichever task saw it to the one that closes the socket.

Pure. Called by `signalling.websocket.connection`.
"""

from __future__ import annotations

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


def first_of(endings: BaseExceptionGroup[Ending]) -> Ending:
    """Give the ending that came first; the others followed from it."""
    ending = endings.exceptions[0]
    return first_of(ending) if isinstance(ending, BaseExceptionGroup) else ending
