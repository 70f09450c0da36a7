"""What a measurement leaves behind: figures, the bars for them, and where they hold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from benchmarks.harness import machine
from benchmarks.harness.machine import Machine

FOLDER: Final = Path(__file__).resolve().parents[1] / "results"
MISSING: Final = "\N{EN DASH}"
"""Stands where a figure would, if there were one."""

Sense = Literal["at most", "at least"]


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure and what it has to be."""

    name: str
    value: float | None
    """What was found; nothing only where `unproven` says why there is no figure."""
    unit: str
    target: float
    sense: Sense = "at most"
    stretch: float | None = None
    """What would be better than it has to be; never part of `met`."""
    unproven: str = ""
    """Why there is no figure, or why what was found does not show that the target is met."""

    def __post_init__(self) -> None:
        """Refuse a figure that is missing without a word."""
        assert self.value is not None or self.unproven, f"nobody says why «{self.name}» is missing"

    @property
    def met(self) -> bool:
        """Whether it is what it has to be."""
        return not self.unproven and self._reaches(self.target)

    @property
    def verdict(self) -> str:
        """Say in words whether it is, and whether it is better still."""
        if self.doubt:
            return f"not met: {self.doubt}"
        if self.stretch is not None and self._reaches(self.stretch):
            return "met, and the stretch"
        return "met" if self.met else "not met"

    @property
    def doubt(self) -> str:
        """Why it is not met; nothing where the figure itself says so."""
        return self.unproven if self.value is None or self._reaches(self.target) else ""

    @property
    def found(self) -> str:
        """Say in words what was found."""
        return MISSING if self.value is None else f"{self.value:,.2f} {self.unit}"

    @property
    def has_to_be(self) -> str:
        """Say in words what it has to be."""
        words = f"{self.sense} {self.target:g} {self.unit}"
        return words if self.stretch is None else f"{words} (stretch {self.stretch:g})"

    def _reaches(self, figure: float) -> bool:
        if self.value is None:
            return False
        return self.value <= figure if self.sense == "at most" else self.value >= figure

    def row(self) -> dict[str, object]:
        """Give it as JSON has it."""
        row: dict[str, object] = {
            "name": self.name,
            "value": None if self.value is None else round(self.value, 4),
            "unit": self.unit,
            "target": self.target,
            "sense": self.sense,
            "met": self.met,
        }
        if self.doubt:
            row["unproven"] = self.doubt
        return row if self.stretch is None else row | {"stretch": self.stretch}


@dataclass(frozen=True, slots=True)
class Result:
    """One measurement, ready to be written."""

    name: str
    configuration: Mapping[str, Any]
    figures: Mapping[str, Any]
    bars: Sequence[Bar]
    notes: Sequence[str] = ()
    unjudged: str = ""
    """Why there is no bar, where there is none."""
    where: Machine = field(default_factory=machine.here)
    commit: str = field(default_factory=machine.commit)
    measured_at: str = field(
        default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds")
    )

    def document(self) -> dict[str, Any]:
        """Give it as JSON has it."""
        assert self.bars or self.unjudged, "a measurement is held against something"
        return {
            "name": self.name,
            "commit": self.commit,
            "measured_at": self.measured_at,
            "machine": self.where.row(),
            "configuration": dict(self.configuration),
            "bars": [bar.row() for bar in self.bars],
            "notes": [*([self.unjudged] if self.unjudged else []), *self.notes],
            "figures": dict(self.figures),
        }

    def write(self) -> Path:
        """Write `results/NAME.json` and say where it is."""
        FOLDER.mkdir(exist_ok=True)
        path = FOLDER / f"{self.name}.json"
        path.write_text(json.dumps(self.document(), indent=1, ensure_ascii=False) + "\n")
        return path
