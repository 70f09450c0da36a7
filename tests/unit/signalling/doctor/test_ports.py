"""Verdicts on the ports that the operator configured, and who holds them."""

from __future__ import annotations

import errno
import os
import socket
import struct
import sys
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest

from relay.config import parse_config
from signalling.doctor import ports
from signalling.doctor.port_holders import Holder, holders, inodes_on
from signalling.doctor.ports import Attempt, Wish

RELAY = Holder(7, ("/usr/bin/python3", "/opt/visavis", "serve", "--config", "a.toml"))
STRANGER = Holder(8, ("/usr/sbin/nginx", "-g", "daemon off;"))
INIT = Holder(1, ("/usr/lib/systemd/systemd", "--system"))
LOOPBACK = ip_address("127.0.0.1")
SIGNALLING = Wish("signalling port", "tcp", "127.0.0.1", 8080, "signalling")
MEDIA = Wish("media port", "udp", "::", 7882, "media")


def test_ports_that_are_free_share_a_finding() -> None:
    found = ports.judge([Attempt(MEDIA, 0), Attempt(MEDIA, 0)])
    assert [(finding.verdict, finding.words) for finding in found] == [
        ("ok", "Free: UDP [::]:7882, UDP [::]:7882.")
    ]


@pytest.mark.parametrize(
    ("who", "verdict", "sentence", "action"),
    [
        ([RELAY], "ok", "a running relay (process 7)", ""),
        ([STRANGER], "trouble", "nginx (8), which is no relay", "Set signalling.port to another"),
        ([RELAY, STRANGER], "trouble", "nginx (8)", "Set signalling.port to another"),
        ([INIT], "trouble", "systemd (1)", "Set signalling.port to another"),
        ([], "trouble", "of another user", "Set signalling.port to another"),
    ],
)
def test_who_holds_a_port_is_said(
    who: Sequence[Holder], verdict: str, sentence: str, action: str
) -> None:
    (finding,) = ports.judge([Attempt(SIGNALLING, errno.EADDRINUSE, holders=who)])
    assert finding.verdict == verdict
    assert sentence in finding.words
    assert finding.action.startswith(action)
    assert finding.action.endswith("ss -ltnp 'sport = :8080'" if action else "")
    assert "kill" not in finding.action
    assert "daemon" not in repr(finding)


def test_a_udp_port_is_looked_for_among_sockets_that_are_not_connected() -> None:
    (finding,) = ports.judge([Attempt(MEDIA, errno.EADDRINUSE, holders=[STRANGER])])
    assert finding.action.startswith("Set media.port to another")
    assert finding.action.endswith("ss -lunp 'sport = :7882'")


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (errno.EACCES, "sysctl -w net.ipv4.ip_unprivileged_port_start=7882"),
        (errno.EADDRNOTAVAIL, "Set media.listen to one of what this shows: ip -brief address"),
        (errno.EAFNOSUPPORT, "Set media.listen to one of what this shows: ip -brief address"),
        (errno.EINVAL, "Correct media.listen and media.port."),
    ],
)
def test_a_port_that_cannot_be_opened_says_why_and_what_to_do(error: int, action: str) -> None:
    (finding,) = ports.judge([Attempt(MEDIA, error, "because")])
    assert (finding.verdict, finding.action) == ("trouble", action)


def test_ports_are_tried_on_this_machine() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        udp.bind(("127.0.0.1", 0))
        taken = [each.getsockname()[1] for each in (tcp, udp)]
        config = parse_config(
            f"[signalling]\nport = {taken[0]}\n[metrics]\nport = 0\nhost = 'no.such.invalid'\n"
            f"[media]\nport = {taken[1]}\nlisten = ['127.0.0.1', '192.0.2.77', 'nothing']\n"
            "tcp = false\n"
        )
        found = ports.check(config)
    said = {(finding.verdict.value, finding.words) for finding in found}
    mine = f"({os.getpid()}), which is no relay."
    assert sum(words.endswith(mine) for _, words in said) == 2
    assert {verdict for verdict, _ in said} == {"trouble"}
    assert any("the name is unknown" in words for _, words in said)
    assert any("192.0.2.77" in words and "not this machine's" in words for _, words in said)
    assert any("it is no address" in words for _, words in said)
    assert [finding.verdict.value for finding in ports.check(config)[:1]] == ["ok"], "let go of"


def test_each_worker_has_ports_of_its_own() -> None:
    text = "[media]\nworkers = 2\nport = 7000\nlisten = ['::1']\n"
    wished = [(wish.protocol, wish.port) for wish in ports.wishes(parse_config(text))]
    always = [("tcp", 8080), ("tcp", 9090), ("udp", 7000), ("udp", 7001)]
    assert wished == [*always, ("tcp", 7000), ("tcp", 7001)]
    without = parse_config(text + "tcp = false")
    assert [(wish.protocol, wish.port) for wish in ports.wishes(without)] == always


