"""What the kernel gives to programs that are started: ports and descriptors."""

from __future__ import annotations

import resource
import socket


def free_tcp_port() -> int:
    """Find a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def open_many() -> None:
    """Let what is started have as many descriptors as the machine allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
