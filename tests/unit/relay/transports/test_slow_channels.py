"""Who reads nothing of a data channel: a mebibyte waits, then it ends with a reason."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiortc.rtcsctptransport import DataChunk

from relay.transports.sctp_limits import SctpLimits, Unread, Violation
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


def answers(unread: Unread, *at_s: float) -> None:
    """Let a peer acknowledge that it has taken nothing."""
    for now_s in at_s:
        unread.answer(now_s, has_taken=False)


def test_a_peer_back_from_an_outage_has_its_time_to_catch_up() -> None:
    unread = Unread(SctpLimits())
    unread.fill(100.0)
    unread.fill(159.0)
    answers(unread, 160.0, 160.1, 161.0)
    unread.answer(161.1, has_taken=True)
    answers(unread, 162.0, 300.0)
    unread.fill(300.0)
    answers(unread, *range(301, 310))
    with pytest.raises(Violation) as violated:
        answers(unread, 310.0)
    assert violated.value.reason == "slow_consumer"


def test_a_peer_that_answers_seldom_is_not_waited_for_any_longer_than_that() -> None:
    unread = Unread(SctpLimits(unread_s=10.0, silence_s=3.0))
    unread.fill(0.0)
    answers(unread, 9.0, 18.0, 27.0)
    with pytest.raises(Violation):
        answers(unread, 36.0)


async def test_a_peer_whose_path_is_lost_is_waited_for(impatient: Associated) -> None:
    impatient.connected.wire.peer.passes = lambda _: False
    assert await impatient.fills(bytes(60_000)) == 17
    sctp = impatient.channels._sctp
    for _ in range(3):
        sctp._t3_cancel()
        sctp._t3_expired()
        await settle()
    assert sctp.closed_because is None
