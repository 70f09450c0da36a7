"""The relay that writes down what it believes is the relay, and says what it was told."""

from __future__ import annotations

import io

from benchmarks.adaptation.endtoend.estimates import relay_estimates
from benchmarks.adaptation.endtoend.telling_relay import telling_engine
from relay.engine import EngineConfig, Event
from relay.ids import LegId, WorkerIndex


async def test_legs_and_estimates_are_written_down_and_passed_on() -> None:
    out, heeded = io.StringIO(), list[LegId]()
    engine = telling_engine(out)(EngineConfig(listen=("127.0.0.1",), port=0))
    engine.heeds_estimates(heeded.extend)
    async with engine:
        sender, receiver = (engine.leg(WorkerIndex(0)) for _ in range(2))
        for leg in (sender, receiver):
            leg.add(f"ufrag{leg.id}".encode(), b"p" * 22, reduced_size_rtcp=True)
        told = [(receiver.id, 400_000, 500_000, 0, 0, 0), (99, 1, 1, 0, 0, 0)]
        engine._pass_on(Event.Estimates(estimates=told))
        assert heeded == [receiver.id]
    lines = out.getvalue().splitlines(keepends=True)
    assert [bps for _, bps in relay_estimates(lines, [1])] == [500_000]
    assert relay_estimates(lines, [0]) == []
