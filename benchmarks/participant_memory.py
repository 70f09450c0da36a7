"""What a participant takes of the relay's memory before any media, by what it is taken for.

`python -m benchmarks.participant_memory`. Participants come to a real relay, two to a room, stage
by stage; behind each stage its resident memory is read. What media adds, `benchmarks.capacity` has.
"""

from __future__ import annotations

import asyncio
import os
import re
import statistics
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from itertools import pairwise
from typing import Final

from aiohttp import ClientError

from benchmarks.harness import failure, options, plots, progress, report, sockets
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.programs import ROOT
from benchmarks.harness.results import Bar, Result
from benchmarks.served_relay import ServedRelay, served_relay
from relay.errors import HandshakeFailed
from relay.transports.certificate import Certificate
from relay.transports.dtls import DtlsTransport
from tests.endtoend.bad_input.datagrams import Stranger, binding_request, credentials, stranger
from tests.interop.websocket_client import Refused, WebSocketClient, websocket_client

OFFER: Final = ROOT / "tests" / "captures" / "sdp_load_generator.sdp"
"""Chromium's lines, without a data channel: what participants of the other measurements offer."""

SOURCES: Final = {"0": "microphone", "1": "camera"}
FINGERPRINT: Final = re.compile(r"(?<=a=fingerprint:sha-256 )\S+")
CANDIDATE: Final = re.compile(r"a=candidate:\S+ 1 udp \d+ 127\.0\.0\.1 (\d+) typ host")
PEOPLE: Final = 200
"""As many as connect before `media.connect_timeout_s` (15 s) is over for the first of them."""

WARM_UP: Final = 40
AN_ADDRESS: Final = 100
"""Half of those who may come from one before they have a seat (`signalling.websocket.door`)."""

SETTLE_S: Final = 2.0
"""Two of the rounds in which the relay looks after its rooms."""

PATIENCE_S: Final = 10.0
EXPECTED_S: Final = {"start and settle": 11.0, "a participant": 0.03}
"""About; for the progress bar only."""

MOST_BYTES: Final = 150_000
"""Half of what `make bench-capacity` lets a consultation of two take, with media."""


class ProvenPath:
    """A handshake's datagrams, over a socket that has proved its path."""

    def __init__(self, socket: Stranger) -> None:
        self._socket = socket

    async def receive(self) -> bytes:
        """Wait for the next one."""
        return await self._socket.received.get()

    def send(self, datagram: bytes) -> None:
        """Send one to the relay."""
        self._socket.send(datagram)


class Participant:
    """Somebody who comes by stages; what a stage opens stays open as long as the stack."""

    client: WebSocketClient
    answer: str

    def __init__(
        self, relay: ServedRelay, number: int, certificate: Certificate, held: AsyncExitStack
    ) -> None:
        self._url, self._address = relay.url, f"127.0.1.{1 + number // AN_ADDRESS}"
        self._token = relay.credential(f"memory-{number // 2}", number % 2)
        offer = OFFER.read_bytes().decode()
        self._offer = FINGERPRINT.sub(certificate.fingerprint_sha256, offer)
        self._certificate, self._held = certificate, held

    async def open(self) -> None:
        """Open a WebSocket."""
        opening = websocket_client(self._url, source=self._address)
        self.client = await self._held.enter_async_context(opening)

    async def sit_down(self) -> None:
        """Take a seat, offer, and be answered."""
        await self.client.request("join", token=self._token)
        answer = await self.client.request("offer", sdp=self._offer, fresh=True, tracks=SOURCES)
        self.answer = answer["sdp"]

    async def shake_hands(self) -> None:
        """Prove a path, and make the handshake over it."""
        port, theirs = CANDIDATE.search(self.answer), FINGERPRINT.search(self.answer)
        assert port is not None
        assert theirs is not None
        socket = await self._held.enter_async_context(stranger(int(port[1])))
        username, password = credentials(self.answer)
        own_name, _ = credentials(self._offer)
        await socket.answer(binding_request(f"{username}:{own_name}", password))
        fingerprints = [("sha-256", theirs[0])]
        transport = DtlsTransport(
            ProvenPath(socket), self._certificate, role="client", remote_fingerprints=fingerprints
        )
        self._held.push_async_callback(transport.aclose)
        await transport.connect(PATIENCE_S)


