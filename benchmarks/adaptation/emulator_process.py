"""The program `emulator` of codecs/loadgen: started, asked, heard, and ended whatever happens."""

from __future__ import annotations

import json
import queue
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from benchmarks.harness.failure import BenchmarkFailed

WITHIN_S: Final = 10.0
"""For each thing it is asked: all of them take it milliseconds."""

_ANSWERS: Final = ("ready", "accepted", "refused")


class EmulatorProcess:
    """An emulator that runs; made by `running`."""

    def __init__(self, process: subprocess.Popen[str], errors: IO[bytes]) -> None:
        self._process = process
        self._errors = errors
        self._answers: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self._outcome: dict[str, Any] | None = None
        self._listener = threading.Thread(target=self._listen, name="emulator", daemon=True)
        self._listener.start()

    def ask(self, line: Mapping[str, Any]) -> Mapping[str, Any]:
        """Say a line, and wait for the answer to it.

        Raises:
            BenchmarkFailed: It has ended, or says nothing.

        """
        assert self._process.stdin
        # One that has ended says why on its standard error.
        with suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(line) + "\n")
            self._process.stdin.flush()
        try:
            answer = self._answers.get(timeout=WITHIN_S)
        except queue.Empty:
            raise BenchmarkFailed(f"the emulator said nothing for {WITHIN_S:.0f} s") from None
        if answer is None:
            # Whoever asks again is told again.
            self._answers.put(None)
            raise BenchmarkFailed(self._words())
        return answer

    def end(self) -> dict[str, Any]:
        """Let it end, and give what it found.

        Raises:
            BenchmarkFailed: It found nothing.

        """
        self.stop()
        if self._outcome is None:
            raise BenchmarkFailed(self._words())
        return self._outcome

    def terminate(self) -> None:
        """Ask it to end, as an operator would (SIGTERM)."""
        self._process.terminate()

    def wait(self) -> None:
        """Wait until it has ended by itself.

        Raises:
            subprocess.TimeoutExpired: It has not, in ten seconds.

        """
        self._process.wait(WITHIN_S)
        self._listener.join(WITHIN_S)

    def stop(self) -> None:
        """End it: the end of its input is enough, unless it hangs."""
        assert self._process.stdin
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        for insist in (self._process.terminate, self._process.kill):
            try:
                self._process.wait(WITHIN_S)
                break
            except subprocess.TimeoutExpired:
                insist()
        self._listener.join(WITHIN_S)

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            told = json.loads(line)
            if "outcome" in told:
                self._outcome = told["outcome"]
            elif any(answer in told for answer in _ANSWERS):
                self._answers.put(told)
        self._answers.put(None)

    def _words(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self.wait()
        if self._outcome is not None:
            return f"the link is over: {self._outcome.get('ended_by')}"
        self._errors.seek(0)
        words = self._errors.read().decode(errors="replace").strip()
        return words or f"the emulator ended with status {self._process.returncode} without a word"


@contextmanager
def running(program: Path) -> Iterator[EmulatorProcess]:
    """Start an emulator, which waits for its setup; it has ended when this is left."""
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            [str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        emulator = EmulatorProcess(process, errors)
        try:
            yield emulator
        finally:
            emulator.stop()
