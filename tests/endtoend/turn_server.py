"""A real coturn: with the lines that docs/turn.md gives operators, and a certificate of its own."""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from benchmarks.adaptation.endtoend.on_a_side import run_inside
from relay.machine.addresses import machine_addresses
from tests.endtoend.relay_process import free_tcp_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from benchmarks.adaptation.sides import Side

Over = Literal["udp", "tcp", "tls"]

TURNSERVER = Path("/usr/bin/turnserver")
DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "turn.md"
LINES = re.compile(r"^```ini\n(.+?)^```", re.MULTILINE | re.DOTALL)
LOOPBACK = "127.0.0.1"
TLS_NAME = "localhost"
"""Firefox speaks TLS to a name only, and this one is known everywhere."""
FIRST_PORT, LAST_PORT = 61_000, 61_999
"""Where it sends to the relay from: beside those that Linux gives to everybody else by itself."""
START_TIMEOUT_S = 20.0
LISTENS_WITHIN_S = 1.0
STOP_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class TurnServer:
    """One running coturn."""

    address: str
    """Of this machine and not loopback, to which coturn does not relay."""
    port: int
    """There, for UDP and TCP."""
    tls_port: int
    """Of loopback."""
    secret: str
    secret_file: Path

    def url(self, over: Over) -> str:
        """Give its address for browsers."""
        if over == "tls":
            return f"turns:{TLS_NAME}:{self.tls_port}?transport=tcp"
        return f"turn:{self.address}:{self.port}?transport={over}"

    def section(self, *over: Over) -> str:
        """Write the relay's configuration: it is reached in these ways."""
        urls = [self.url(each) for each in over]
        return f'[turn]\nurls = {urls}\nsecret_file = "{self.secret_file}"'

    def is_sender(self, address: tuple[str, int]) -> bool:
        """Whether something comes from the ports from which it sends to the relay."""
        return FIRST_PORT <= address[1] <= LAST_PORT


@contextlib.asynccontextmanager
async def running_turn_server(
    folder: Path, *, side: Side | None = None, more: Sequence[str] = ()
) -> AsyncIterator[TurnServer]:
    """Serve until the block ends; what it says is in `folder`.

    Args:
        folder: For its files.
        side: The network to serve in, where that is not the machine's.
        more: Lines of configuration besides.

    """
    address = _own_address() if side is None else side.address
    port, tls_port = free_tcp_port(), free_tcp_port()
    secret_file = folder / "turn-secret"
    secret_file.touch(mode=0o600)
    secret = secrets.token_hex(32)
    secret_file.write_text(f"{secret}\n")
    certificate, key = write_certificate(folder)
    changes = {
        "listening-port": str(port),
        "tls-listening-port": str(tls_port),
        "cert": str(certificate),
        "pkey": str(key),
        "static-auth-secret": secret,
        "allowed-peer-ip": address,
        "min-port": str(FIRST_PORT),
        "max-port": str(LAST_PORT),
    }
    own = [
        f"listening-ip={address}",
        f"listening-ip={LOOPBACK}",
        f"relay-ip={address}",
        f"pidfile={folder / 'turnserver.pid'}",
        f"userdb={folder / 'turndb'}",
        "log-file=stdout",
        *more,
    ]
    config = folder / "turnserver.conf"
    config.write_text(configuration(DOCUMENT.read_text(), changes, own))
    log = folder / "turnserver.log"
    command = [str(TURNSERVER), "-c", str(config)]
    with log.open("w") as output:
        process = await asyncio.create_subprocess_exec(
            *(command if side is None else side.command(command)),
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            cwd=folder,
        )
    try:
        await _until_listening(process, ((address, port), (LOOPBACK, tls_port)), log, side)
        yield TurnServer(address, port, tls_port, secret, secret_file)
    finally:
        await _stop(process)


def configuration(document: str, changes: Mapping[str, str], more: Sequence[str]) -> str:
    """Give the document's lines with other values, and lines that only a test needs."""
    found = LINES.search(document)
    assert found is not None, "the document has no lines for coturn"
    lines = []
    unused = dict(changes)
    for line in found[1].splitlines():
        key, equals, _ = line.partition("=")
        lines.append(f"{key}={unused.pop(key)}" if equals and key in unused else line)
    assert not unused, f"the document says nothing of {sorted(unused)}"
    return "\n".join([*lines, *more]) + "\n"


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """Write a certificate that is signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, TLS_NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(TLS_NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / "turn.pem", folder / "turn.key"
    certificate_path.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_path.touch(mode=0o600)
    key_path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return certificate_path, key_path


def _own_address() -> str:
    return next(str(each) for each in machine_addresses(loopback=False) if each.version == 4)


async def _until_listening(
    process: asyncio.subprocess.Process,
    places: Sequence[tuple[str, int]],
    log: Path,
    side: Side | None,
) -> None:
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            for place in places:
                while not await asyncio.to_thread(_listens, place, side):
                    assert process.returncode is None, f"coturn ended: see {log}"
                    await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"coturn does not listen: see {log}") from None


def _listens(place: tuple[str, int], side: Side | None) -> bool:
    if side is not None:
        return run_inside(side, partial(_listens, place, None))
    try:
        socket.create_connection(place, LISTENS_WITHIN_S).close()
    except OSError:
        return False
    return True


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT_S):
            await process.wait()
    except TimeoutError:
        # Some versions finish what they relay first.
        process.kill()
        await process.wait()
