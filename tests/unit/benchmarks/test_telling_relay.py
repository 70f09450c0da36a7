"""The relay that writes down what it believes is the relay, and says what it was told."""

from __future__ import annotations

import io

from benchmarks.adaptation.endtoend.estimates import relay_estimates
from benchmarks.adaptation.endtoend.layers import relay_layers
from benchmarks.adaptation.endtoend.telling_relay import telling_engine
from relay.engine import EngineConfig, Event
from relay.ids import LegId, SlotId, WorkerIndex


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


async def test_layers_are_written_down_as_they_are_asked_for() -> None:
    out = io.StringIO()
    engine = telling_engine(out)(EngineConfig(listen=("127.0.0.1",), port=0))
    async with engine:
        receiver = engine.leg(WorkerIndex(0))
        receiver.add(b"ufrag", b"p" * 22, reduced_size_rtcp=True)
        slot = receiver.add_slot(b"0", "video", 1_234, 0, [(96, "VP8", -1)])
        receiver.set_layer(slot, 1, -1, 0)
        receiver.set_paused(slot, paused=True)
    lines = out.getvalue().splitlines(keepends=True)
    first, second = relay_layers(lines, [0])
    assert (first.slot, first.encoding, first.temporal, first.paused) == (slot, 1, 0, False)
    assert (second.encoding, second.paused) == (1, True)
    assert relay_estimates(lines, [0]) == []


def test_layers_of_others_and_what_is_said_again_are_left_out() -> None:
    slot = SlotId(9)
    lines = ["1 4\n", "2 7\n", f"10 7 layer {slot} 0 -1 -1\n", "11 7 400 500\n"]
    lines += [f"12 7 layer {slot} 0 -1 -1\n", f"13 7 paused {slot} 0\n", "14 4 layer 5 1 -1 1\n"]
    lines += [f"20 7 layer {slot} 1 -1 -1\n", f"21 7 layer {slot} 1 -1 0"]
    assert [(each.at_ns, each.encoding) for each in relay_layers(lines, [1])] == [(10, 0), (20, 1)]
