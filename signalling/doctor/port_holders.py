"""Which processes hold a port, as far as this user may see (proc(5)).

Called by `signalling.doctor.ports`, once a port turned out to be taken.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path, PurePath
from typing import Final

_PROC: Final = Path("/proc")
# include/net/tcp_states.h: what listens, and how an unconnected UDP socket shows itself.
_HOLDS: Final = {"tcp": "0A", "udp": "07"}
_LOCAL, _STATE, _INODE = 1, 3, 9  # columns of /proc/net/tcp and its siblings
_WORD_DIGITS: Final = 8  # of an address in those tables: 32 bits in hexadecimal

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Holder:
    """A process with a socket in the way."""

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


def holders(
    protocol: str, addresses: Iterable[Address], port: int, proc: Path = _PROC
) -> list[Holder]:
    """Find who stands in the way of a socket; empty where this user may not look into the process.

    Args:
        protocol: `tcp` or `udp`.
        addresses: What the socket is bound to, one after another, without zones.
        port: Its number.
        proc: Where the kernel shows its processes.

    """
    state = _HOLDS[protocol]
    tables = {4: _rows(proc / "net" / protocol), 6: _rows(proc / "net" / f"{protocol}6")}
    inodes: set[str] = set()
    for address in addresses:
        # An IPv6 wildcard may hold IPv4 too, which no table shows: it counts where nothing else is.
        own = inodes_on(tables[address.version], address, port, state)
        inodes |= own or inodes_on(tables[6], address, port, state)
    wanted = {f"socket:[{inode}]" for inode in inodes}
    found = [_holder(folder, wanted) for folder in proc.glob("[0-9]*")] if wanted else []
    return [holder for holder in found if holder is not None]


def inodes_on(lines: Iterable[str], wanted: Address, port: int, state: str) -> set[str]:
    """Give the inodes of the sockets that keep an address's port, from the rows of a table."""
    inodes: set[str] = set()
    for row in (line.split() for line in lines):
        host, _, port_digits = row[_LOCAL].partition(":")
        if row[_STATE] == state and int(port_digits, 16) == port and _clash(_held(host), wanted):
            inodes.add(row[_INODE])
    return inodes


def _rows(table: Path) -> list[str]:
    return table.read_text(encoding="ascii").splitlines()[1:] if table.exists() else []


def _held(digits: str) -> Address:
    """Parse an address of a table: its 32-bit words, each in this machine's order of bytes."""
    words = (digits[at : at + _WORD_DIGITS] for at in range(0, len(digits), _WORD_DIGITS))
    address = ip_address(b"".join(int(word, 16).to_bytes(4, sys.byteorder) for word in words))
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _clash(held: Address, wanted: Address) -> bool:
    """Tell whether one socket may keep another from its port; the relay's take one family each."""
    if held.version != wanted.version:
        return isinstance(wanted, IPv4Address) and held.is_unspecified
    return held == wanted or held.is_unspecified or wanted.is_unspecified


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
