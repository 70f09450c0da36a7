"""`visavis plan`: from consultations a week to machines.

Parses and prints; `relay.planning` computes. Every field of `Assumptions` is an option, made from
the table, so that none can be forgotten. Called by `signalling.__main__`.
"""

from __future__ import annotations

import inspect
from importlib.resources import files
from typing import Annotated, Any, Final

import msgspec
import typer

from relay.planning.assumptions import Assumptions, meanings
from relay.planning.capacity import Capacity, chosen_capacity, parse_capacity
from relay.planning.meaning import Meaning
from relay.planning.plan import Plan, make_plan
from relay.planning.scenarios import at_end, influences
from signalling.plan_table import influence_table, plan_table

DEFAULT_CAPACITY: Final = "measured_capacity.json"


def default_capacity() -> Capacity:
    """Read what the package says a core carries.

    Raises:
        ConfigurationError: The file is damaged.

    """
    return parse_capacity(files("relay.planning").joinpath(DEFAULT_CAPACITY).read_bytes())


def plan(
    weekly: int,
    *,
    as_json: bool,
    annual_average: bool,
    sensitivity: bool,
    practitioners: int | None,
    packets_per_core: float | None,
    **assumptions: float | None,
) -> None:
    """Say how many cores and machines a number of consultations a week needs.

    The defaults come from published figures on teleconsultation and, where there are none, from
    assumptions that say so; docs/planning.md explains the model.
    """
    chosen = {name: value for name, value in assumptions.items() if value is not None}
    capacity = default_capacity() if packets_per_core is None else chosen_capacity(packets_per_core)
    central = Assumptions(**chosen)  # type: ignore[arg-type]  # typer gave whole numbers where due

    def planned(given: Assumptions) -> Plan:
        return make_plan(
            weekly, given, capacity, annual_average=annual_average, practitioners=practitioners
        )

    middle = planned(central)
    low, high = (planned(at_end(central, end, chosen.keys())) for end in ("low", "high"))
    moved = (
        influences(weekly, central, chosen=chosen.keys(), practitioners=practitioners)
        if sensitivity
        else []
    )
    if not as_json:
        typer.echo(plan_table(low, middle, high))
        if moved:
            typer.echo("\n" + influence_table(middle, moved))
        return
    document: dict[str, Any] = middle.document()
    document["range"] = {"low": low.rounded_figures(), "high": high.rounded_figures()}
    if sensitivity:
        document["sensitivity"] = msgspec.to_builtins(moved)
    typer.echo(msgspec.json.format(msgspec.json.encode(document), indent=1).decode())


def _option(name: str, meaning: Meaning) -> inspect.Parameter:
    kind = int if meaning.whole else float
    span = "" if meaning.low == meaning.high else f", {meaning.low:g} to {meaning.high:g}"
    words = f"{meaning.words} ({meaning.unit}). {meaning.central:g}{span}: {meaning.source}."
    flag = "--" + name.replace("_", "-")
    option = typer.Option(flag, help=words, rich_help_panel="Assumptions", show_default=False)
    return _parameter(name, kind | None, option, None)


def _parameter(name: str, kind: Any, option: Any, default: object) -> inspect.Parameter:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[kind, option], default=default
    )


_OWN_OPTIONS: Final = (
    _parameter(
        "weekly",
        int,
        typer.Option("--weekly", help="Consultations in the week to be carried."),
        inspect.Parameter.empty,
    ),
    _parameter(
        "annual_average",
        bool,
        typer.Option(
            "--annual-average",
            help="The week is a mean one: size the machines for the season's busiest.",
        ),
        default=False,
    ),
    _parameter(
        "practitioners",
        int | None,
        typer.Option("--practitioners", help="Who work at once: a ceiling of the consultations."),
        None,
    ),
    _parameter(
        "packets_per_core",
        float | None,
        typer.Option(
            "--packets-per-core",
            help="Relayed packets a second that one core carries, as `make bench-capacity` "
            "measures it on your machine; without it, what was measured on the project's.",
        ),
        None,
    ),
    _parameter(
        "sensitivity",
        bool,
        typer.Option("--sensitivity", help="Move one uncertain input at a time."),
        default=False,
    ),
    _parameter(
        "as_json", bool, typer.Option("--json", help="Print JSON for programs."), default=False
    ),
)

plan.__signature__ = inspect.Signature(  # type: ignore[attr-defined]  # typer reads it
    [*_OWN_OPTIONS, *(_option(name, meaning) for name, meaning in meanings().items())]
)
