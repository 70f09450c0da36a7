"""How often somebody may get a password wrong before they have to wait.

Pure: it is handed the time. It remembers so many people and no more. Called by
`examples.clinic.web.login`.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import Final

ALLOWED: Final = 5
"""Wrong tries before a wait: a person mistypes twice or three times."""
WITHIN_S: Final = 15 * 60.0
REMEMBERED: Final = 10_000
"""People; beyond, whoever failed longest ago is forgotten."""


class Attempts:
    """The failures of the last quarter of an hour, by whatever names those who failed."""

    def __init__(self, *, allowed: int = ALLOWED) -> None:
        self._allowed = allowed
        self._failures: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, who: str, now_s: float) -> float:
        """Say how long somebody has to wait before they may try; 0 for at once."""
        failures = self._failures.get(who)
        if failures is None or len(failures) < self._allowed:
            return 0.0
        return max(0.0, failures[0] + WITHIN_S - now_s)

    def failed(self, who: str, now_s: float) -> None:
        """Take note of a wrong try."""
        failures = self._failures.setdefault(who, deque(maxlen=self._allowed))
        failures.append(now_s)
        self._failures.move_to_end(who)
        if len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def forgive(self, who: str, then_s: float) -> None:
        """Take back the try of a moment, which was not wrong."""
        failures = self._failures.get(who)
        if failures is not None and then_s in failures:
            failures.remove(then_s)

    def succeeded(self, who: str) -> None:
        """Forget somebody's wrong tries."""
        self._failures.pop(who, None)
