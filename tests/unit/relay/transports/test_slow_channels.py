"""Who reads nothing of a data channel: a mebibyte waits, then it ends with a reason."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiortc.rtcsctptransport import DataChunk

from relay.transports.sctp_limits import SctpLimits
from tests.polling import until
from tests.unit.relay.fakes import settle
from tests.unit.relay.transports.wires import Associated, Connected

AT_ONCE = SctpLimits(unread_s=0.0)


@pytest.fixture
async def impatient(connected: Connected) -> AsyncIterator[Associated]:
    """An association in which nobody is waited for who reads nothing."""
    associated = Associated(connected, AT_ONCE)
    await associated.establish()
    await associated.opened()
    await associated.acknowledged()
    yield associated
    await associated.aclose()


def reads_nothing(associated: Associated, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the peer answer every packet and take none: what it acknowledges stays the same."""

    async def leave(_: DataChunk) -> None:
        associated.sctp._sack_needed = True

    monkeypatch.setattr(associated.sctp, "_receive_data_chunk", leave)


async def test_a_peer_that_is_there_and_reads_nothing_is_told_and_cut_off(
    impatient: Associated, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads_nothing(impatient, monkeypatch)
    assert await impatient.fills(bytes(60_000)) == 17, "a mebibyte waits, and no more"
    assert await impatient.reason() == "slow_consumer"
    await until(lambda: impatient.sctp.state == "closed")
    assert not impatient.channels._sctp._sent_queue


async def test_a_peer_that_reads_slowly_is_waited_for(impatient: Associated) -> None:
    for _ in range(3):
        await impatient.fills(bytes(60_000))
        await impatient.acknowledged()
    assert impatient.channels._sctp.closed_because is None


async def test_a_peer_whose_path_is_lost_is_waited_for(impatient: Associated) -> None:
    impatient.connected.wire.peer.passes = lambda _: False
    assert await impatient.fills(bytes(60_000)) == 17
    sctp = impatient.channels._sctp
    for _ in range(3):
        sctp._t3_cancel()
        sctp._t3_expired()
        await settle()
    assert sctp.closed_because is None
