"""SCTP packets judged before aiortc's parser sees them. Pure and total.

aiortc's parser trusts lengths inside chunks: a parameter of length zero makes it loop for ever, a
short body raises out of it, a gap block of 65,535 costs milliseconds. Here the form of every
chunk is checked, so that what goes on is sound; what it means is `aiortc_sctp`'s to judge.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Final

_COMMON_HEADER_BYTES: Final = 12  # RFC 9260 §3.1
_CHUNK_HEADER_BYTES: Final = 4  # RFC 9260 §3.2
# A packet of 1,189 bytes holds 58 DATA chunks of one byte; unknown chunks may stand among them.
_MAX_CHUNKS: Final = 64
_INIT: Final = struct.Struct("!LLHHL")  # RFC 9260 §3.3.2
_SACK: Final = struct.Struct("!LLHH")  # RFC 9260 §3.3.4
_GAP: Final = struct.Struct("!HH")


class ChunkType(IntEnum):
    """The chunks aiortc knows (RFC 9260 §3.2, RFC 6525, RFC 3758)."""

    DATA = 0
    INIT = 1
    INIT_ACK = 2
    SACK = 3
    HEARTBEAT = 4
    HEARTBEAT_ACK = 5
    ABORT = 6
    SHUTDOWN = 7
    SHUTDOWN_ACK = 8
    ERROR = 9
    COOKIE_ECHO = 10
    COOKIE_ACK = 11
    SHUTDOWN_COMPLETE = 14
    RE_CONFIG = 130
    FORWARD_TSN = 192


# Chunks that are a list of parameters, and the bytes before the list.
_PARAMETERS_AFTER: Final = {
    ChunkType.INIT: _INIT.size,
    ChunkType.INIT_ACK: _INIT.size,
    ChunkType.HEARTBEAT: 0,
    ChunkType.HEARTBEAT_ACK: 0,
    ChunkType.ABORT: 0,
    ChunkType.ERROR: 0,
    ChunkType.RE_CONFIG: 0,
}
_SHORTEST_BODY: Final = {
    ChunkType.DATA: 13,  # one byte of user data at least (RFC 9260 §3.3.1)
    ChunkType.INIT: _INIT.size,
    ChunkType.INIT_ACK: _INIT.size,
    ChunkType.SACK: _SACK.size,
    ChunkType.SHUTDOWN: 4,
    ChunkType.FORWARD_TSN: 4,
}
# RFC 6525 §4: the shortest value of each parameter that aiortc reads, and whether numbers of two
# bytes follow.
_RE_CONFIG_VALUES: Final = {13: (12, True), 16: (8, False), 17: (8, False)}
_KNOWN: Final = {int(each): each for each in ChunkType}


def chunks_untrusted(packet: bytes) -> list[tuple[ChunkType, bytes]] | None:
    """Return (type, body) of each known chunk, `None` unless the whole packet is sound.

    Sound means: lengths add up, nothing is shorter than its fixed part, parameters and gap blocks
    are well-formed and in order, INIT and INIT ACK travel alone (RFC 9260 §6.10), and no chunk
    but DATA occurs twice.
    """
    chunks: list[tuple[ChunkType, bytes]] = []
    position = _COMMON_HEADER_BYTES
    count = 0
    while position <= len(packet) - _CHUNK_HEADER_BYTES:
        size = int.from_bytes(packet[position + 2 : position + 4])
        count += 1
        if size < _CHUNK_HEADER_BYTES or position + size > len(packet) or count > _MAX_CHUNKS:
            return None
        kind = _KNOWN.get(packet[position])
        if kind is not None:
            body = packet[position + _CHUNK_HEADER_BYTES : position + size]
            if not _is_sound(kind, body):
                return None
            chunks.append((kind, body))
        position += size + -size % 4
    kinds = [kind for kind, _ in chunks if kind is not ChunkType.DATA]
    is_alone = count == 1 or not {ChunkType.INIT, ChunkType.INIT_ACK}.intersection(kinds)
    return chunks if count and is_alone and len(kinds) == len(set(kinds)) else None


def _is_sound(kind: ChunkType, body: bytes) -> bool:
    parameters = [*_parameters(body, _PARAMETERS_AFTER[kind])] if kind in _PARAMETERS_AFTER else []
    if len(body) < _SHORTEST_BODY.get(kind, 0) or None in parameters:
        return False
    match kind:
        case ChunkType.INIT | ChunkType.INIT_ACK:
            tag, _, outbound_streams, inbound_streams, _ = _INIT.unpack_from(body)
            return bool(tag and outbound_streams and inbound_streams)
        case ChunkType.SACK:
            return _gaps_are_sound(body)
        case ChunkType.FORWARD_TSN:
            return len(body) % 4 == 0
        case ChunkType.RE_CONFIG:
            return all(_re_config_is_sound(each) for each in parameters if each is not None)
        case _:
            return True


def _parameters(body: bytes, position: int) -> Iterator[tuple[int, bytes] | None]:
    """Yield (type, value) of each parameter, and `None` at the first that is none."""
    while position <= len(body) - _CHUNK_HEADER_BYTES:
        kind, size = _GAP.unpack_from(body, position)
        if size < _CHUNK_HEADER_BYTES or position + size > len(body):
            yield None
            return
        yield kind, body[position + _CHUNK_HEADER_BYTES : position + size]
        position += size + -size % 4


def _re_config_is_sound(parameter: tuple[int, bytes]) -> bool:
    kind, value = parameter
    shortest, has_numbers = _RE_CONFIG_VALUES.get(kind, (0, False))
    return len(value) >= shortest and not (has_numbers and len(value) % 2)


def _gaps_are_sound(body: bytes) -> bool:
    """Gap blocks rise and do not overlap, so that walking them costs what was sent."""
    _, _, gaps, duplicates = _SACK.unpack_from(body)
    if len(body) < _SACK.size + 4 * (gaps + duplicates):
        return False
    last = 0
    for index in range(gaps):
        start, end = _GAP.unpack_from(body, _SACK.size + 4 * index)
        if not last < start <= end:
            return False
        last = end
    return True
