"""One relay and one browser per kind and appearance for the whole run; a room per test."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.endtoend import chromium, firefox
from tests.endtoend.browsers import browsers
from tests.endtoend.consultation import Consultation
from tests.endtoend.front_end import serving_front_end
from tests.endtoend.relay_process import VISAVIS, RelayProcess, running_relay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.tab import Browser

ARTIFACTS = Path(__file__).resolve().parents[1] / "artifacts"
FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run on one event loop: the relay and the browsers outlive a test."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether the test itself failed, so that its evidence is kept."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def programs() -> None:
    """Fail with a sentence where something is missing that `make test` installs."""
    missing = [
        str(path)
        for path in (chromium.EXECUTABLE, firefox.EXECUTABLE, VISAVIS)
        if not os.access(path, os.X_OK)
    ]
    if shutil.which("node") is None:
        missing.append("node")
    if missing:
        pytest.fail(f"missing: {', '.join(missing)}; `make setup test-tools` installs them")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def front_end() -> AsyncIterator[str]:
    """Give the origin of an embedder's own front-end."""
    async with serving_front_end() as origin:
        yield origin


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def relay(
    programs: None,  # noqa: ARG001 - it must have run
    front_end: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[RelayProcess]:
    """Give the relay that serves every consultation of the run."""
    folder = tmp_path_factory.mktemp("relay")
    async with running_relay(folder, allowed_origins=[front_end]) as running:
        yield running


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(
    programs: None,  # noqa: ARG001 - it must have run
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Callable[[str, Appearance], Awaitable[Browser]]]:
    """Give browsers by kind and appearance; each is started once."""
    async with browsers(tmp_path_factory.mktemp("devices")) as of:
        yield of


@pytest_asyncio.fixture(loop_scope="session")
async def consultation(
    relay: RelayProcess,
    front_end: str,
    browser: Callable[[str, Appearance], Awaitable[Browser]],
    request: pytest.FixtureRequest,
) -> AsyncIterator[Consultation]:
    """Give an empty room, and close its tabs afterwards; a failed test leaves evidence."""
    room = Consultation(relay, front_end, browser)
    yield room
    if request.node.stash.get(FAILED, False):
        folder = ARTIFACTS / request.node.name
        folder.mkdir(parents=True, exist_ok=True)
        await room.keep_evidence(folder)
    await room.close()
