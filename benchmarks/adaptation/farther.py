"""Clients that are farther away than a link's own: each a network of its own behind it.

The link's client hands on what comes for them, over a path without a limit that only takes longer.
So flows of different round trips share one bottleneck, whose record is the link's.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.adaptation.emulated_link import EmulatedLink, device_lines
from benchmarks.adaptation.emulator_process import running
from benchmarks.adaptation.link_setup import LinkSetup
from benchmarks.adaptation.sides import Side, held
from benchmarks.harness import programs

_HANDS_ON: Final = "echo 1 > /proc/sys/net/ipv4/ip_forward"
_DEVICE: Final = "farther"


@contextmanager
def farther(
    link: EmulatedLink, number: int, delay_ms: float, program: Path | None = None
) -> Iterator[Side]:
    """Make a client that is so much farther away, either way; it goes with the block.

    Args:
        link: What everything to and from it passes, too.
        number: From 1 to 250; no two clients behind one link have the same.
        delay_ms: One way.
        program: The emulator; by default as cargo builds it for measuring.

    Raises:
        BenchmarkFailed: The machine does not let it, or the emulator failed; in its own words.

    """
    assert 1 <= number <= 250, "the third byte of its address"
    near, far = (f"198.18.{number}.{end}" for end in (1, 2))
    device = f"{_DEVICE}{number}"
    with (
        held(f"client-{number}", far) as side,
        running(program or programs.path_of("emulator")) as process,
    ):
        # Down is from the server to the client, so the nearer end is this path's server.
        document = LinkSetup(down={"delay_ms": delay_ms}, up={"delay_ms": delay_ms}).document()
        document["client"] = {"namespace": str(side.namespace), "device": device}
        document["server"] = {"namespace": str(link.client.namespace), "device": device}
        process.ask(document)
        link.client.run("sh", "-c", _HANDS_ON)
        link.client.configure(*device_lines(device, near, far))
        side.configure(*device_lines(device, far, near), f"route add default dev {device}")
        yield side
