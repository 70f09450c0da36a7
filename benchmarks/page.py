"""Write the figures of `results/` into the documents that show them.

`python -m benchmarks.page`. A document says where: between `<!-- figures: NAME -->` and
`<!-- end of figures -->` stands what `results/NAME.json` says; without that file, that it was not
measured yet. Between `<!-- plots: NAME -->` and `<!-- end of plots -->` stand the plots it names. A
test holds the documents current.
"""

from __future__ import annotations

import json
import os
import re
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.harness.failure import run
from benchmarks.harness.options import result_name
from benchmarks.harness.programs import ROOT
from benchmarks.harness.results import FOLDER, MISSING

MOST_NOTES: Final = 6
DOCUMENTS: Final = (
    ROOT / "docs" / "adaptation.md",
    ROOT / "docs" / "performance.md",
    ROOT / "docs" / "emulator.md",
    ROOT / "docs" / "silence.md",
    ROOT / "README.md",
)
NOT_ADAPTED: Final = "media.adaptation = false"
PLACE: Final = re.compile(
    r"(?P<begin><!-- (?P<what>figures|plots): (?P<name>[a-z0-9_]+) -->\n).*?"
    r"(?P<end><!-- end of (?P=what) -->)",
    re.DOTALL,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring every document up to date, and say which changed."""
    words = "Write the figures of benchmarks/results into the documents."
    ArgumentParser(prog="python -m benchmarks.page", description=words).parse_args(arguments)
    for path in DOCUMENTS:
        text = path.read_text()
        current = rendered(text, path.parent)
        if current != text:
            path.write_text(current)
            print(path)
    return 0


def rendered(text: str, folder: Path) -> str:
    """Give a document's text with the figures as they are now.

    Args:
        text: The document.
        folder: Where it stands, for what it links to.

    """
    return PLACE.sub(lambda place: place["begin"] + _shown(place, folder) + place["end"], text)


def _shown(place: re.Match[str], folder: Path) -> str:
    name = place["name"]
    path = FOLDER / f"{name}.json"
    if not path.exists():
        command = f"make bench-{name.replace('_', '-')}"
        return f"*Not measured yet on this commit's machine: `{command}`.*\n"
    result = json.loads(path.read_text())
    if place["what"] == "figures":
        lines = (*_outdated(name, result), *_table(result), *_plot(name, name, folder), "")
        return "\n".join(lines)
    drawn = result["figures"]["plots"]
    return "\n".join(line for plot in drawn for line in (*_plot(plot, name, folder), ""))


def _outdated(name: str, result: Mapping[str, Any]) -> list[str]:
    """Say of figures without adaptation that stand where those with it belong what they are."""
    without = result["configuration"].get("adaptation") is False
    if not without or name.endswith(result_name("", adaptation=False)):
        return []
    command = f"make bench-{name.replace('_', '-')}"
    state = f"an earlier state, without adaptation (`{NOT_ADAPTED}`)"
    return [
        f"> **These figures are of {state}, which every relay has by default now.**",
        f"> They say nothing about relays as they are deployed; `{command}` has not run since.",
        "",
    ]


def _table(result: Mapping[str, Any]) -> list[str]:
    rows = [
        f"| {bar['name']} | {_found(bar)} | {_has_to_be(bar)} | {_met(bar)} |"
        for bar in result["bars"]
    ]
    return [
        "| figure | found | has to be | met |",
        "|---|---|---|---|",
        *rows,
        "",
        _where(result),
        "",
        *_notes(result["notes"]),
        "",
    ]


def _notes(notes: Sequence[str]) -> list[str]:
    """Give the first ones, which are about all of it; a noisy host makes one of each run."""
    shown = [f"- {note}" for note in notes[:MOST_NOTES]]
    more = len(notes) - MOST_NOTES
    return [*shown, f"- {more} more notes are in the report."] if more > 0 else shown


def _where(result: Mapping[str, Any]) -> str:
    machine = result["machine"]
    cores = f"{machine['cores']} {'virtual ' if machine['virtual'] else ''}cores"
    return (
        f"Measured {result['measured_at'][:10]}{_adaptation(result)} at commit "
        f"`{result['commit'][:9]}` on "
        f"{machine['processor']}, {cores}, Linux {machine['kernel']}; load average "
        f"{machine['load_average_1min']:g}."
    )


def _adaptation(result: Mapping[str, Any]) -> str:
    """Say of a measurement that can be made with and without adaptation which it was."""
    words = {True: " with adaptation", False: f" with `{NOT_ADAPTED}`"}
    return words.get(result["configuration"].get("adaptation"), "")


def _plot(name: str, of: str, folder: Path) -> list[str]:
    """Show a plot, with a link to the report that it is part of."""
    picture = FOLDER / f"{name}.png"
    if not picture.exists():
        return []
    link = Path(os.path.relpath(picture, folder)).as_posix()
    report = Path(os.path.relpath(FOLDER / f"{of}.html", folder)).as_posix()
    return [f"[![{name.replace('_', ' ')}]({link})]({report})"]


def _found(bar: Mapping[str, Any]) -> str:
    return MISSING if bar["value"] is None else f"{_number(bar['value'])} {bar['unit']}"


def _met(bar: Mapping[str, Any]) -> str:
    """Say whether it is; where the figure alone would not tell, say why it is not."""
    if bar["met"]:
        return "yes"
    return f"**no**: {bar['unproven']}" if "unproven" in bar else "**no**"


def _has_to_be(bar: Mapping[str, Any]) -> str:
    words = f"{bar['sense']} {bar['target']:g} {bar['unit']}"
    return f"{words} (stretch {bar['stretch']:g})" if "stretch" in bar else words


def _number(value: float) -> str:
    """Give three digits that say something, and no less than the whole number."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.3g}"


if __name__ == "__main__":
    run("page", lambda: main(sys.argv[1:]))
