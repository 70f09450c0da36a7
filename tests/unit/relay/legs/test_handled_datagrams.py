"""What the relay spends on a join, told apart from what it waits for."""

from __future__ import annotations

import asyncio

import pytest

from relay.legs.handled_datagrams import HandledDatagrams
from relay.metrics.tally import Distribution
from tests.unit.relay.conftest import CHROMIUM, MICROPHONE_AND_CAMERA, House, restarted
from tests.unit.relay.fakes import KEYS, HandClock, settle


class Line:
    """Datagrams that come when a test says so."""

    def __init__(self) -> None:
        self.coming: asyncio.Queue[bytes] = asyncio.Queue()
        self.sent: list[bytes] = []

    async def receive(self) -> bytes:
        datagram = await self.coming.get()
        if not datagram:
            raise ConnectionResetError
        return datagram

    def send(self, datagram: bytes) -> None:
        self.sent.append(datagram)


async def test_the_stopwatch_stands_still_while_nothing_comes() -> None:
    clock, line = HandClock(), Line()
    handled = HandledDatagrams(line, clock)
    clock.move(5)
    assert handled.handled_ns == 0
    for _ in range(2):
        async with asyncio.TaskGroup() as tasks:
            waiting = tasks.create_task(handled.receive())
            await settle()
            clock.move(5)  # for the peer
            line.coming.put_nowait(b"hello")
        assert waiting.result() == b"hello"
        clock.move(0.002)  # for OpenSSL
        handled.send(b"hello yourself")
    assert handled.handled_ns == 4_000_000
    assert line.sent == [b"hello yourself"] * 2
    line.coming.put_nowait(b"")
    with pytest.raises(ConnectionError):
        await handled.receive()
    clock.move(5)
    assert handled.handled_ns == 4_000_000


def observed(house: House, name: str) -> Distribution:
    return next(s[()] for m, s in house.tally.histograms.items() if m.name == name)


async def test_a_join_counts_its_answers_and_its_handshake_and_no_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer_slowly(*_: object) -> None:
        house.clock.move(0.03)

    monkeypatch.setattr("relay.seats.answering.rebind", answer_slowly)
    person = house.enters("a")
    await person.offer()
    house.clock.move(3)  # for the client
    await person.offer(restarted(CHROMIUM), MICROPHONE_AND_CAMERA, fresh=False)
    assert person.place.leg is not None
    handled = person.place.leg.datagrams
    assert handled is not None
    handled._handled_ns = 10_000_000
    person.transport.handshake.set_result(KEYS)
    await settle()
    assert observed(house, "visavis_answer_duration_seconds").total == pytest.approx(0.06)
    assert observed(house, "visavis_handshake_handling_seconds").total == pytest.approx(0.01)
    own = observed(house, "visavis_join_handling_seconds")
    assert own.total == pytest.approx(0.07)
    assert sum(own.counts) == 1
    await person.connect()
    assert sum(observed(house, "visavis_handshake_handling_seconds").counts) == 2
    assert sum(own.counts) == 1, "a reload is no join"
