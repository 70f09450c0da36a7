"""Fixtures: a wire, a connection over it, an association over that; and no task left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from relay.transports.certificate import Certificate
from relay.transports.dtls import DtlsTransport
from tests.unit.relay.transports.wires import Associated, Connected, Wire


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture(scope="session")
def certificate() -> Certificate:
    return Certificate.generate()


@pytest.fixture
async def connected(wire: Wire, certificate: Certificate) -> AsyncIterator[Connected]:
    peer = wire.make_peer("client")
    relay = DtlsTransport(
        wire.relay, certificate, role="server", remote_fingerprints=peer.fingerprints
    )
    await asyncio.gather(relay.connect(5), peer.connect(certificate.fingerprint_sha256))
    yield Connected(wire, relay, peer)
    await relay.aclose()
    await peer.aclose()


@pytest.fixture
async def associated(connected: Connected) -> AsyncIterator[Associated]:
    association = Associated(connected)
    await association.establish()
    yield association
    await association.aclose()


@pytest.fixture(autouse=True)
async def no_task_is_left() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)
    left: set[asyncio.Task[Any]] = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert not left