STAGES: Final = {
    "WebSocket": Participant.open,
    "seat, leg, tracks, slots": Participant.sit_down,
    "DTLS connection, SRTP keys": Participant.shake_hands,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, write, and say what was found."""
    parser = options.parser("participant_memory", "Measure what a participant takes of memory.")
    parser.add_argument("--participants", type=options.within(20, PEOPLE), default=PEOPLE)
    chosen = parser.parse_args(arguments)
    sockets.open_many()
    people = WARM_UP + chosen.participants
    one_run_s = EXPECTED_S["start and settle"] + EXPECTED_S["a participant"] * people
    found = []
    with progress.watch("participant memory", one_run_s * chosen.runs) as watch:
        for index in range(chosen.runs):
            with (
                watch.step(f"run {index + 1}", one_run_s),
                served_relay([min(os.sched_getaffinity(0))]) as relay,
            ):
                found.append(_measure(relay, chosen.participants))
    result = _result(found, chosen.participants)
    _draw(found)
    path = result.write()
    _report(result, found)
    progress.show_bars(list(result.bars))
    print(f"{path}\n{path.with_suffix('.html')}")
    return 0


def _measure(relay: ServedRelay, people: int) -> list[float]:
    """Give the bytes a participant takes for each stage."""
    try:
        return asyncio.run(_grown(relay, people))
    except (Refused, HandshakeFailed, ClientError, TimeoutError, OSError) as failed:
        relay.check()
        raise BenchmarkFailed(f"somebody could not come: {failed!r}") from failed


async def _grown(relay: ServedRelay, people: int) -> list[float]:
    certificate = Certificate.generate()
    async with AsyncExitStack() as held:
        everybody = [
            Participant(relay, number, certificate, held) for number in range(WARM_UP + people)
        ]
        first, measured = everybody[:WARM_UP], everybody[WARM_UP:]
        for stage in STAGES.values():
            for participant in first:
                await stage(participant)
        readings = [await _settled(relay)]
        for stage in STAGES.values():
            for participant in measured:
                await stage(participant)
            readings.append(await _settled(relay))
        connected = relay.read().scrape.total("visavis_legs", state="connected")
    if connected != len(everybody):
        raise BenchmarkFailed(f"{connected:.0f} of {len(everybody)} were connected in the end")
    return [(after - before) / people for before, after in pairwise(readings)]


async def _settled(relay: ServedRelay) -> int:
    await asyncio.sleep(SETTLE_S)
    return relay.read().process.resident_bytes


def _result(found: Sequence[Sequence[float]], people: int) -> Result:
    stages = dict(zip(STAGES, zip(*found, strict=True), strict=True))
    return Result(
        name="memory",
        configuration={
            "runs": len(found),
            "participants": people,
            "before them": WARM_UP,
            "offer": str(OFFER.relative_to(ROOT)),
        },
        figures={
            "bytes_of_a_participant": {
                name: round(statistics.median(runs)) for name, runs in stages.items()
            },
            "each_run": [dict(zip(STAGES, map(round, run), strict=True)) for run in found],
        },
        bars=[
            Bar(
                "memory of a participant who has not sent any media",
                statistics.median(map(sum, found)) / 1_000,
                "kB",
                MOST_BYTES / 1_000,
            )
        ],
        notes=[
            *(
                f"{name}: {statistics.median(runs) / 1_000:.0f} kB "
                f"({min(runs) / 1_000:.0f} to {max(runs) / 1_000:.0f} in {len(runs)} runs)."
                for name, runs in stages.items()
            ),
            "Growth of the whole process's resident memory, over the number who came.",
            "What a stage gives back the next one uses first: the sum is steadier than its parts.",
        ],
    )


def _draw(found: Sequence[Sequence[float]]) -> None:
    title = "What a participant takes of memory before any media"
    with plots.plot("memory", title) as axes:
        runs = [f"run {index + 1}" for index in range(len(found))]
        lefts = [0.0] * len(found)
        for place, (name, colour) in enumerate(zip(STAGES, plots.STAGES, strict=False)):
            widths = [max(0.0, run[place]) / 1_000 for run in found]
            axes.barh(runs, widths, left=lefts, color=colour, label=name)
            lefts = [left + width for left, width in zip(lefts, widths, strict=True)]
        axes.axvline(MOST_BYTES / 1_000, color=plots.TARGET, linestyle="--")
        axes.invert_yaxis()
        axes.set_xlabel("kB")
        axes.legend(fontsize=8, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.14))


def _report(result: Result, found: Sequence[Sequence[float]]) -> None:
    report.write(
        result,
        title="Memory of a participant",
        summary="People come to a relay, two to a room, and send no media: first all of them open "
        "a WebSocket, then all are seated and answered, then all make their handshakes.",
        drawn=[report.Plot("memory", "Memory of a participant by stage, in each run")],
        tables=[
            report.Table(
                "Growth of resident memory (bytes a participant)",
                ["run", *STAGES],
                [[index + 1, *map(round, run)] for index, run in enumerate(found)],
            )
        ],
    )


if __name__ == "__main__":
    failure.run("participant_memory", lambda: main(sys.argv[1:]))
