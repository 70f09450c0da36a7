"""What a forger sends: DTLS records, Hellos and SCTP chunks made by hand."""

from __future__ import annotations

import datetime as dt
import struct

import pytest
from aiortc.rtcdtlstransport import SRTP_AEAD_AES_128_GCM, RTCCertificate
from aiortc.rtcsctptransport import DataChunk
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from OpenSSL import SSL

# One ClientHello of a race attack on media servers: well-formed, with the single cipher suite
# TLS_NULL_WITH_NULL_NULL.
NULL_CIPHER_HELLO_BODY = (
    b"\xfe\xfd" + bytes(range(32)) + b"\x00\x00" + b"\x00\x02\x00\x00" + b"\x01\x00"
)


def handshake_record(
    message_type: int,
    body: bytes,
    *,
    sequence: int = 0,
    offset: int = 0,
    total: int | None = None,
    record_sequence: int = 0,
) -> bytes:
    total = len(body) if total is None else total
    fragment = (
        bytes([message_type])
        + total.to_bytes(3)
        + sequence.to_bytes(2)
        + offset.to_bytes(3)
        + len(body).to_bytes(3)
        + body
    )
    header = struct.pack("!BHHIHH", 22, 0xFEFD, 0, record_sequence >> 16, record_sequence, 0)
    return header[:11] + len(fragment).to_bytes(2) + fragment


def alert_record() -> bytes:
    return struct.pack("!BHHIHH", 21, 0xFEFD, 0, 0, 99, 2) + b"\x02\x28"  # fatal, handshake_failure


def real_hello() -> bytes:
    """A Hello that any server accepts, from somebody who never goes on."""
    context = RTCCertificate.generateCertificate()._create_ssl_context([SRTP_AEAD_AES_128_GCM])
    connection = SSL.Connection(context)
    connection.set_connect_state()
    with pytest.raises(SSL.WantReadError):
        connection.do_handshake()
    return connection.bio_read(2_000)


def rsa_certificate() -> RTCCertificate:
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "rsa")])
    now = dt.datetime.now(tz=dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return RTCCertificate(key, certificate)  # type: ignore[arg-type]


FIRST, LAST, WHOLE = 2, 1, 3


def data(tsn: int, *, flags: int = WHOLE, stream: int = 1, size: int = 1) -> DataChunk:
    chunk = DataChunk(flags=flags)
    chunk.tsn = tsn % 2**32
    chunk.stream_id = stream
    chunk.protocol = 53
    chunk.user_data = bytes(size)
    return chunk
