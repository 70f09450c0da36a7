"""A stranger's UDP socket, and what it can say: STUN, RTP and DTLS, whole and broken."""

from __future__ import annotations

import asyncio
import contextlib
import re
from typing import TYPE_CHECKING, cast

from aioice import stun

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

TRANSACTION = slice(8, 20)
"""Of a STUN message (RFC 8489 §5)."""
PAUSE_S = 0.001

RTP = bytes.fromhex("8060 0001 00000001 00000007") + bytes(20)
RTCP = bytes.fromhex("80c8 0006 00000007") + bytes(24)
DTLS_CLIENT_HELLO = (
    bytes.fromhex("16 fefd 0000 000000000000 0035 01 000029 0000 000000 000029 fefd")
    + bytes(32)
    + bytes.fromhex("00 00 0002 0000 01 00")
)


class Stranger(asyncio.DatagramProtocol):
    """A UDP socket of its own, and what came back to it."""

    def __init__(self) -> None:
        self.received: asyncio.Queue[bytes] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        del addr
        self.received.put_nowait(data)

    def send(self, datagram: bytes) -> None:
        """Send to the relay."""
        assert self._transport is not None
        self._transport.sendto(datagram)

    async def send_paced(self, datagrams: Iterable[bytes]) -> None:
        """Send one after another, with a pause behind each.

        The relay is to count every one, and a kernel may hold no more than 416 KiB of them until
        it reads (docs/operations.md). And in the pauses this process speaks and listens for others.
        """
        for datagram in datagrams:
            self.send(datagram)
            await asyncio.sleep(PAUSE_S)

    async def reply(self, within_s: float = 2.0) -> bytes:
        """Wait for the next datagram that comes back."""
        async with asyncio.timeout(within_s):
            return await self.received.get()

    async def answer(self, check: bytes) -> bytes:
        """Send a check and give its answer; it has to be the first thing that comes back.

        The relay takes what one socket sends in order: what was sent before stays unanswered.
        """
        self.send(check)
        answer = await self.reply()
        assert answer[TRANSACTION] == check[TRANSACTION]
        return answer


@contextlib.asynccontextmanager
async def stranger(port: int) -> AsyncIterator[Stranger]:
    """Open a socket to the relay's media port until the block ends."""
    transport, protocol = await asyncio.get_running_loop().create_datagram_endpoint(
        Stranger, remote_addr=("127.0.0.1", port)
    )
    try:
        yield protocol
    finally:
        transport.close()


def binding_request(username: str, password: str, *, nominate: bool = True) -> bytes:
    """Make a connectivity check as a controlling agent would (RFC 8445 §7)."""
    message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    message.attributes["USERNAME"] = username
    message.attributes["PRIORITY"] = 1
    message.attributes["ICE-CONTROLLING"] = 1
    if nominate:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity(password.encode())
    message.add_fingerprint()
    return bytes(message)


def credentials(sdp: str) -> tuple[str, str]:
    """Read user fragment and password out of a session description."""
    found = [re.search(rf"a={name}:(\S+)", sdp) for name in ("ice-ufrag", "ice-pwd")]
    assert found[0] is not None
    assert found[1] is not None
    return found[0][1], found[1][1]
