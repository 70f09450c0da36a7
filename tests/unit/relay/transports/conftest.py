"""A wire in memory between the relay's transports and aiortc's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)

from relay.transports.certificate import Certificate
from relay.transports.dtls import DtlsTransport

Filter = Callable[[bytes], bool]


class WireEnd:
    """One end: `Datagrams` for the relay, and what aiortc calls an ICE transport."""

    role = "controlling"

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.other: WireEnd = self
        self.sent: list[bytes] = []
        self.passes: Filter = lambda _: True

    async def receive(self) -> bytes:
        datagram = await self.inbox.get()
        if datagram is None:
            raise ConnectionError("the wire is cut")
        return datagram

    def send(self, datagram: bytes) -> None:
        self.sent.append(datagram)
        if self.passes(datagram):
            self.other.inbox.put_nowait(datagram)

    def cut(self) -> None:
        self.inbox.put_nowait(None)

    async def _recv(self) -> bytes:
        return await self.receive()

    async def _send(self, datagram: bytes) -> None:
        self.send(datagram)


class Wire:
    def __init__(self) -> None:
        self.relay, self.peer = WireEnd(), WireEnd()
        self.relay.other, self.peer.other = self.peer, self.relay

    def make_peer(self, role: str, certificate: RTCCertificate | None = None) -> Peer:
        return Peer(self.peer, role, certificate)


class Peer:
    """Stock aiortc at the far end."""

    def __init__(self, end: WireEnd, role: str, certificate: RTCCertificate | None = None) -> None:
        self.certificate = certificate or RTCCertificate.generateCertificate()
        self.dtls = RTCDtlsTransport(end, [self.certificate])  # type: ignore[arg-type]
        self.dtls._set_role(role)
        self.received: list[bytes] = []

    async def _handle_data(self, data: bytes) -> None:
        self.received.append(data)

    @property
    def fingerprints(self) -> list[tuple[str, str]]:
        return [(each.algorithm, each.value) for each in self.certificate.getFingerprints()]

    async def connect(self, fingerprint: str) -> None:
        parameters = RTCDtlsParameters(fingerprints=[RTCDtlsFingerprint("sha-256", fingerprint)])
        await self.dtls.start(parameters)

    async def aclose(self) -> None:
        task = self.dtls._task
        await self.dtls.stop()
        if task is not None:
            await asyncio.wait([task])


class Connected:
    """A DTLS connection between the relay and a peer."""

    def __init__(self, wire: Wire, relay: DtlsTransport, peer: Peer) -> None:
        self.wire, self.relay, self.peer = wire, relay, peer


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


@pytest.fixture(autouse=True)
async def no_task_is_left() -> AsyncIterator[None]:
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)
    left: set[asyncio.Task[Any]] = asyncio.all_tasks() - before - {asyncio.current_task()}
    assert not left
