"""One flow watched: from what each look finds to what is told, without flicker.

Pure. Made and asked by `relay.monitoring.silences`; `relay.silence.judging` finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from relay.silence.flow_states import TOLD, FlowInput, FlowState, flow_after
from relay.trouble import Cause, Trouble
from relay.units import NS_PER_MS

SETTLED_AFTER_MS: Final = 1_500
"""What has come back for this long is told to be back: more than three packets of discontinuous
sound, so that one that slipped through a broken path is not news."""

REFINED_AFTER_MS: Final = 1_000
"""Another cause is told no sooner after the last: what clients claim must not flood the others."""

GATED_FACTOR: Final = 8
MOST_GATED_MS: Final = 60_000
"""Some noise suppressors give digital silence whenever nobody speaks. A microphone that came back
by itself is one of those: each time, its silence counts 8 times later, up to a minute."""


class Lack(NamedTuple):
    """What is due does not come."""

    trouble: Trouble
    age_ms: int
    """For how long, as far as that was measured."""
    patience_ms: int
    """For how long that may be a moment's."""


Finding = Lack | Literal["rest", "flow"]
Change = Literal["begun", "refined", "over"]


@dataclass(slots=True)
class Watch:
    """The verdict on one flow."""

    state: FlowState = FlowState.RESTING
    trouble: Trouble | None = None
    """What people have been told, while they have."""
    since_ns: int = 0
    """When the trouble began to be told."""
    turned_ns: int = 0
    """Since when it lacked what is told, or came again: sooner than that was sure."""
    _due_ns: int = 0
    """Since when something is due."""
    _flowing_ns: int = 0
    _told_ns: int = 0
    _gated: int = 0

    def ago_ns(self, change: Change, now_ns: int) -> int:
        """Say how long before it was sure a change had come; what is gone went just now."""
        is_gone = change == "over" and self.trouble is not None
        return 0 if is_gone else max(0, now_ns - self.turned_ns)

    @property
    def is_calm(self) -> bool:
        """Whether nothing is the matter, so that a look a second is enough."""
        return self.state in (FlowState.RESTING, FlowState.FLOWING)

    def hear(self, finding: Finding, now_ns: int) -> Change | None:
        """Take what a look has found; give what there is to tell.

        Args:
            finding: What was found.
            now_ns: When, monotonic; never before the last look.

        """
        if self.state is FlowState.RESTING and finding != "rest":
            self._due_ns = now_ns
        before = self.state
        self.state = flow_after(before, self._input(finding, now_ns))
        if self.state is FlowState.RETURNING and before is FlowState.SILENT:
            self._flowing_ns = now_ns
        if before in TOLD and self.state not in TOLD:
            is_gated = self.trouble is not None and self.trouble.cause is Cause.NO_SOUND
            self._gated += is_gated and self.state is FlowState.FLOWING
            self.trouble = None
            # Of what is no longer due nobody knows whether it came again.
            self.turned_ns = self._flowing_ns if self.state is FlowState.FLOWING else now_ns
            return "over"
        if not isinstance(finding, Lack) or self.state is not FlowState.SILENT:
            return None
        return self._tell(finding, before, now_ns)

    def _tell(self, lack: Lack, before: FlowState, now_ns: int) -> Change | None:
        if before not in TOLD:
            self.trouble, self.since_ns, self._told_ns = lack.trouble, now_ns, now_ns
            self.turned_ns = max(self._due_ns, now_ns - lack.age_ms * NS_PER_MS)
            return "begun"
        is_early = now_ns - self._told_ns < REFINED_AFTER_MS * NS_PER_MS
        if lack.trouble == self.trouble or is_early or not self._is_confirmed(lack, now_ns):
            return None
        self.trouble, self._told_ns = lack.trouble, now_ns
        return "refined"

    def _input(self, finding: Finding, now_ns: int) -> FlowInput:
        if finding == "rest":
            return FlowInput.REST
        if isinstance(finding, Lack):
            is_confirmed = self._is_confirmed(finding, now_ns)
            return FlowInput.CONFIRM if is_confirmed else FlowInput.LACK
        settles = (
            self.state is FlowState.RETURNING
            and now_ns - self._flowing_ns >= SETTLED_AFTER_MS * NS_PER_MS
        )
        return FlowInput.SETTLE if settles else FlowInput.FLOW

    def _is_confirmed(self, lack: Lack, now_ns: int) -> bool:
        """Whether it has lasted: nothing is missing of what has only just become due."""
        patience_ms = lack.patience_ms
        if lack.trouble.cause is Cause.NO_SOUND and self._gated:
            patience_ms = min(patience_ms * GATED_FACTOR**self._gated, MOST_GATED_MS)
        due_ms = (now_ns - self._due_ns) // NS_PER_MS
        return min(lack.age_ms, due_ms) >= patience_ms
