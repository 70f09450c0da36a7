"""A network of the measurement's own: loopback, and one more address for who refuses loopback.

Janus gathers no candidate on a loopback interface, and has no option for it. In a network
namespace a second address is given to one end of a virtual cable whose other end leads nowhere:
packets to it take the same way through the kernel as packets to 127.0.0.1 (both are local, so both
leave on `lo`), no interface of the machine is touched, and nothing can leave it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from benchmarks.harness.failure import BenchmarkFailed

ADDRESS: Final = "198.18.0.1"
"""RFC 2544 §C.2.2: reserved for measuring."""

_ENTERED: Final = "VISAVIS_BENCHMARK_NETWORK"
_CABLE: Final = ("visavis-a", "visavis-b")


def enter(module: str, arguments: Sequence[str]) -> None:
    """Go on inside a network namespace: this process becomes `python -m module` there.

    Returns only inside, with the network made.

    Raises:
        BenchmarkFailed: The machine does not let it.

    """
    if _ENTERED not in os.environ:
        for program in ("unshare", "ip"):
            if shutil.which(program) is None:
                raise BenchmarkFailed(f"{program} is missing: apt-get install util-linux iproute2")
        # Who is not root is root in a namespace of users of his own.
        mapped = [] if os.geteuid() == 0 else ["--map-root-user"]
        command = ["unshare", "--net", *mapped, sys.executable, "-m", module, *arguments]
        os.execvpe("unshare", command, os.environ | {_ENTERED: "made"})  # noqa: S606 - ours
    near, far = _CABLE
    for words in (
        "link set lo up",
        f"link add {near} type veth peer name {far}",
        f"address add {ADDRESS}/32 dev {near}",
        # An end of a cable runs while both are up.
        f"link set {near} up",
        f"link set {far} up",
        # libnice names the interface it sends from (IP_UNICAST_IF): be loopback there, too.
        f"route add local 127.0.0.1 dev {near} table local metric 1",
    ):
        made = subprocess.run(["ip", *words.split()], capture_output=True, check=False, text=True)
        if made.returncode:
            raise BenchmarkFailed(f"a network of its own could not be had: {made.stderr.strip()}")
