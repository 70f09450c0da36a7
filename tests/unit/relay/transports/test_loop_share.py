"""A leg's share of the loop, with a clock of the test's own."""

from __future__ import annotations

import asyncio

import pytest

from relay.transports.loop_share import BURST_S, SHARE, TURN_S, LoopShare


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waits_s: list[float] = []

    async def sleep(wait_s: float) -> None:
        waits_s.append(wait_s)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return waits_s


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_burst_is_free_and_the_rest_is_paid_back(slept: list[float]) -> None:
    clock = Clock()
    share = LoopShare(Clock(), clock)
    for _ in range(4):
        share.begin()
        clock.now += BURST_S / 4
        await share.end()
    assert slept == [0.0, 0.0, 0.0, pytest.approx(0.0, abs=1e-9)]
    share.begin()
    clock.now += 0.001
    await share.end()
    assert slept[-1] == pytest.approx(0.001 / SHARE)


async def test_idle_time_earns_a_share_and_no_more_than_a_burst(slept: list[float]) -> None:
    clock, thread_clock = Clock(), Clock()
    share = LoopShare(clock, thread_clock)
    share.begin()
    thread_clock.now += BURST_S
    await share.end()
    clock.now += 1_000
    share.begin()
    thread_clock.now += BURST_S + 0.001
    await share.end()
    assert slept[-1] == pytest.approx(0.001 / SHARE)


async def test_what_another_process_took_is_not_charged(slept: list[float]) -> None:
    clock, thread_clock = Clock(), Clock()
    share = LoopShare(clock, thread_clock)
    for _ in range(100):
        share.begin()
        clock.now += 1.0
        thread_clock.now += TURN_S
        await share.end()
    assert set(slept) == {0.0}


async def test_a_long_turn_is_broken_up(slept: list[float]) -> None:
    clock = Clock()
    share = LoopShare(clock, clock)
    share.begin()
    clock.now += TURN_S / 2
    await share.breathe()
    assert slept == []
    clock.now += TURN_S / 2
    await share.breathe()
    assert slept == [0.0]
