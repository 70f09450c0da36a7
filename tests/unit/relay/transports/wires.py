"""A wire in memory between the relay's transports and stock aiortc, and what runs over it."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import Any

from aiortc.rtcdatachannel import RTCDataChannel, RTCDataChannelParameters
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)
from aiortc.rtcsctptransport import Chunk, RTCSctpTransport
from google_crc32c import value as crc32c

from relay.errors import Malformed, Overloaded
from relay.transports.certificate import Certificate
from relay.transports.data_channels import DataChannels
from relay.transports.dtls import DtlsTransport, SrtpKeys
from relay.transports.dtls_screen import Role
from relay.transports.sctp_limits import SctpLimits
from tests.polling import until

Filter = Callable[[bytes], bool]


class WireEnd:
    """One end: `Datagrams` for the relay, and what aiortc calls an ICE transport."""

    role = "controlling"

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.is_read = asyncio.Event()
        self.other: WireEnd = self
        self.sent: list[bytes] = []
        self.passes: Filter = lambda _: True

    async def receive(self) -> bytes:
        self.is_read.set()
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


class Associated:
    """An SCTP association between the relay and stock aiortc, and a way to forge packets in it."""

    def __init__(self, connected: Connected, limits: SctpLimits | None = None) -> None:
        self.connected = connected
        self.sctp = RTCSctpTransport(connected.peer.dtls)
        self.channels = DataChannels(
            connected.relay, limits=limits, remote_port=5_000, remote_max_message_bytes=262_144
        )

    async def establish(self) -> None:
        await self.channels.start()
        await self.sctp.start(None, 5_000)
        await until(lambda: self.sctp.state == "connected")

    def open(self, label: str = "visavis", **parameters: Any) -> RTCDataChannel:
        return RTCDataChannel(self.sctp, RTCDataChannelParameters(label=label, **parameters))

    async def opened(self, label: str = "visavis", **parameters: Any) -> RTCDataChannel:
        channel, opened = self.open(label, **parameters), asyncio.Event()
        channel.on("open", opened.set)
        async with asyncio.timeout(5):
            await opened.wait()
        return channel

    async def forge(self, chunk: Chunk | bytes, tag: int | None = None) -> None:
        """Send one chunk as the peer, whatever its association thinks."""
        raw = chunk if isinstance(chunk, bytes) else bytes(chunk)
        packet = struct.pack(
            "!HHL", 5_000, 5_000, self.sctp._remote_verification_tag if tag is None else tag
        )
        checksum = crc32c(packet + bytes(4) + raw)
        await self.connected.peer.dtls._send_data(packet + struct.pack("<L", checksum) + raw)

    async def acknowledged(self) -> None:
        """Wait until the peer has acknowledged whatever the relay has sent."""
        sctp = self.channels._sctp
        await until(
            lambda: not (sctp._data_channel_queue or sctp._outbound_queue or sctp._sent_queue)
        )

    async def fills(self, message: bytes) -> int:
        """Count the messages that are taken, with everything else running in between."""
        for count in range(5_000):
            try:
                self.channels.send("visavis", message)
            except Overloaded:
                return count
            await asyncio.sleep(0)
        return -1

    @property
    def next_tsn(self) -> int:
        return self.sctp._local_tsn

    async def reason(self) -> str | None:
        """Read messages until the association ends, and say how."""
        async with asyncio.timeout(20):
            try:
                async for _ in self.channels.messages():
                    pass
            except Malformed as malformed:
                return malformed.reason
        return None

    async def aclose(self) -> None:
        await self.channels.aclose()
        await self.sctp.stop()
        await asyncio.sleep(0)


def relay_of(
    wire: Wire, certificate: Certificate, peer: Peer, role: Role = "server"
) -> DtlsTransport:
    return DtlsTransport(wire.relay, certificate, role=role, remote_fingerprints=peer.fingerprints)


async def both(
    relay: DtlsTransport, peer: Peer, certificate: Certificate, timeout_s: float = 5.0
) -> SrtpKeys:
    keys, _ = await asyncio.gather(
        relay.connect(timeout_s), peer.connect(certificate.fingerprint_sha256)
    )
    return keys


async def taken(channels: DataChannels, count: int) -> list[tuple[str, str | bytes]]:
    messages: list[tuple[str, str | bytes]] = []
    async with asyncio.timeout(10):
        async for message in channels.messages():
            messages.append(message)
            if len(messages) == count:
                break
    return messages
