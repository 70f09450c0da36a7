"""Probes over a link, from inside its sides: `python -m benchmarks.adaptation.probe send|receive`.

A probe is an RTP packet, so that the link's log knows it by its sequence number, and carries its
number and when it was sent. It arrived when the kernel says so, not when this process had time.
"""

from __future__ import annotations

import argparse
import select
import socket
import struct
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

SSRC: Final = 0x50524F42
PAYLOAD_TYPE: Final = 96
PORT: Final = 9_000
_PROBE: Final = struct.Struct("!BBHIIQQ")
"""RTP's fixed header (RFC 3550 §5.1), then the probe's number and its time of sending."""

HEADERS_BYTES: Final = 28
"""IPv4 and UDP."""

LEAST_IP_BYTES: Final = HEADERS_BYTES + _PROBE.size
_STAMP: Final = struct.Struct("@qq")
_SO_TIMESTAMPNS: Final = 35
_SO_RCVBUFFORCE: Final = 33
"""Numbers of asm-generic/socket.h, which the module `socket` lacks."""

_ROOM_BYTES: Final = 64 * 1_024 * 1_024
"""For two seconds of 20,000 packets a second, should this process be held up."""


def send(to: str, *, packets_per_s: float, ip_bytes: int, count: int) -> None:
    """Send probes at a steady pace; those that are late leave at once."""
    probe = bytearray(ip_bytes - HEADERS_BYTES)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect((to, PORT))
        begin_s = time.monotonic()
        for number in range(count):
            wait_s = begin_s + number / packets_per_s - time.monotonic()
            if wait_s > 0:
                time.sleep(wait_s)
            fields = (0x80, PAYLOAD_TYPE, number & 0xFFFF, number & 0xFFFFFFFF, SSRC, number)
            _PROBE.pack_into(probe, 0, *fields, time.time_ns())
            out.send(probe)


def receive(address: str, path: Path, *, count: int) -> None:
    """Note all probes until so many have come, or until the input ends.

    What is noted is an array of one row each: number, sent, arrived; both in wall-clock ns.
    """
    found: list[tuple[int, int, int]] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as into:
        try:
            into.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _ROOM_BYTES)
        except PermissionError:
            into.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM_BYTES)
        into.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        into.bind((address, PORT))
        into.setblocking(False)  # noqa: FBT003 - the standard library's own
        print("bound", flush=True)
        ended = False
        while len(found) < count and not ended:
            readable = select.select([into, sys.stdin], [], [])[0]
            ended = sys.stdin in readable
            while True:
                try:
                    datagram, beside, _, _ = into.recvmsg(2_048, socket.CMSG_SPACE(_STAMP.size))
                except BlockingIOError:
                    break
                seconds, nanoseconds = _STAMP.unpack(beside[0][2])
                number, sent_ns = _PROBE.unpack_from(datagram)[-2:]
                found.append((number, sent_ns, seconds * 1_000_000_000 + nanoseconds))
    np.save(path, np.array(found, np.int64).reshape(-1, 3))


def main(arguments: Sequence[str] | None = None) -> int:
    """Do one or the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.adaptation.probe")
    roles = parser.add_subparsers(dest="role", required=True)
    sender = roles.add_parser("send")
    sender.add_argument("to")
    sender.add_argument("--packets-per-s", type=float, required=True)
    sender.add_argument("--ip-bytes", type=int, required=True)
    receiver = roles.add_parser("receive")
    receiver.add_argument("address")
    receiver.add_argument("path", type=Path)
    for role in (sender, receiver):
        role.add_argument("--count", type=int, required=True)
    chosen = parser.parse_args(arguments)
    if chosen.role == "send":
        pace, ip_bytes = chosen.packets_per_s, max(LEAST_IP_BYTES, chosen.ip_bytes)
        send(chosen.to, packets_per_s=pace, ip_bytes=ip_bytes, count=chosen.count)
    else:
        receive(chosen.address, chosen.path, count=chosen.count)
    return 0


if __name__ == "__main__":
    sys.exit(main())
