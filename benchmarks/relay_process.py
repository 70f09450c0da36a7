"""The relay that is measured, in a process of its own: `python -m benchmarks.relay_process`.

Its packet path is the product's, set up through `relay.engine` as a session sets it up; what
signalling and DTLS would have agreed on comes in one JSON line instead. Each further line asks for
a reading of its clocks and counters. It ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.consultations import (
    AEAD_AES_128_GCM,
    EXTENSION_URIS,
    EXTENSIONS,
    OPUS,
    VP8,
    VP8_RTX,
)
from relay.engine import EngineConfig, EngineLeg, MediaEngine
from relay.errors import Overloaded
from relay.ids import TrackId
from relay.transports.dtls import SrtpKeys

AUDIO_CODECS = [(OPUS, "opus", -1)]
VIDEO_CODECS = [(VP8, "vp8", VP8_RTX)]
WORKER_THREADS = "media-"
"""How `codecs/engine` names its threads."""


async def serve() -> None:
    """Do what the lines on standard input ask for."""
    lines = asyncio.StreamReader(limit=2**26)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    plan = json.loads(await lines.readline())
    os.sched_setaffinity(0, {plan["core"]})
    config = EngineConfig(
        listen=("127.0.0.1",),
        port=0,
        receive_buffer_bytes=plan["receive_buffer_bytes"],
        gather_us=plan["gather_us"],
    )
    async with MediaEngine(config) as engine, asyncio.TaskGroup() as listeners:
        listening = [
            listeners.create_task(_listen(leg), name=f"listen {leg.id}")
            for leg in await _set_up(engine, plan["consultations"])
        ]
        ip, port = engine.addresses(engine.place())[0]
        _say({"relay": f"{ip}:{port}", "receive_buffer_bytes": engine.receive_buffer_bytes()[0]})
        while await lines.readline():
            _say(_reading(engine))
        for task in listening:
            task.cancel()


async def _set_up(
    engine: MediaEngine, consultations: Sequence[Sequence[Mapping[str, Any]]]
) -> list[EngineLeg]:
    legs: list[EngineLeg] = []
    for pair in consultations:
        people = [(engine.leg(engine.place()), person) for person in pair]
        for leg, person in people:
            _open(leg, person)
        tracks = [_publish(leg, person) for leg, person in people]
        for (leg, person), (audio, video) in zip(people, reversed(tracks), strict=True):
            slot = leg.add_slot(b"2", "audio", person["slot_audio_ssrc"], 0, AUDIO_CODECS)
            leg.bind(slot, audio)
            ssrcs = (person["slot_video_ssrc"], person["slot_rtx_ssrc"])
            slot = leg.add_slot(b"3", "video", *ssrcs, VIDEO_CODECS)
            leg.bind(slot, video)
        legs.extend(leg for leg, _ in people)
        # The worker's queue of commands is bounded: let it follow.
        await asyncio.sleep(0.001)
    return legs


def _open(leg: EngineLeg, person: Mapping[str, Any]) -> None:
    inbound, outbound = (
        (bytes.fromhex(keys["key"]), bytes.fromhex(keys["salt"]))
        for keys in (person["sends"], person["receives"])
    )
    leg.add(person["ufrag"].encode(), person["password"].encode(), reduced_size_rtcp=True)
    leg.set_extensions([(EXTENSIONS[name], uri) for name, uri in EXTENSION_URIS.items()])
    leg.set_keys(SrtpKeys(AEAD_AES_128_GCM, *inbound, *outbound))


def _publish(leg: EngineLeg, person: Mapping[str, Any]) -> tuple[TrackId, TrackId]:
    audio = leg.publish(
        b"0", AUDIO_CODECS, [], [(person["audio_ssrc"], 0)], transport_cc=True, nack=False
    )
    video = leg.publish(
        b"1", VIDEO_CODECS, [], [(person["video_ssrc"], 0)], transport_cc=True, nack=True
    )
    return audio, video


async def _listen(leg: EngineLeg) -> None:
    """Take what a session would take. Cancellation: nothing is left."""
    try:
        async for _ in leg.events():
            pass
    except Overloaded:
        # A session would end; the leg's media goes on, which is what is measured.
        return


def _reading(engine: MediaEngine) -> dict[str, Any]:
    return {
        "worker_cpu_ns": sum(_thread_cpu_ns(thread) for thread in _worker_threads()),
        "process_cpu_ns": time.process_time_ns(),
        "memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "counters": engine.counters(),
    }


def _worker_threads() -> Iterator[int]:
    for task in Path("/proc/self/task").iterdir():
        if (task / "comm").read_text().startswith(WORKER_THREADS):
            yield int(task.name)


def _thread_cpu_ns(thread: int) -> int:
    """Read a thread's processor time to the nanosecond (clock ids as in Linux' posix-timers.h)."""
    per_thread_scheduler_clock = 6
    return time.clock_gettime_ns(~thread << 3 | per_thread_scheduler_clock)


def _say(document: Mapping[str, Any]) -> None:
    print(json.dumps(document), flush=True)


if __name__ == "__main__":
    asyncio.run(serve())
