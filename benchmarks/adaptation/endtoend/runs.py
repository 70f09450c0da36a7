"""One run of a scenario, and everything that was written down of it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Error

from benchmarks.adaptation.emulated_link import EmulatedLink, emulated_link
from benchmarks.adaptation.endtoend.call import Call, Sample, Way, browsers, until_pictures
from benchmarks.adaptation.endtoend.estimates import relay_estimates
from benchmarks.adaptation.endtoend.layers import Chosen, relay_layers
from benchmarks.adaptation.endtoend.on_a_side import urgent
from benchmarks.adaptation.endtoend.scenarios import Flow, Scenario
from benchmarks.adaptation.endtoend.served_on_link import served_on
from benchmarks.adaptation.endtoend.transfer import beside
from benchmarks.adaptation.farther import farther
from benchmarks.adaptation.link_setup import LinkSetup
from benchmarks.adaptation.sides import Side
from benchmarks.adaptation.truth_log import TruthLog
from benchmarks.harness import programs
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.stolen_time import ProcessorTime

STARTS_TAKE_S: Final = 12.0
"""Namespaces, relay, browsers and the first picture, for the progress bar."""
ENDS_WITHIN_S: Final = 90.0
"""Beyond a scenario's own: for pages and pictures to come, and what was seen to be taken."""

Senders = Mapping[str, Sequence[Sample]]
Receivers = Sequence[Sequence[Sample]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a run left behind."""

    scenario: Scenario
    way: Way
    origin_ns: int
    """When the scenario's time began, on the link's clock."""
    link_began_unix_ms: float
    """When the link's clock began, on the browsers'."""
    truth: TruthLog
    emulator: Mapping[str, Any]
    senders: Senders
    receivers: Receivers
    estimates: Sequence[tuple[int, float]]
    """What the relay believed the link carries, with when on the link's clock (ns)."""
    layers: Sequence[Chosen]
    """What the relay chose to send down the link, on the same clock."""
    stolen_share: float
    """Of all processors' time, what the host took away meanwhile."""


async def record(scenario: Scenario, way: Way, seed: int) -> Recorded:
    """Play a scenario once.

    Raises:
        BenchmarkFailed: The link, the relay, a browser or a picture did not come.

    """
    setup = LinkSetup(down=scenario.down, up=scenario.up, seed=seed)
    with tempfile.TemporaryDirectory(prefix="visavis-call-") as name, ExitStack() as ending:
        folder = Path(name)
        before = ProcessorTime.now()
        emulator = urgent(programs.path_of("emulator"), folder)
        with emulated_link(setup, log_path=folder / "link.log", program=emulator) as link:
            relay = ending.enter_context(served_on(link.server, folder))
            clients = [ending.enter_context(side) for side in _clients(scenario, link, emulator)]
            started = browsers(link.server, clients, relay, folder, seed)
            async with started as (at_server, at_clients):
                call = Call(scenario, way, relay, at_server, at_clients)
                origin_ns, senders, receivers = await _within(call, link, seed)
            unix_minus_monotonic_ns = time.time_ns() - time.monotonic_ns()
            ending.close()
            told = relay.estimates_path.read_text().splitlines(keepends=True)
        after = ProcessorTime.now()
        truth = link.truth()
    began_ns = link.began_monotonic_ns
    return Recorded(
        scenario=scenario,
        way=way,
        origin_ns=origin_ns,
        link_began_unix_ms=(began_ns + unix_minus_monotonic_ns) / 1e6,
        truth=truth,
        emulator=programs.without_buckets(link.outcome),
        senders=senders,
        receivers=receivers,
        estimates=[(at_ns - began_ns, bps) for at_ns, bps in relay_estimates(told, call.receiving)],
        layers=[
            chosen._replace(at_ns=chosen.at_ns - began_ns)
            for chosen in relay_layers(told, call.receiving)
        ],
        stolen_share=after.stolen_share_since(before),
    )


def _clients(
    scenario: Scenario, link: EmulatedLink, emulator: Path
) -> Iterator[AbstractContextManager[Side]]:
    """Give where receivers are: all in one place, or each so far from the link as it is asked."""
    if not scenario.is_of_unlike_lengths:
        yield nullcontext(link.client)
        return
    for number, flow in enumerate(scenario.flows, 1):
        if flow.farther_ms:
            yield farther(link, number, flow.farther_ms, emulator)
        else:
            yield nullcontext(link.client)


async def _within(call: Call, link: EmulatedLink, seed: int) -> tuple[int, Senders, Receivers]:
    """Play and take what was seen; a page that never answers must not hold up hours of runs."""
    try:
        async with asyncio.timeout(call.scenario.lasts_s + ENDS_WITHIN_S):
            origin_ns = await _play(call, link, seed)
            senders, receivers = await call.taken()
    except TimeoutError:
        raise BenchmarkFailed("the call did not end in time") from None
    return origin_ns, senders, receivers


async def _play(call: Call, link: EmulatedLink, seed: int) -> int:
    """Bring everybody in their time, and change the link in its."""
    scenario = call.scenario
    present = [await call.bring(flow) for flow in scenario.flows if not flow.starts_s]
    await until_pictures(present)
    origin_ns = time.monotonic_ns() - link.began_monotonic_ns
    if scenario.changes:
        link.change(*scenario.changes)
    with beside(link, scenario.transfers, seed):
        await _pass(call)
    return origin_ns


async def _pass(call: Call) -> None:
    """Let the scenario's time pass, in which some come later and some pause."""
    scenario, failed = call.scenario, ""
    try:
        async with asyncio.TaskGroup() as tasks:
            for number, flow in enumerate(scenario.flows):
                if flow.starts_s:
                    _ = tasks.create_task(_come(call, flow))
                if flow.paused_s is not None:
                    _ = tasks.create_task(_pause(call, number, *flow.paused_s))
            await asyncio.sleep(scenario.lasts_s)
    except* (BenchmarkFailed, Error) as failures:
        failed = str(failures.exceptions[0]).partition("\n")[0]
    if failed:
        raise BenchmarkFailed(failed)


async def _come(call: Call, flow: Flow) -> None:
    await asyncio.sleep(flow.starts_s)
    _ = await call.bring(flow)


async def _pause(call: Call, number: int, from_s: float, to_s: float) -> None:
    await asyncio.sleep(from_s)
    await call.pause(number, paused=True)
    await asyncio.sleep(to_s - from_s)
    await call.pause(number, paused=False)