def test_media_by_tcp_cannot_have_the_port_of_signalling() -> None:
    text = "[signalling]\nport = 443\n[media]\nport = 443\n"
    (finding,) = ports.judge_overlap(parse_config(text))
    assert finding.words == "Signalling and media both want TCP port 443."
    assert finding.action == "Set media.port to another than 443, or media.tcp = false."
    assert ports.judge_overlap(parse_config(text + "tcp = false")) == []


@pytest.mark.parametrize(
    ("hosts", "port", "clash"),
    [
        (("127.0.0.1", "127.0.0.1"), 8080, True),
        (("0.0.0.0", "127.0.0.1"), 8080, True),
        (("127.0.0.2", "127.0.0.1"), 8080, False),
        (("127.0.0.1", "127.0.0.1"), 0, False),
    ],
)
def test_one_port_cannot_serve_signalling_and_metrics(
    hosts: tuple[str, str], port: int, clash: bool
) -> None:
    config = parse_config(
        f"[signalling]\nhost = '{hosts[0]}'\nport = {port}\n"
        f"[metrics]\nhost = '{hosts[1]}'\nport = {port}"
    )
    found = ports.judge_overlap(config)
    assert [finding.verdict.value for finding in found] == ["trouble"] * clash
    assert all(finding.action == "Set metrics.port to another than 8080." for finding in found)


def row(host: str, port: int, inode: int, state: str = "0A") -> str:
    """Write a row as the kernel does: 32-bit words in the machine's order of bytes (proc(5))."""
    packed = ip_address(host).packed
    words = struct.unpack(f"={len(packed) // 4}I", packed)
    local = "".join(f"{word:08X}" for word in words)
    return f"0: {local}:{port:04X} {'0' * len(local)}:0000 {state} 0:0 00:0 0 0 0 {inode} 1"


@pytest.mark.parametrize(
    ("held", "wanted", "clash"),
    [
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.2", "127.0.0.1", False),
        ("0.0.0.0", "127.0.0.1", True),
        ("127.0.0.1", "0.0.0.0", True),
        ("::1", "::1", True),
        ("2001:db8::1", "::1", False),
        ("::", "::1", True),
        ("::1", "::", True),
        ("::", "127.0.0.1", True),
        ("::1", "0.0.0.0", False),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("::ffff:127.0.0.2", "127.0.0.1", False),
        ("0.0.0.0", "::", False),
    ],
)
def test_a_port_is_held_for_an_address_or_for_all(held: str, wanted: str, clash: bool) -> None:
    rows = [
        row(held, 8080, 41),
        row(held, 8080, 42, state="01"),
        row(held, 22, 43),
    ]
    assert inodes_on(rows, ip_address(wanted), 8080, "0A") == ({"41"} if clash else set())


def test_a_row_of_the_kernels_is_read() -> None:
    local = "0100007F" if sys.byteorder == "little" else "7F000001"
    line = f"0: {local}:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 41 1"
    assert inodes_on([line], LOOPBACK, 8080, "0A") == {"41"}
    assert row("127.0.0.1", 8080, 41).split()[1] == f"{local}:1F90"


@pytest.mark.parametrize(
    ("ipv4", "wanted", "pids"),
    [
        (None, "127.0.0.1", [8]),
        ("127.0.0.2", "127.0.0.1", [8]),
        ("127.0.0.1", "127.0.0.1", [7]),
        ("127.0.0.1", "::1", [8]),
    ],
)
def test_a_wildcard_of_ipv6_is_named_where_nothing_of_ipv4_is(
    tmp_path: Path, ipv4: str | None, wanted: str, pids: list[int]
) -> None:
    net = tmp_path / "net"
    net.mkdir()
    if ipv4 is not None:
        (net / "tcp").write_text(f"head\n{row(ipv4, 8080, 41)}\n")
    (net / "tcp6").write_text(f"head\n{row('::', 8080, 42)}\n")
    for pid, inode in ((7, 41), (8, 42)):
        (tmp_path / str(pid) / "fd").mkdir(parents=True)
        (tmp_path / str(pid) / "fd" / "3").symlink_to(f"socket:[{inode}]")
        (tmp_path / str(pid) / "cmdline").write_bytes(b"nginx\0")
    found = holders("tcp", [ip_address(wanted)], 8080, tmp_path)
    assert [holder.pid for holder in found] == pids


def test_a_port_of_nobody_has_no_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert [holder.pid for holder in holders("tcp", [LOOPBACK], port)] == [os.getpid()]
        assert holders("tcp", [ip_address("127.0.0.2")], port) == []
    assert holders("tcp", [LOOPBACK], port) == []


@pytest.mark.parametrize(
    ("command", "is_relay"),
    [
        (("python", "-m", "signalling", "serve"), True),
        (("/venv/bin/python", "/venv/bin/visavis", "serve"), True),
        (("visavis", "plan"), False),
        (("serve",), False),
        ((), False),
    ],
)
def test_a_relay_is_known_by_its_command(command: tuple[str, ...], is_relay: bool) -> None:
    assert Holder(1, command).is_relay is is_relay
