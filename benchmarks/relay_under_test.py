"""The process of `relay_process`, as a measurement holds it."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.consultations import Consultation
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.programs import ROOT

ANSWERS_WITHIN_S: Final = 30.0
"""Setting up a thousand legs takes a few seconds; everything else, milliseconds."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The relay's clocks and counters at one moment."""

    worker_cpu_ns: int
    process_cpu_ns: int
    memory_bytes: int
    counters: dict[str, int]

    def relayed(self) -> int:
        """Count the media packets that left."""
        return self.counters["egress_audio_packets"] + self.counters["egress_video_packets"]


class RelayUnderTest:
    """A running relay."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.address = ""
        self.receive_buffer_bytes = 0

    def ask(self, document: dict[str, Any]) -> dict[str, Any]:
        """Say one line and hear one.

        Raises:
            BenchmarkFailed: The relay has ended, or does not answer.

        """
        talk, hear = self._process.stdin, self._process.stdout
        assert talk
        assert hear
        try:
            talk.write(json.dumps(document) + "\n")
            talk.flush()
        except BrokenPipeError:
            # What it did not read would be written again when the pipe is closed.
            with suppress(BrokenPipeError):
                talk.close()
            raise BenchmarkFailed(self._epitaph()) from None
        if not select.select([hear], [], [], ANSWERS_WITHIN_S)[0]:
            raise BenchmarkFailed(f"the relay did not answer within {ANSWERS_WITHIN_S:.0f} s")
        line = hear.readline()
        if not line:
            raise BenchmarkFailed(self._epitaph())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def read(self) -> Reading:
        """Read its clocks and counters now."""
        return Reading(**self.ask({}))

    def _epitaph(self) -> str:
        status = self._process.wait(timeout=5)
        words = self._process.stderr.read() if self._process.stderr else ""
        # The trace of a group of exceptions ends with the rules of its drawing.
        lines = [told for line in words.splitlines() if (told := line.strip(" |+-"))]
        last = f": {lines[-1]}" if lines else ""
        return f"the relay ended in mid-run with status {status}{last}"


@contextmanager
def relay_under_test(
    consultations: Sequence[Consultation], *, core: int, gather_us: int, receive_buffer_bytes: int
) -> Iterator[RelayUnderTest]:
    """Start a relay with these consultations' legs; it ends with the block.

    Raises:
        BenchmarkFailed: It did not start.

    """
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.relay_process"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            relay = RelayUnderTest(process)
            plan = {
                "core": core,
                "gather_us": gather_us,
                "receive_buffer_bytes": receive_buffer_bytes,
                "consultations": [[one.leg() for one in pair] for pair in consultations],
            }
            told = relay.ask(plan)
            relay.address = told["relay"]
            relay.receive_buffer_bytes = told["receive_buffer_bytes"]
            yield relay
        finally:
            process.terminate()
