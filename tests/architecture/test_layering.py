"""Who may import whom: the table of ARCHITECTURE.md, checked on the syntax trees."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.project import PACKAGES, imports_of, module_of, name_of, of_packages

VOCABULARY = {
    "relay.ids",
    "relay.units",
    "relay.clock",
    "relay.errors",
    "relay.config",
    "relay.traces",
    "relay.precall",
    "relay.trouble",
}

BELOW = {
    *VOCABULARY,
    "relay.rooms",
    "relay.transports",
    "relay.metrics",
    "relay.layers",
    "relay.silence",
    "relay.charts",
    "relay.engine",
    "relay.workers",
    "relay.ports",
    "relay.messages",
}
PARTS = (
    "relay.legs",
    "relay.session",
    "relay.places",
    "relay.routing",
    "relay.adaptation",
    "relay.seats",
    "relay.checks",
    "relay.monitoring",
    "relay.moderation",
)
"""What is done with people: each may import those before it, and all that is `BELOW`."""

MAY_IMPORT: dict[str, set[str]] = {
    # Bottom to top; a module may import its own row's package and what the row lists.
    **dict.fromkeys(VOCABULARY, VOCABULARY),
    "relay.rooms": VOCABULARY,
    "relay.metrics": VOCABULARY,
    "relay.transports": VOCABULARY,
    "relay.planning": VOCABULARY,
    # The compiled estimator comes in by the engine's door.
    "relay.congestion": {*VOCABULARY, "relay.engine"},
    "relay.layers": VOCABULARY,
    "relay.silence": VOCABULARY,
    "relay.charts": VOCABULARY,
    "relay.workers": {*VOCABULARY, "relay.engine", "relay.transports"},
    "relay.engine": {*VOCABULARY, "relay._engine", "relay.workers"},
    "relay.machine": {*VOCABULARY, "relay.engine", "relay.transports"},
    "relay.ports": {*VOCABULARY, "relay.engine", "relay.workers", "relay.transports"},
    "relay.messages": {*VOCABULARY, "relay.rooms"},
    **{part: BELOW.union(PARTS[:index]) for index, part in enumerate(PARTS)},
}
"""`relay.service`, which assembles them, is the one module without a row."""

PURE = (
    "relay.rooms",
    "relay.planning",
    "relay.congestion",
    "relay.layers",
    "relay.silence",
    "relay.messages",
    "relay.workers.rows",
    "relay.charts",
    "relay.precall",
    "relay.trouble",
    "relay.ids",
    "relay.units",
)
IMPURE_MODULES = {"asyncio", "time", "random", "socket", "os", "logging", "threading", "subprocess"}

ONE_DOOR = {
    # A library that is hard to leave is imported in one place.
    "aiortc": ("relay/transports/",),
    "OpenSSL": ("relay/transports/",),
    "relay._engine": ("relay/engine.py",),
    "aiohttp": ("signalling/",),
    "jwt": ("signalling/tokens.py",),
    "typer": ("signalling/__main__.py", "signalling/key_commands.py", "signalling/plan.py"),
    "sqlite3": (
        "signalling/database.py",
        "signalling/reports/store.py",
        "signalling/webhooks/outbox.py",
    ),
    "uvloop": ("signalling/",),
    "numpy": ("relay/congestion/", "relay/recording/", "benchmarks/"),
    "prometheus_client": ("relay/metrics/", "signalling/"),
}


def row_of(module: str) -> str | None:
    """Find the narrowest row of the table that a module belongs to."""
    rows = [row for row in MAY_IMPORT if module == row or module.startswith(f"{row}.")]
    return max(rows, key=len, default=None)


def within(module: str, allowed: set[str]) -> bool:
    """Tell whether a module is one of, or inside one of, those allowed."""
    return any(module == row or module.startswith(f"{row}.") for row in allowed)


@pytest.mark.parametrize("path", of_packages("relay"), ids=name_of)
def test_arrows_point_at_the_importer(path: Path) -> None:
    module = module_of(path)
    row = row_of(module)
    ours = {name for name in imports_of(path) if name.split(".")[0] in PACKAGES}
    assert not {name for name in ours if name.startswith("signalling")}, "relay knows no signalling"
    if row is not None:
        strangers = {name for name in ours if not within(name, {*MAY_IMPORT[row], row})}
        assert not strangers, f"{module} belongs to the row of {row}"


def test_every_row_of_the_table_exists() -> None:
    modules = {module_of(path) for path in of_packages("relay")} | {"relay._engine"}
    rows = set(MAY_IMPORT).union(*MAY_IMPORT.values())
    assert {row for row in rows if not any(within(module, {row}) for module in modules)} == set()


def test_only_who_assembles_may_import_everything() -> None:
    """What is new belongs to a package, or has its own row; it does not lie beside all others."""
    modules = {module_of(path) for path in of_packages("relay")}
    assert {name for name in modules if row_of(name) is None} == {"relay", "relay.service"}


@pytest.mark.parametrize("path", of_packages("signalling"), ids=name_of)
def test_what_signalling_speaks_is_spoken_apart(path: Path) -> None:
    """The WebSocket, the API and the webhooks meet in `app` and `platform`, not in one another."""
    mine = {each for each in SPEAKERS if within(module_of(path), {each})}
    if mine:
        strangers = {name for name in imports_of(path) if within(name, SPEAKERS - mine)}
        assert not strangers


SPEAKERS = {"signalling.websocket", "signalling.api", "signalling.webhooks"}


@pytest.mark.parametrize("path", of_packages("relay"), ids=name_of)
def test_pure_packages_compute_and_do_nothing_else(path: Path) -> None:
    if within(module_of(path), set(PURE)):
        assert {name.split(".")[0] for name in imports_of(path)} & IMPURE_MODULES == set()


@pytest.mark.parametrize("path", of_packages(*PACKAGES), ids=name_of)
def test_a_library_comes_in_by_its_own_door(path: Path) -> None:
    for library, doors in ONE_DOOR.items():
        if within(library, imports_of(path)) or any(
            name == library or name.startswith(f"{library}.") for name in imports_of(path)
        ):
            assert name_of(path).startswith(doors), f"{library} is imported in {doors} only"
