"""What the closed network holds back is held back, of sockets that are open too. Needs root."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

import pytest

from benchmarks.adaptation.endtoend.on_a_side import run_inside
from tests.endtoend.closed_network import IPV4, NEAR, closed_network
from tests.endtoend.network_blocks import Block, NetworkBlocks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.adaptation.sides import Side

HELD_BACK_FOR_S = 0.3
COMES_WITHIN_S = 10.0
"""TCP sends again at growing intervals what was held back."""


@contextlib.contextmanager
def datagrams(side: Side) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give two sockets; what the first sends comes to the second."""

    def opened() -> tuple[socket.socket, socket.socket]:
        pair = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
        for each in pair:
            each.bind((IPV4, 0))
        pair[0].connect(pair[1].getsockname())
        return pair[0], pair[1]

    one, other = run_inside(side, opened)
    with one, other:
        yield one, other


@contextlib.contextmanager
def stream(side: Side) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give the two ends of a connection, the caller's first."""

    def opened() -> tuple[socket.socket, socket.socket]:
        with socket.create_server((IPV4, 0)) as server:
            caller = socket.create_connection(server.getsockname())
            return caller, server.accept()[0]

    caller, called = run_inside(side, opened)
    with caller, called:
        yield caller, called


def comes(to: socket.socket, within_s: float) -> bytes:
    """Give what comes in that time: nothing, if nothing does."""
    to.settimeout(within_s)
    try:
        return to.recv(100)
    except TimeoutError:
        return b""


def test_datagrams_are_held_back_but_for_some_ports() -> None:
    with (
        closed_network() as side,
        datagrams(side) as (one, other),
        datagrams(side) as (kept, receiver),
    ):
        blocks = NetworkBlocks(side, NEAR)
        port = int(kept.getsockname()[1])
        blocks.keep("udp", port, port)
        one.send(b"before")
        assert comes(other, COMES_WITHIN_S) == b"before"
        blocks.hold_back(Block("udp", IPV4))
        one.send(b"lost")
        kept.send(b"kept")
        assert comes(receiver, COMES_WITHIN_S) == b"kept"
        assert comes(other, HELD_BACK_FOR_S) == b""
        blocks.hold_back()
        one.send(b"after")
        assert comes(other, COMES_WITHIN_S) == b"after"


def test_an_open_connection_is_held_back_both_ways_and_nobody_is_told() -> None:
    with closed_network() as side, stream(side) as (caller, called):
        port = int(called.getsockname()[1])
        blocks = NetworkBlocks(side, NEAR)
        blocks.hold_back(Block("tcp", IPV4, port))
        caller.send(b"there")
        called.send(b"back")
        assert comes(called, HELD_BACK_FOR_S) == b""
        assert comes(caller, HELD_BACK_FOR_S) == b""
        # Another one's is let through.
        with stream(side) as (other_caller, other_called):
            other_caller.send(b"other")
            assert comes(other_called, COMES_WITHIN_S) == b"other"
        blocks.hold_back()
        assert comes(called, COMES_WITHIN_S) == b"there"
        assert comes(caller, COMES_WITHIN_S) == b"back"


@pytest.mark.parametrize(("port", "rules"), [(None, 1), (3478, 2)])
def test_a_port_is_blocked_from_either_end(port: int | None, rules: int) -> None:
    found = Block("tcp", IPV4, port).rules
    assert len(found) == rules
    assert all(f"ipproto tcp to {IPV4}" in rule for rule in found)
