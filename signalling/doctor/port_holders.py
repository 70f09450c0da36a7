"""Which processes hold a port, as far as this user may see (proc(5)).

Called by `signalling.doctor.ports`, once a port turned out to be taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

_PROC: Final = Path("/proc")
_TABLES: Final = {"tcp": ("tcp", "tcp6"), "udp": ("udp", "udp6")}
# include/net/tcp_states.h: what listens, and how an unconnected UDP socket shows itself.
_HOLDS: Final = {"tcp": "0A", "udp": "07"}
_LOCAL, _STATE, _INODE = 1, 3, 9  # columns of /proc/net/tcp and its siblings


@dataclass(frozen=True, slots=True)
class Holder:
    """A process with a socket on a port."""

    pid: int
    command: tuple[str, ...]

    @property
    def is_relay(self) -> bool:
        """Whether it is `visavis serve`, or `python -m signalling serve`."""
        names = [PurePath(word).name for word in self.command]
        return "serve" in names and ("visavis" in names or "signalling" in names)

    @property
    def words(self) -> str:
        """Its name and number; never its arguments, which may hold anything."""
        name = PurePath(self.command[0]).name if self.command else "unnamed"
        return f"a running relay (process {self.pid})" if self.is_relay else f"{name} ({self.pid})"


def holders(protocol: str, port: int, proc: Path = _PROC) -> list[Holder]:
    """Find who holds a port; empty where this user may not look into the process.

    Args:
        protocol: `tcp` or `udp`.
        port: Its number.
        proc: Where the kernel shows its processes.

    """
    inodes: set[str] = set()
    for table in _TABLES[protocol]:
        path = proc / "net" / table
        if path.exists():
            lines = path.read_text(encoding="ascii").splitlines()[1:]
            inodes |= inodes_on(lines, port, _HOLDS[protocol])
    wanted = {f"socket:[{inode}]" for inode in inodes}
    found = [_holder(folder, wanted) for folder in proc.glob("[0-9]*")] if wanted else []
    return [holder for holder in found if holder is not None]


def inodes_on(lines: Iterable[str], port: int, state: str) -> set[str]:
    """Give the inodes of the sockets that hold a port, from the rows of a table."""
    rows = (line.split() for line in lines)
    return {
        row[_INODE]
        for row in rows
        if row[_STATE] == state and int(row[_LOCAL].rpartition(":")[2], 16) == port
    }


def _holder(folder: Path, wanted: set[str]) -> Holder | None:
    try:
        for descriptor in (folder / "fd").iterdir():
            if _target(descriptor) in wanted:
                command = (folder / "cmdline").read_bytes().decode("utf-8", "replace")
                return Holder(int(folder.name), tuple(command.split("\0")[:-1]))
    except OSError:  # it has just ended, or belongs to somebody else
        pass
    return None


def _target(descriptor: Path) -> str:
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:  # closed since the folder was listed
        return ""
