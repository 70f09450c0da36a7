"""Verdicts on what the operator configured: keys, state, ports, addresses."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path

import pytest

from relay.config import KeysConfig, RelayConfig, SignallingConfig, parse_config
from signalling.doctor import addresses, keys, ports, state
from signalling.doctor.finding import Finding
from signalling.doctor.port_holders import Holder, holders, inodes_on
from signalling.doctor.ports import Attempt, Wish
from signalling.doctor.state import StateFacts

SECRET = "a-secret-of-the-tests-32-characters-long"
MIB = 1 << 20
RELAY = Holder(7, ("/usr/bin/python3", "/opt/visavis", "serve", "--config", "a.toml"))
STRANGER = Holder(8, ("/usr/sbin/nginx", "-g", "daemon off;"))
SIGNALLING = Wish("signalling port", "tcp", "127.0.0.1", 8080, "signalling")
MEDIA = Wish("media port", "udp", "::", 7882, "media")


@pytest.fixture(autouse=True)
def no_keys_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISAVIS_KEYS", raising=False)


def with_key_file(path: Path, *, text: str = f"key-1 {SECRET}\n", mode: int = 0o600) -> RelayConfig:
    path.write_text(text)
    path.chmod(mode)
    return RelayConfig(keys=KeysConfig(file=str(path)))


def test_a_usable_key_file_is_named_and_no_key_is_shown(tmp_path: Path) -> None:
    (finding,) = keys.check(with_key_file(tmp_path / "keys"))
    assert finding.verdict == "ok"
    assert str(tmp_path / "keys") in finding.words
    assert SECRET not in repr(finding)


def test_a_key_file_that_others_can_read_is_trouble_with_its_command(tmp_path: Path) -> None:
    (finding,) = keys.check(with_key_file(tmp_path / "keys", mode=0o640))
    assert (finding.verdict, finding.action) == ("trouble", f"chmod 600 {tmp_path / 'keys'}")


@pytest.mark.parametrize("text", ["key-1 short\n", "what is this line\n"])
def test_a_key_file_that_holds_something_else_is_trouble(tmp_path: Path, text: str) -> None:
    (finding,) = keys.check(with_key_file(tmp_path / "keys", text=text))
    assert finding.verdict == "trouble"
    assert "Line 1" in finding.words
    assert "mode 0600" in finding.action


@pytest.mark.parametrize(
    ("host", "verdict"),
    [("127.0.0.1", "warning"), ("localhost", "warning"), ("0.0.0.0", "trouble")],
)
def test_no_key_is_trouble_where_others_are_served(tmp_path: Path, host: str, verdict: str) -> None:
    config = RelayConfig(
        signalling=SignallingConfig(host=host), keys=KeysConfig(state_dir=str(tmp_path / "a b"))
    )
    (finding,) = keys.check(config)
    assert finding.verdict == verdict
    assert os.system(finding.action) == 0  # noqa: S605 - that the command works is the claim
    (after,) = keys.check(config)
    assert after.verdict == "ok"


def test_keys_of_the_environment_are_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISAVIS_KEYS", f"key-1 {SECRET}")
    (finding,) = keys.check(RelayConfig())
    assert "VISAVIS_KEYS" in finding.words


def test_a_state_folder_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    config = RelayConfig(keys=KeysConfig(state_dir=str(tmp_path)))
    folder, disk = state.check(config)
    assert (folder.verdict, disk.verdict) == ("ok", "ok")
    assert "is writable" in folder.words
    assert list(tmp_path.iterdir()) == []


def test_a_state_folder_that_is_to_be_created_is_not_created(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state"
    folder, _ = state.check(RelayConfig(keys=KeysConfig(state_dir=str(path))))
    assert folder.verdict == "ok"
    assert "can be created" in folder.words
    assert not path.parent.exists()


def test_a_file_where_the_state_folder_should_be_is_trouble(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    config = RelayConfig(keys=KeysConfig(state_dir=str(tmp_path / "state")))
    folder, _ = state.check(config)
    assert folder.verdict == "trouble"
    assert "Not a directory" in folder.words


@pytest.mark.parametrize(("needed", "verdict"), [(True, "trouble"), (False, "warning")])
def test_a_state_folder_matters_less_where_keys_are_elsewhere(needed: bool, verdict: str) -> None:
    facts = StateFacts(Path("/var/x"), True, "Permission denied", 1 << 40, needed)
    finding = state.judge_folder(facts)
    assert finding.verdict == verdict
    assert finding.action.startswith("install -d -m 700 -o USER /var/x")


@pytest.mark.parametrize(
    ("free", "verdict"), [(256 * MIB, "ok"), (255 * MIB, "warning"), (MIB - 1, "trouble")]
)
def test_a_disk_fills_before_it_is_full(free: int, verdict: str) -> None:
    facts = StateFacts(Path("/var/x"), True, "", free, True)
    assert state.judge_disk(facts).verdict == verdict


def test_ports_that_are_free_share_a_finding() -> None:
    found = ports.judge([Attempt(MEDIA, 0), Attempt(MEDIA, 0)])
    assert [(finding.verdict, finding.words) for finding in found] == [
        ("ok", "Free: UDP [::]:7882, UDP [::]:7882.")
    ]


@pytest.mark.parametrize(
    ("who", "verdict", "sentence", "action"),
    [
        ([RELAY], "ok", "a running relay (process 7)", ""),
        ([STRANGER], "trouble", "nginx (8), which is no relay", "kill 8 "),
        ([RELAY, STRANGER], "trouble", "nginx (8)", "kill 8 "),
        ([], "trouble", "of another user", "ss -tlnp 'sport = :8080'"),
    ],
)
def test_who_holds_a_port_is_said(
    who: Sequence[Holder], verdict: str, sentence: str, action: str
) -> None:
    (finding,) = ports.judge([Attempt(SIGNALLING, errno.EADDRINUSE, holders=who)])
    assert finding.verdict == verdict
    assert sentence in finding.words
    assert finding.action.startswith(action)
    assert "daemon" not in repr(finding)


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
    config = parse_config("[media]\nworkers = 2\nport = 7000\nlisten = ['::1']")
    assert [wish.port for wish in ports.wishes(config)] == [8080, 9090, 7000, 7001]


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
    assert [finding.verdict.value for finding in ports.judge_overlap(config)] == ["trouble"] * clash


def test_a_port_is_found_in_the_kernels_table() -> None:
    rows = [
        "0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 41 1",
        "1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000 0 0 42 1",
        "2: 0100007F:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 43 1",
    ]
    assert inodes_on(rows, 8080, "0A") == {"41"}


def test_a_port_of_nobody_has_no_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert [holder.pid for holder in holders("tcp", port)] == [os.getpid()]
    assert holders("tcp", port) == []


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


def judged(media: str, machine: str, host: str = "127.0.0.1") -> list[Finding]:
    config = parse_config(f"[signalling]\nhost = '{host}'\n[media]\n{media}")
    return addresses.judge(config, [ip_address(text) for text in machine.split()])


LOOPBACK = "127.0.0.1 ::1"


@pytest.mark.parametrize(
    ("media", "machine", "verdict", "sentence"),
    [
        ("", f"{LOOPBACK} 198.51.100.7", "ok", "all of them this machine's"),
        ("", f"{LOOPBACK} 10.0.0.7", "warning", "private addresses"),
        ("", LOOPBACK, "warning", "loopback only"),
        ("listen = ['127.0.0.1']", f"{LOOPBACK} 198.51.100.7", "warning", "loopback only"),
        (
            "listen = ['127.0.0.1']\nannounce = ['198.51.100.7']",
            f"{LOOPBACK} 198.51.100.7",
            "warning",
            "loopback only",
        ),
        ("announce = ['203.0.113.7']", f"{LOOPBACK} 10.0.0.7", "ok", "pass UDP 7882 on"),
        (
            "announce = ['203.0.113.7']\nworkers = 3",
            f"{LOOPBACK} 10.0.0.7",
            "ok",
            "pass UDP 7882 to 7884 on",
        ),
        ("announce = ['here']", LOOPBACK, "trouble", "'here', which is no address"),
        ("listen = ['here']", LOOPBACK, "trouble", "no address: here"),
        (
            "announce = ['2001:db8::1']\nlisten = ['0.0.0.0']",
            f"{LOOPBACK} 198.51.100.7",
            "trouble",
            "no such family",
        ),
    ],
)
def test_it_is_said_who_can_reach_the_media(
    media: str, machine: str, verdict: str, sentence: str
) -> None:
    (finding,) = judged(media, machine)
    assert finding.verdict == verdict
    assert sentence in finding.words


def test_media_on_loopback_is_trouble_where_signalling_is_not() -> None:
    (finding,) = judged("listen = ['127.0.0.1']", f"{LOOPBACK} 198.51.100.7", "198.51.100.7")
    assert (finding.verdict, finding.who) == ("trouble", "the relay's operator")


def test_a_wildcard_over_several_addresses_is_warned_of() -> None:
    machine = f"{LOOPBACK} 198.51.100.7 198.51.100.8 2001:db8::7"
    reach, wildcard = judged("", machine)
    assert reach.verdict == "ok"
    assert wildcard.verdict == "warning"
    assert 'media.listen = ["198.51.100.7", "198.51.100.8"]' in wildcard.action
    assert len(judged("listen = ['198.51.100.7', '198.51.100.8']", machine)) == 1
