"""What a link is asked to be: figures of each direction, and changes of them over time, as data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from benchmarks.harness.failure import BenchmarkFailed

Way = Literal["down", "up"]
"""Down is from the server to the client."""

WAYS: Final = ("down", "up")
KEYS: Final = frozenset(
    {
        "rate_bps",
        "trace_path",
        "queue_ms",
        "queue_bytes",
        "delay_ms",
        "jitter_ms",
        "reorder",
        "loss",
        "duplicate",
        "blackout",
    }
)
"""What the emulator lets be set (codecs/loadgen/src/emulator/setting.rs says to what)."""

Settings = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """A line of a schedule."""

    t_ms: float
    direction: Way
    key: str
    value: Any

    def __post_init__(self) -> None:
        """Refuse what the emulator would, while the line is still known.

        Raises:
            BenchmarkFailed: The key, the direction or the time cannot be.

        """
        if self.direction not in WAYS:
            raise BenchmarkFailed(f"a link has the directions down and up, not {self.direction!r}")
        if self.key not in KEYS:
            raise BenchmarkFailed(f"{self.key!r} cannot be set; these can: {sorted(KEYS)}")
        if not self.t_ms >= 0:
            raise BenchmarkFailed(f"a change comes at 0 ms or later, not at {self.t_ms!r}")

    def row(self) -> dict[str, Any]:
        """Give it as the emulator reads it."""
        return {
            "t_ms": self.t_ms,
            "direction": self.direction,
            "key": self.key,
            "value": _as_text(self.value),
        }


@dataclass(frozen=True, slots=True)
class LinkSetup:
    """A link."""

    down: Settings = field(default_factory=dict)
    up: Settings = field(default_factory=dict)
    schedule: Sequence[Change] = ()
    """Counted from when the link is ready."""
    seed: int = 1
    duration_s: float | None = None
    """When it ends by itself; without it, when it is left."""
    busy_wait_us: int = 0
    """How long before a packet is due the emulator's core is kept busy instead of asleep."""
    keep_awake: bool = False
    """Whether no core of the machine is halted meanwhile: to wake one takes long on some hosts."""
    core: int | None = None
    """The core the emulator keeps to."""

    def __post_init__(self) -> None:
        """Refuse keys that nobody knows.

        Raises:
            BenchmarkFailed: There is one.

        """
        for way, settings in (("down", self.down), ("up", self.up)):
            unknown = sorted(set(settings) - KEYS)
            if unknown:
                raise BenchmarkFailed(f"{way}: {unknown[0]!r} cannot be set; see {sorted(KEYS)}")

    def document(self) -> dict[str, Any]:
        """Give it as the emulator reads it."""
        document: dict[str, Any] = {
            "seed": self.seed,
            "busy_wait_us": self.busy_wait_us,
            "keep_awake": self.keep_awake,
            "down": {key: _as_text(value) for key, value in self.down.items()},
            "up": {key: _as_text(value) for key, value in self.up.items()},
            "schedule": [change.row() for change in self.schedule],
        }
        if self.duration_s is not None:
            document["duration_s"] = self.duration_s
        if self.core is not None:
            document["core"] = self.core
        return document


def schedule_of(text: str) -> list[Change]:
    r"""Read a schedule: JSON lines `{"t_ms": …, "direction": …, "key": …, "value": …}`.

    Raises:
        BenchmarkFailed: A line is none; its number is told.

    """
    changes = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
            changes.append(Change(**found))
        except (ValueError, TypeError) as error:
            words = f"line {number} of the schedule is no change: {error}"
            raise BenchmarkFailed(words) from None
        except BenchmarkFailed as failure:
            raise BenchmarkFailed(f"line {number} of the schedule: {failure}") from None
    return changes


def _as_text(value: Any) -> Any:
    return str(value.resolve()) if isinstance(value, Path) else value
