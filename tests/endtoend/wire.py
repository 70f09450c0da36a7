"""A network between browsers and relay that a test can cut or narrow: one address before another.

The relay listens on 127.0.0.1 and announces 127.0.0.2, where this forwards TCP and UDP, port for
port. Nothing but user space is involved, so the test runs without root and on any machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, NamedTuple, cast

from aioice import stun

from tests.endtoend.bottleneck import Bottleneck

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

FRONT, BACK = "127.0.0.2", "127.0.0.1"
CHUNK_BYTES = 65_536

Address = tuple[str, int]

FIRST_OF_RTP, PAST_RTP = 128, 192
"""First bytes of RTP and RTCP (RFC 7983 §7)."""
FIRST_OF_RTCP, PAST_RTCP = 64, 96
"""Payload types that RTCP's packet types look like (RFC 5761 §4)."""


class Packet(NamedTuple):
    """What can be seen of a packet of sound or picture from outside."""

    towards_relay: bool
    relay_ufrag: str
    """Of the connection it belongs to, as the relay drew it."""
    payload_type: int


class Wire:
    """Both protocols between FRONT and BACK."""

    def __init__(self) -> None:
        self.cut = False
        """While true nothing passes, either way; TCP bytes wait, datagrams are lost."""
        self.loss_towards_browsers = 0.0
        """The share of the relay's datagrams that are lost, each by itself."""
        self.towards_newcomers = Bottleneck()
        """What the relay's datagrams pass, all together, to flows that begin from now on."""
        self.from_newcomers = Bottleneck()
        """What theirs to the relay pass."""
        self.drops: Callable[[Packet], bool] = lambda _: False
        """Which packets of sound or picture are lost."""
        self.blocks: Callable[[Address], bool] = lambda _: False
        """Whose datagrams never arrive, by where they come from."""
        self.lost_datagrams = 0
        self._chance = random.Random(7)
        self._restored = asyncio.Event()
        self._restored.set()
        self._flows: dict[Address, _Flow] = {}
        self._lines = set[asyncio.StreamWriter]()
        self._ufrags: dict[Address, str] = {}

    @contextlib.asynccontextmanager
    async def broken(self) -> AsyncIterator[None]:
        """Cut for as long as the block runs."""
        self.cut = True
        self._restored.clear()
        try:
            yield
        finally:
            self.cut = False
            self._restored.set()

    def loses_one(self) -> bool:
        """Decide about one datagram of the relay's."""
        if self.cut or self._chance.random() < self.loss_towards_browsers:
            self.lost_datagrams += 1
            return True
        return False

    def drops_one(self, data: bytes, client: Address, *, towards_relay: bool) -> bool:
        """Decide about one datagram; remember whose connection a check is for."""
        if data[0] < FIRST_OF_RTP:
            with contextlib.suppress(ValueError):
                username = stun.parse_message(data).attributes.get("USERNAME", "")
                if towards_relay and username:
                    self._ufrags[client] = username.split(":")[0]
            return False
        payload_type = data[1] & 0x7F
        if data[0] >= PAST_RTP or FIRST_OF_RTCP <= payload_type < PAST_RTCP:
            return False
        packet = Packet(towards_relay, self._ufrags.get(client, ""), payload_type)
        is_lost = self.drops(packet)
        self.lost_datagrams += is_lost
        return is_lost

    def move(self) -> None:
        """Give every UDP flow another source port, as a new network would."""
        for flow in self._flows.values():
            flow.close()
        self._flows.clear()

    def sever(self) -> None:
        """End every TCP connection at once, and no datagram's way."""
        for line in list(self._lines):
            line.transport.abort()

    async def pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry bytes one way until the end."""
        self._lines.add(writer)
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(CHUNK_BYTES):
                await self._restored.wait()
                writer.write(chunk)
                await writer.drain()
        self._lines.discard(writer)
        writer.close()

    async def flow(self, client: Address, back: Address, front: _Front) -> _Flow:
        """Give the flow of one client address, opened at its first datagram."""
        flow = self._flows.get(client)
        if flow is None:
            flow = self._flows[client] = _Flow(self, client, front)
            await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: flow, local_addr=(front.address, 0), remote_addr=back
            )
        return flow

    def close(self) -> None:
        """Close every flow."""
        self.move()


class _Front(asyncio.DatagramProtocol):
    """The address the browsers send to."""

    def __init__(self, wire: Wire, address: str, back: Address, tasks: asyncio.TaskGroup) -> None:
        self._wire, self._back, self._tasks = wire, back, tasks
        self.address = address
        """Flows go on from it, too: answers to checks say so, and Firefox takes no loopback."""
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if self._wire.cut or self._wire.blocks(addr):
            self._wire.lost_datagrams += 1
            return
        if self._wire.drops_one(data, addr, towards_relay=True):
            return
        self._tasks.create_task(self._forward(data, addr))

    async def _forward(self, data: bytes, client: Address) -> None:
        flow = await self._wire.flow(client, self._back, self)
        flow.send(data)


class _Flow(asyncio.DatagramProtocol):
    """One client's way to the relay and back."""

    def __init__(self, wire: Wire, client: Address, front: _Front) -> None:
        self._wire, self._client, self._front = wire, client, front
        self._way = wire.towards_newcomers
        self._outward = wire.from_newcomers
        self._transport: asyncio.DatagramTransport | None = None
        self._waiting: list[bytes] = []
        self._is_closed = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)
        if self._is_closed:
            self._transport.close()
            return
        for data in self._waiting:
            self._transport.sendto(data)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        del addr
        if self._wire.loses_one() or self._wire.drops_one(data, self._client, towards_relay=False):
            return
        self._way.carry(data, self._deliver)

    def _deliver(self, data: bytes) -> None:
        transport = self._front.transport
        if transport is not None and not transport.is_closing():
            transport.sendto(data, self._client)

    def send(self, data: bytes) -> None:
        """Forward towards the relay, in order."""
        self._outward.carry(data, self._pass_on)

    def _pass_on(self, data: bytes) -> None:
        if self._transport is None:
            self._waiting.append(data)
        elif not self._transport.is_closing():
            self._transport.sendto(data)

    def close(self) -> None:
        """Forget the source port, if need be as soon as it is opened."""
        self._is_closed = True
        if self._transport is not None:
            self._transport.close()


@contextlib.asynccontextmanager
async def forwarding(tcp_port: int, udp_port: int, *, front: str = FRONT) -> AsyncIterator[Wire]:
    """Forward both ports from `front` to BACK until the block ends.

    Firefox leaves out loopback addresses: for it `front` is another one of the machine's.
    """
    wire = Wire()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back_reader, back_writer = await asyncio.open_connection(BACK, tcp_port)
        async with asyncio.TaskGroup() as both:
            both.create_task(wire.pump(reader, back_writer))
            both.create_task(wire.pump(back_reader, writer))

    server = await asyncio.start_server(serve, front, tcp_port)
    try:
        # The group's end waits for flows that are being opened; only then all can be closed.
        async with asyncio.TaskGroup() as tasks:
            transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: _Front(wire, front, (BACK, udp_port), tasks), local_addr=(front, udp_port)
            )
            try:
                yield wire
            finally:
                transport.close()
    finally:
        wire.close()
        server.close()
