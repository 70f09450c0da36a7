"""DTLS records and handshake fragments, read before OpenSSL sees them. Pure and total.

Only what a screen needs is read: headers. DTLS 1.2 alone is spoken, so records of DTLS 1.3's
unified header are no records here.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

_RECORD_HEADER: Final = struct.Struct("!BHHIHH")  # RFC 6347 §4.1; epoch, then a 48-bit sequence
_FRAGMENT_HEADER_BYTES: Final = 12  # RFC 6347 §4.2.2
_VERSIONS: Final = (0xFEFD, 0xFEFF)  # DTLS 1.2; DTLS 1.0 stands on first ClientHellos
_RANDOM: Final = slice(2, 34)  # of a ClientHello's body, after its version (RFC 5246 §7.4.1.2)


class ContentType(IntEnum):
    """What a record carries (RFC 5246 §6.2.1)."""

    CHANGE_CIPHER_SPEC = 20
    ALERT = 21
    HANDSHAKE = 22
    APPLICATION_DATA = 23


class MessageType(IntEnum):
    """Handshake messages of a full DTLS 1.2 handshake (RFC 6347 §4.3.2)."""

    CLIENT_HELLO = 1
    SERVER_HELLO = 2
    HELLO_VERIFY_REQUEST = 3
    NEW_SESSION_TICKET = 4
    CERTIFICATE = 11
    SERVER_KEY_EXCHANGE = 12
    CERTIFICATE_REQUEST = 13
    SERVER_HELLO_DONE = 14
    CERTIFICATE_VERIFY = 15
    CLIENT_KEY_EXCHANGE = 16


_CONTENT_TYPES: Final = frozenset(int(each) for each in ContentType)
_MESSAGE_TYPES: Final = frozenset(int(each) for each in MessageType)


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `raw` is the whole of it, header included."""

    content_type: ContentType
    epoch: int
    payload: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class Fragment:
    """One piece of a handshake message in the clear."""

    message_type: MessageType
    sequence: int
    message_bytes: int  # of the whole message, as it claims
    offset: int
    body: bytes

    @property
    def client_random(self) -> bytes | None:
        """What tells one ClientHello from another; `None` in later fragments."""
        body = self.body if self.message_type is MessageType.CLIENT_HELLO else b""
        return body[_RANDOM] if self.offset == 0 and len(body) >= _RANDOM.stop else None


def records_untrusted(datagram: bytes) -> list[Record]:
    """Return the records of a datagram up to the first that is none."""
    records: list[Record] = []
    position = 0
    while len(datagram) - position >= _RECORD_HEADER.size:
        kind, version, epoch, _, _, size = _RECORD_HEADER.unpack_from(datagram, position)
        end = position + _RECORD_HEADER.size + size
        if kind not in _CONTENT_TYPES or version not in _VERSIONS or end > len(datagram):
            break
        raw = datagram[position:end]
        records.append(Record(ContentType(kind), epoch, raw[_RECORD_HEADER.size :], raw))
        position = end
    return records


def fragments_untrusted(payload: bytes) -> list[Fragment] | None:
    """Return the handshake fragments of a record in the clear, `None` unless all are sound."""
    fragments: list[Fragment] = []
    position = 0
    while position < len(payload):
        header = payload[position : position + _FRAGMENT_HEADER_BYTES]
        if len(header) < _FRAGMENT_HEADER_BYTES or header[0] not in _MESSAGE_TYPES:
            return None
        message_bytes = int.from_bytes(header[1:4])
        offset = int.from_bytes(header[6:9])
        size = int.from_bytes(header[9:12])
        start = position + _FRAGMENT_HEADER_BYTES
        position = start + size
        is_empty_piece = size == 0 and message_bytes > 0
        if position > len(payload) or offset + size > message_bytes or is_empty_piece:
            return None
        fragments.append(
            Fragment(
                message_type=MessageType(header[0]),
                sequence=int.from_bytes(header[4:6]),
                message_bytes=message_bytes,
                offset=offset,
                body=payload[start:position],
            )
        )
    return fragments or None


def datagrams_of(records: bytes, mtu_bytes: int) -> list[bytes]:
    """Pack outgoing records into datagrams without cutting one (RFC 6347 §4.1.1).

    Args:
        records: What OpenSSL wrote: whole records, one after the other.
        mtu_bytes: Largest datagram; a record above it travels alone.

    """
    datagrams: list[bytes] = []
    packed = b""
    position = 0
    while position < len(records):
        size = _RECORD_HEADER.size + int.from_bytes(records[position + 11 : position + 13])
        record = records[position : position + size]
        if packed and len(packed) + len(record) > mtu_bytes:
            datagrams.append(packed)
            packed = b""
        packed += record
        position += size
    return [*datagrams, packed] if packed else datagrams
