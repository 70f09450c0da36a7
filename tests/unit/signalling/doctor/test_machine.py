"""Verdicts on the machine, from facts that a test makes up, and the facts of this machine."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import pytest

from relay.config import RelayConfig, parse_config
from relay.machine.kernel_buffers import full_bytes
from relay.transports.srtp_support import openssl_version, srtp_profiles
from signalling.doctor import buffers, clock, descriptors, offload, processors, srtp
from signalling.doctor.buffers import DIRECTIONS, BufferFacts, Direction
from signalling.doctor.clock import ClockFacts
from signalling.doctor.finding import Finding, Verdict

MIB = 1 << 20
REPOSITORY = Path(__file__).resolve().parents[4]


def verdict_and_action(finding: Finding) -> tuple[str, str]:
    return finding.verdict.value, finding.action


@pytest.mark.parametrize(
    ("granted", "ordinary", "receiving", "sending"),
    [
        (4 * MIB, 4 * MIB, "ok", "ok"),
        (5 * MIB, 5 * MIB, "ok", "ok"),
        (4 * MIB - 2, 4 * MIB - 2, "trouble", "warning"),
        (425_984, 425_984, "trouble", "warning"),
        (4 * MIB, 425_984, "warning", "warning"),
    ],
)
def test_a_capped_buffer_is_said_with_the_command_that_lifts_the_cap(
    granted: int, ordinary: int, receiving: str, sending: str
) -> None:
    facts = BufferFacts(4 * MIB, granted, ordinary, 212_992)
    found = [buffers.judge(direction, facts) for direction in DIRECTIONS]
    commands = ("sysctl -w net.core.rmem_max=2097152", "sysctl -w net.core.wmem_max=2097152")
    assert [verdict_and_action(finding) for finding in found] == [
        (verdict, "" if verdict == "ok" else command)
        for verdict, command in zip((receiving, sending), commands, strict=True)
    ]
    assert "is 212,992" in found[0].words


def test_a_buffer_of_an_odd_size_gets_a_limit_that_suffices() -> None:
    facts = BufferFacts(4 * MIB + 1, MIB, MIB, None)
    finding = buffers.judge(DIRECTIONS[0], facts)
    assert finding.action.endswith("=2097152")
    assert "net.core" not in finding.words


@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_buffer_of_an_odd_size_is_whole_though_halves_are_rounded_down(
    direction: Direction,
) -> None:
    whole = BufferFacts(4 * MIB + 1, 4 * MIB, 4 * MIB, 2 * MIB)
    assert buffers.judge(direction, whole).verdict == "ok"
    capped = BufferFacts(4 * MIB + 1, 4 * MIB - 2, 4 * MIB - 2, 2 * MIB - 1)
    assert buffers.judge(direction, capped).verdict != "ok"


def test_the_kernel_gives_the_whole_of_an_odd_size() -> None:
    assert buffers._facts(DIRECTIONS[0], 131_073).granted_bytes == full_bytes(131_073) == 131_072


def test_the_kernel_is_asked_as_the_engine_asks_it() -> None:
    """Half is asked for and doubled, and what this machine's limit allows is reported."""
    limit = int(Path("/proc/sys/net/core/rmem_max").read_text())
    facts = buffers._facts(DIRECTIONS[0], 131_072)
    assert (facts.granted_bytes, facts.limit_bytes) == (131_072, limit)
    capped = buffers._granted(socket.SO_RCVBUF, (socket.SO_RCVBUF,), 8 * limit)
    assert capped == 2 * limit


def test_the_send_buffer_is_the_one_that_the_engine_asks_for() -> None:
    source = (REPOSITORY / "codecs/engine/src/sockets/mod.rs").read_text()
    found = re.search(r"SEND_BUFFER_BYTES: u32 = (\d+) \* (\d+) \* (\d+);", source)
    assert found
    first, second, third = map(int, found.groups())
    assert first * second * third == buffers.SEND_BUFFER_BYTES


@pytest.mark.parametrize(("sends", "verdict"), [(True, "ok"), (False, "warning")])
@pytest.mark.parametrize("receives", [True, False])
def test_sending_in_runs_decides_and_receiving_them_does_not(
    sends: bool, verdict: str, receives: bool
) -> None:
    finding = offload.judge(sends=sends, receives=receives)
    assert finding.verdict == verdict
    assert ("UDP_GRO is there" in finding.words) is receives


