"""A DTLS 1.2 handshake that forged datagrams cannot end. Sans-IO; drives OpenSSL connections.

OpenSSL gives a handshake up at the first message it cannot take. So each ClientHello that differs
gets a connection of its own, a connection that fails is dropped without a word, and the first one
to finish wins: a forged Hello costs a connection, not the call. Only time ends the handshake.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from OpenSSL import SSL

from relay.transports.dtls_records import Fragment, Record, datagrams_of, records_untrusted
from relay.transports.dtls_screen import HandshakeScreen, Role

# Smaller than any path's MTU once UDP and IPv6 are added (RFC 8200 §5: 1,280).
MTU_BYTES: Final = 1_200
# Two would do against one forger; four times the screen's bound is 64 KiB for a handshake.
MAX_CANDIDATES: Final = 4
# A repeated Hello is answered at once, and no more often than a client repeats it.
_MAX_REPEATS: Final = 8
_MAX_CLIENT_RESTARTS: Final = 3
_READ_BYTES: Final = 65_536
_CLIENT = b"client"  # the key of the only candidate in the client role


@dataclass(slots=True)
class _Candidate:
    connection: SSL.Connection
    flight: list[bytes] = field(default_factory=list)  # the last one written
    repeats: int = 0


class Handshake:
    """One handshake, from the first datagram to the winning connection.

    Attributes:
        winner: The finished connection, `None` until then.
        screen: What was refused before OpenSSL saw it.
        failure: The reason OpenSSL gave last, as a short name; `None` if it never complained.

    """

    def __init__(self, connect: Callable[[], SSL.Connection], role: Role) -> None:
        self.winner: SSL.Connection | None = None
        self.screen = HandshakeScreen(role)
        self.failure: str | None = None
        self._connect = connect
        self._role = role
        self._candidates: dict[bytes, _Candidate] = {}
        self._restarts = 0

    def begin(self) -> list[bytes]:
        """Return the datagrams to send first: none in the server role."""
        if self._role == "server":
            return []
        return self._advance(_CLIENT, self._new_candidate(_CLIENT))

    def handle_datagram_untrusted(self, datagram: bytes) -> list[bytes]:
        """Take a datagram in and return those to send."""
        records = records_untrusted(datagram)
        if not records:
            self.screen.refused["malformed_record"] += 1
        replies: list[bytes] = []
        for record in records:
            if self.winner is not None:
                self.winner.bio_write(record.raw)
                continue
            fragments = self.screen.passes_untrusted(record)
            if fragments is not None:
                replies += self._handle_record(record, fragments)
        return replies

    def handle_timeout(self) -> list[bytes]:
        """Return what is due for retransmission."""
        replies: list[bytes] = []
        for key, candidate in list(self._candidates.items()):
            if candidate.connection.DTLSv1_get_timeout() == 0:
                try:
                    candidate.connection.DTLSv1_handle_timeout()
                except SSL.Error:
                    del self._candidates[key]
                else:
                    replies += _written(candidate.connection)
        return replies

    @property
    def timeout_s(self) -> float | None:
        """Time until a retransmission is due; `None` while none is."""
        waits_s = [each.connection.DTLSv1_get_timeout() for each in self._candidates.values()]
        return min((wait_s for wait_s in waits_s if wait_s is not None), default=None)

    def _handle_record(self, record: Record, fragments: list[Fragment]) -> list[bytes]:
        random = next(filter(None, (each.client_random for each in fragments)), None)
        if random is not None:
            return self._handle_hello(random, record)
        replies: list[bytes] = []
        for key, candidate in list(self._candidates.items()):
            candidate.connection.bio_write(record.raw)
            replies += self._advance(key, candidate)
            if self.winner is not None:
                break
        return replies

    def _handle_hello(self, random: bytes, record: Record) -> list[bytes]:
        candidate = self._candidates.get(random)
        if candidate is None:
            if len(self._candidates) == MAX_CANDIDATES:
                self.screen.refused["too_many_hellos"] += 1
                return []
            candidate = self._new_candidate(random)
        elif candidate.flight:
            candidate.repeats += 1
            return candidate.flight if candidate.repeats <= _MAX_REPEATS else []
        candidate.connection.bio_write(record.raw)
        return self._advance(random, candidate)

    def _new_candidate(self, key: bytes) -> _Candidate:
        candidate = self._candidates[key] = _Candidate(self._connect())
        return candidate

    def _advance(self, key: bytes, candidate: _Candidate) -> list[bytes]:
        try:
            candidate.connection.do_handshake()
        except SSL.WantReadError:
            pass
        except SSL.Error as error:
            return self._lose(key, error)
        else:
            self.winner = candidate.connection
            self._candidates.clear()  # the others would cost memory for as long as the leg lives
        flight = _written(candidate.connection)
        if flight:
            candidate.flight = flight
            candidate.repeats = 0
        return flight

    def _lose(self, key: bytes, error: SSL.Error) -> list[bytes]:
        """Drop a connection that failed; in the client role begin again a few times."""
        self.failure = _name_of(error)
        self.screen.refused["handshake_error"] += 1
        del self._candidates[key]
        if self._role == "client" and self._restarts < _MAX_CLIENT_RESTARTS:
            self._restarts += 1
            return self.begin()
        return []


def _written(connection: SSL.Connection) -> list[bytes]:
    try:
        return datagrams_of(connection.bio_read(_READ_BYTES), MTU_BYTES)
    except SSL.Error:  # nothing was written
        return []


def _name_of(error: SSL.Error) -> str:
    """Give OpenSSL's last complaint one of a few names, fit for a metric label."""
    texts = [entry[-1] for entry in error.args[0]] if error.args and error.args[0] else []
    text = texts[-1] if texts else ""
    for words, name in (
        ("no shared cipher", "no_common_cipher"),
        ("no suitable signature algorithm", "no_common_cipher"),
        ("unsupported protocol", "no_common_version"),
        ("wrong version", "no_common_version"),
        ("certificate", "bad_certificate"),
    ):
        if words in text:
            return name
    return "protocol_error"
