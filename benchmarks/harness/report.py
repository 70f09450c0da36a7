"""A report that can be read without anything else: one HTML file with its plots inside."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from benchmarks.harness import plots
from benchmarks.harness.results import FOLDER, Result


@dataclass(frozen=True, slots=True)
class Table:
    """Figures in rows."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[object]]


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot that was drawn, and what it shows, for those who cannot see it."""

    name: str
    words: str

    @property
    def data(self) -> str:
        """Its PNG as an HTML file holds it."""
        return base64.b64encode(plots.path_of(self.name).read_bytes()).decode()


def write(
    result: Result, *, title: str, summary: str, drawn: Sequence[Plot], tables: Sequence[Table]
) -> Path:
    """Write `results/NAME.html` and say where it is."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    html = environment.get_template("report.html.j2").render(
        title=title,
        summary=summary,
        document=result.document(),
        bars=result.bars,
        plots=drawn,
        tables=tables,
        command=f"make bench-{result.name.replace('_', '-')}",
    )
    path = FOLDER / f"{result.name}.html"
    path.write_text(html + "\n")
    return path