def test_an_option_that_the_kernel_does_not_know_is_told_from_one_it_does() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        assert offload._knows(probe, 1)  # UDP_CORK
        assert not offload._knows(probe, 9_999)


@pytest.mark.parametrize(
    ("limit", "verdict", "sentence"),
    [
        (None, "ok", "No limit"),
        (20_000, "ok", "20,000"),
        (1_024, "warning", "room for 956 WebSockets"),
        (68, "trouble", "room for 0 WebSockets"),
    ],
)
def test_open_files_are_counted_in_people(limit: int | None, verdict: str, sentence: str) -> None:
    finding = descriptors.judge(limit, media_sockets=4)
    assert finding.verdict == verdict
    assert sentence in finding.words
    assert ("LimitNOFILE=20000" in finding.action) is (verdict != "ok")


@pytest.mark.parametrize(
    ("facts", "verdict", "sentence"),
    [
        (ClockFacts(synchronised=True, max_error_us=12_000), "ok", "to 12 ms"),
        (ClockFacts(synchronised=True, max_error_us=16_000_000), "warning", "16,000 ms"),
        (ClockFacts(synchronised=False, max_error_us=0), "warning", "tokens"),
        (ClockFacts(synchronised=None, max_error_us=0), "warning", "does not tell"),
    ],
)
def test_a_clock_that_nobody_keeps_right_is_warned_of(
    facts: ClockFacts, verdict: str, sentence: str
) -> None:
    finding = clock.judge(facts)
    assert finding.verdict == verdict
    assert sentence in finding.words
    assert bool(finding.action) is (verdict != "ok")


def test_the_kernel_is_asked_about_the_clock() -> None:
    facts = clock._facts()
    assert facts.synchronised in {True, False}, "any user may ask"
    assert facts.max_error_us >= 0


@pytest.mark.parametrize(
    ("workers", "count", "quota", "verdict", "action"),
    [
        (1, 2, None, "ok", ""),
        (2, 2, None, "ok", ""),
        (2, 8, 2.5, "ok", ""),
        (4, 2, None, "warning", "Set media.workers to 2"),
        (2, 8, 1.5, "warning", "Set media.workers to 1"),
        (1, 8, 0.5, "warning", "at least 1 CPU"),
    ],
)
def test_workers_have_processors(
    workers: int, count: int, quota: float | None, verdict: str, action: str
) -> None:
    finding = processors.judge(workers, count, quota)
    assert finding.verdict == verdict
    assert action in finding.action


def test_a_containers_share_is_read() -> None:
    assert processors.parse_quota("max 100000\n") is None
    assert processors.parse_quota("150000 100000\n") == 1.5


@pytest.mark.parametrize(
    ("profiles", "verdict"),
    [
        ({"SRTP_AEAD_AES_128_GCM": True, "SRTP_AES128_CM_SHA1_80": True}, "ok"),
        ({"SRTP_AEAD_AES_128_GCM": False, "SRTP_AES128_CM_SHA1_80": True}, "warning"),
        ({"SRTP_AEAD_AES_128_GCM": False, "SRTP_AES128_CM_SHA1_80": False}, "trouble"),
    ],
)
def test_media_needs_a_profile_and_gcm_to_be_fast(profiles: dict[str, bool], verdict: str) -> None:
    finding = srtp.judge(profiles, "OpenSSL 0.0")
    assert finding.verdict == verdict
    assert verdict == "ok" or "OpenSSL 0.0" in finding.words


def test_the_installed_openssl_takes_every_profile_of_the_relay() -> None:
    assert list(srtp_profiles()) == [
        "SRTP_AEAD_AES_128_GCM",
        "SRTP_AEAD_AES_256_GCM",
        "SRTP_AES128_CM_SHA1_80",
    ]
    assert all(srtp_profiles().values())
    assert openssl_version().startswith("OpenSSL ")


def test_every_check_of_the_machine_runs_here() -> None:
    config = parse_config("[media]\nworkers = 4\nreceive_buffer_bytes = 65536")
    for module in (buffers, offload, descriptors, clock, processors, srtp):
        found = module.check(config)
        assert found
        for finding in found:
            assert finding.words.endswith((".", ")."))
            assert bool(finding.who) == bool(finding.action) == (finding.verdict != Verdict.OK)
    assert offload.check(RelayConfig())[0].check == "packet runs"
