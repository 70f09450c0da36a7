"""One relay for the foreign clients of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.endtoend.relay_process import RelayProcess, running_relay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def relay(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RelayProcess]:
    """Give a running relay."""
    async with running_relay(tmp_path_factory.mktemp("relay")) as running:
        yield running
