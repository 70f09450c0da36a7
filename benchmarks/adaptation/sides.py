"""Two network namespaces, the ends of an emulated link, each held open by a process of ours.

Nothing gets a name on the machine: a namespace lives as long as the processes in it. The one that
holds it ends when its input does, so nothing stays behind even if this process is killed.
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.harness.failure import BenchmarkFailed

PROGRAMS: Final = ("unshare", "nsenter", "taskset", "ip")
WITHIN_S: Final = 10.0
_TUN: Final = Path("/dev/net/tun")


@dataclass(frozen=True, slots=True)
class Side:
    """One end: everything that is started by its `command` sees the link and nothing else."""

    name: str
    address: str
    namespace: Path
    """A file that stands for it, for as long as it is held."""

    def command(self, words: Sequence[str]) -> list[str]:
        """Give the command that runs another one on this side."""
        return ["nsenter", f"--net={self.namespace}", "--", *words]

    def configure(self, *lines: str) -> None:
        """Obey lines of `ip -batch` here.

        Raises:
            BenchmarkFailed: The kernel refused one of them.

        """
        self.run("ip", "-batch", "-", told="\n".join(lines) + "\n")

    def run(self, *words: str, told: str = "") -> None:
        """Run a command here that sets up the network, to its end.

        Raises:
            BenchmarkFailed: It failed; in its own words.

        """
        configured = subprocess.run(
            self.command(words),
            input=told,
            capture_output=True,
            check=False,
            text=True,
            timeout=WITHIN_S,
        )
        if configured.returncode:
            raise BenchmarkFailed(
                f"the {self.name}'s network could not be set up: {configured.stderr.strip()}"
            )


def need_rights() -> None:
    """Refuse a machine or a user that cannot have such a link, and say who must do what.

    Raises:
        BenchmarkFailed: A program, a device or a right is missing.

    """
    for program in PROGRAMS:
        if shutil.which(program) is None:
            raise BenchmarkFailed(
                f"{program} is missing; as root: apt-get install util-linux iproute2"
            )
    if os.geteuid() != 0:
        raise BenchmarkFailed(
            "an emulated link needs root, for network namespaces and TUN devices; run the same "
            "command with sudo"
        )
    if not _TUN.exists():
        raise BenchmarkFailed(
            f"{_TUN} is missing; whoever runs this machine must load it (modprobe tun), or give it "
            "to the container (--device /dev/net/tun --cap-add NET_ADMIN --cap-add SYS_ADMIN)"
        )


@contextmanager
def held(name: str, address: str) -> Iterator[Side]:
    """Hold a network namespace, in which only loopback is up.

    Raises:
        BenchmarkFailed: The machine does not let it.

    """
    # `cat` ends with its input, which ends with this process at the latest.
    command = ["unshare", "--net", "--", "sh", "-c", "ip link set lo up && echo held && exec cat"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as holder:
        try:
            assert holder.stdout
            ready = select.select([holder.stdout], [], [], WITHIN_S)[0]
            if not ready or holder.stdout.readline() != b"held\n":
                holder.kill()
                assert holder.stderr
                words = holder.stderr.read().decode(errors="replace").strip()
                raise BenchmarkFailed(
                    f"no network namespace could be had: {words or 'no answer'}; in a container "
                    "this needs --cap-add SYS_ADMIN --cap-add NET_ADMIN"
                )
            yield Side(name, address, Path(f"/proc/{holder.pid}/ns/net"))
        finally:
            assert holder.stdin
            holder.stdin.close()
            _ended(holder)


def _ended(holder: subprocess.Popen[bytes]) -> None:
    try:
        holder.wait(WITHIN_S)
    except subprocess.TimeoutExpired:
        holder.kill()
