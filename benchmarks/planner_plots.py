"""The planner's four plots, for people who decide about machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from benchmarks.harness import plots
from benchmarks.harness.report import Plot
from benchmarks.slot_simulation import PHASES
from relay.planning.scenarios import Influence
from signalling.plan_table import written

DRAWN: Final = (
    Plot("planner", "Consultations at once, cores and nodes for each published target"),
    Plot("planner_inputs", "What each uncertain input does to the traffic of a million a week"),
    Plot("planner_slot", "Consultations running within a slot of a quarter of an hour"),
    Plot("planner_refused", "Refused starts with and without the ripple"),
)
SHADES: Final = (plots.STAGES[0], plots.STAGES[2], plots.TARGET)


def weeks(rows: Sequence[Mapping[str, Any]], *, measured: bool) -> None:
    """Draw the consultations at once, with their range, and write the machines beside them."""
    with plots.plot(
        "planner", "Consultations at once in the busiest hour, and the machines"
    ) as axes:
        basis = "from a measured core" if measured else "provisional: no core was measured yet"
        for place, row in enumerate(rows):
            low, central, high = (each["peak_sessions"] for each in (row["low"], row, row["high"]))
            axes.plot([low, high], [place, place], color=plots.STAGES[3], lw=7, alpha=0.6)
            axes.plot(central, place, "o", color=plots.RELAY, ms=8)
            words = f"{written(central)} at once · {row['cores']:,} cores · {row['nodes']:,} nodes"
            axes.text(high * 1.4, place, words, va="center", fontsize=8.5)
        axes.set_yticks(range(len(rows)))
        axes.set_yticklabels(
            [f"{row['weekly']:,} a week\n{row['words']}" for row in rows], fontsize=7.5
        )
        axes.set_xscale("log")
        axes.set_xlim(8, 4e8)
        axes.set_xticks([10, 100, 1_000, 10_000, 100_000])
        axes.set_xticklabels(["10", "100", "1,000", "10,000", "100,000"])
        axes.minorticks_off()
        axes.grid(visible=False, axis="y")
        axes.invert_yaxis()
        axes.set_xlabel(
            "consultations at once: central (dot), low to high (band)\n"
            f"machines: a zone of three to spare, {basis}"
        )
        axes.xaxis.set_label_coords(0.0, -0.1)
        axes.xaxis.label.set_horizontalalignment("left")


def phases(curves: Mapping[float, tuple[Sequence[float], Sequence[float]]]) -> None:
    """Draw formula and simulation over a slot, by punctuality."""
    title = "Appointments on the quarter of an hour lift the peak"
    with plots.plot("planner_slot", title) as axes:
        minutes = [15 * phase / PHASES for phase in range(PHASES)]
        for (jitter_min, (computed, simulated)), colour in zip(curves.items(), SHADES, strict=True):
            axes.plot(
                minutes,
                [100 * value for value in computed],
                color=colour,
                label=f"people within ± {jitter_min:g} min (standard deviation)",
            )
            axes.plot(
                minutes[::3], [100 * value for value in simulated[::3]], ".", color=colour, ms=5
            )
        axes.plot([], [], ".", color="#444444", label="simulated, person by person")
        axes.axhline(100, color=plots.FLOOR, lw=1, ls="--")
        axes.set_xlim(0, 15)
        axes.set_ylim(60, 150)
        axes.set_xlabel("minutes after the appointment")
        axes.set_ylabel("consultations running,\n% of the hour's mean")
        axes.legend(fontsize=8.5)


def refused(rows: Sequence[Mapping[str, Any]], cases: Mapping[str, str], allowed: float) -> None:
    """Draw who is refused, by how the slots were counted."""
    with plots.plot("planner_refused", "Who finds every slot taken (simulated)") as axes:
        weekly = sorted({row["weekly"] for row in rows})
        for index, ((case, words), colour) in enumerate(
            zip(cases.items(), SHADES_OF_CASES, strict=True)
        ):
            mine = [row for row in rows if row["case"] == case]
            places = [weekly.index(row["weekly"]) + 0.2 * (index - 1) for row in mine]
            values = [max(1e6 * row["refused"], LEAST) for row in mine]
            axes.bar(places, values, 0.18, bottom=0, color=colour, label=words)
            for place, row in zip(places, mine, strict=True):
                count = 1e6 * row["refused"]
                axes.text(
                    place,
                    max(count, LEAST) * 1.15,
                    written(count) if count else "0",
                    ha="center",
                    fontsize=7.5,
                    bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
                )
        axes.axhline(1e6 * allowed, color="#444444", lw=1.2, ls="--", zorder=0.5)
        axes.text(len(weekly) - 0.62, 1e6 * allowed * 1.15, "allowed", fontsize=8, ha="left")
        axes.set_yscale("log")
        axes.set_yticks([1, 10, 100, 1_000, 10_000, 100_000])
        axes.set_yticklabels(["1", "10", "100", "1,000", "10,000", "100,000"])
        axes.minorticks_off()
        axes.set_ylim(LEAST, 1e6)
        axes.set_xlim(-0.5, len(weekly) - 0.3)
        axes.set_xticks(range(len(weekly)))
        axes.set_xticklabels([f"{value:,}\na week" for value in weekly])
        axes.grid(visible=False, axis="x")
        axes.set_ylabel("refused of a million starts")
        axes.legend(fontsize=8.5, loc="upper left")


def inputs(found: Sequence[Influence], rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw what one input at a time does to the traffic of a million consultations a week."""
    row = next(row for row in rows if row["weekly"] == 1_000_000)
    central = row["gbit_in"] + row["gbit_out"]
    ranked = sorted(found, key=lambda each: abs(each.gbit[1] - each.gbit[0]))
    title = "A million a week, one uncertain input at a time"
    with plots.plot("planner_inputs", title) as axes:
        for place, each in enumerate(ranked):
            for end, value in zip(each.gbit, (each.low, each.high), strict=True):
                colour = plots.TARGET if end > central else plots.RELAY
                axes.barh(place, end - central, left=central, color=colour, height=0.6)
                side = "left" if end > central else "right"
                offset = 0.4 if end > central else -0.4
                axes.text(end + offset, place, written(value), va="center", ha=side, fontsize=8)
        axes.axvline(central, color="#444444", lw=1)
        axes.set_yticks(range(len(ranked)))
        axes.set_yticklabels([f"{each.words} ({UNITS[each.words]})" for each in ranked])
        axes.grid(visible=False, axis="y")
        axes.set_xlim(15, 75)
        axes.set_xlabel(
            f"Gbit/s in and out (central case {central:.0f}); at a bar's end: the input"
        )


LEAST: Final = 1.0
"""Of a million: what is refused less often is drawn at the axis."""

SHADES_OF_CASES: Final = (plots.FLOOR, plots.TARGET, plots.RELAY)

UNITS: Final = {
    "busiest day": "of the week",
    "busiest hour": "of the day",
    "duration": "min",
    "parties": "people",
    "participants with a picture": "of all",
    "video bitrate": "kbit/s",
    "simulcast": "times",
    "spread of the durations": "ratio",
    "punctuality": "± min",
}
