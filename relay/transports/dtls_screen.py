"""What may reach OpenSSL during a handshake, so that no forged record can end it. Pure.

A plaintext record proves nothing about its sender: somebody who forges the peer's address could
send an alert, a message that no handshake has, or fragments that promise megabytes (security
classes 2 and 3 of the threat model). Those are dropped here and counted.
"""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal

from relay.transports.dtls_records import (
    ContentType,
    Fragment,
    MessageType,
    Record,
    fragments_untrusted,
)

Role = Literal["server", "client"]

# A ClientHello with post-quantum key shares measures 1.5 KiB.
_MAX_HELLO_BYTES: Final = 4 * 1024
# All other messages together; an RSA-4096 certificate with its signature measures 2.5 KiB.
_MAX_MESSAGES_BYTES: Final = 8 * 1024
_MAX_MESSAGES: Final = 16
# Encrypted records that OpenSSL would keep for the next epoch: a Finished measures 53 bytes.
_MAX_EARLY_RECORDS: Final = 16
_MAX_EARLY_RECORD_BYTES: Final = 256

# What OpenSSL can be made to hold for one ClientHello; times MAX_CANDIDATES it is 64 KiB.
MAX_HELD_BYTES: Final = (
    _MAX_HELLO_BYTES + _MAX_MESSAGES_BYTES + _MAX_EARLY_RECORDS * _MAX_EARLY_RECORD_BYTES
)

_EXPECTED: Final[dict[Role, frozenset[MessageType]]] = {
    "server": frozenset(
        {
            MessageType.CLIENT_HELLO,
            MessageType.CERTIFICATE,
            MessageType.CLIENT_KEY_EXCHANGE,
            MessageType.CERTIFICATE_VERIFY,
        }
    ),
    "client": frozenset(
        {
            MessageType.SERVER_HELLO,
            MessageType.HELLO_VERIFY_REQUEST,
            MessageType.NEW_SESSION_TICKET,
            MessageType.CERTIFICATE,
            MessageType.SERVER_KEY_EXCHANGE,
            MessageType.CERTIFICATE_REQUEST,
            MessageType.SERVER_HELLO_DONE,
        }
    ),
}


class HandshakeScreen:
    """The bounds of one handshake; `refused` counts what was dropped, by reason."""

    def __init__(self, role: Role) -> None:
        self.refused: Counter[str] = Counter()
        self._expected = _EXPECTED[role]
        self._promised_bytes: dict[tuple[int, MessageType], int] = {}
        self._early_records = 0
        self._ciphers_changed = False

    def passes_untrusted(self, record: Record) -> list[Fragment] | None:
        """Return the record's fragments if it may go on, `None` if it is dropped.

        A record of another kind than a plaintext handshake goes on with no fragment.
        """
        reason, fragments = self._judge(record)
        if reason is None:
            return fragments
        self.refused[reason] += 1
        return None

    def _judge(self, record: Record) -> tuple[str | None, list[Fragment]]:
        if record.epoch > 0:
            return self._judge_encrypted(record), []
        match record.content_type:
            case ContentType.CHANGE_CIPHER_SPEC:
                self._ciphers_changed = True
                return None, []
            case ContentType.HANDSHAKE:
                fragments = fragments_untrusted(record.payload)
                if fragments is None:
                    return "malformed_fragment", []
                return next(filter(None, map(self._judge_fragment, fragments)), None), fragments
            case ContentType.ALERT:
                return "plaintext_alert", []
            case _:
                return "plaintext_data", []

    def _judge_encrypted(self, record: Record) -> str | None:
        """Bound what OpenSSL keeps until the keys are there; then its authentication judges."""
        if len(record.raw) > _MAX_EARLY_RECORD_BYTES:
            return "early_record"
        if not self._ciphers_changed:
            if self._early_records == _MAX_EARLY_RECORDS:
                return "early_record"
            self._early_records += 1
        return None

    def _judge_fragment(self, fragment: Fragment) -> str | None:
        if fragment.message_type not in self._expected:
            return "unexpected_message"
        if fragment.message_type is MessageType.CLIENT_HELLO:
            return "too_large" if fragment.message_bytes > _MAX_HELLO_BYTES else None
        key = (fragment.sequence, fragment.message_type)
        promised_bytes = self._promised_bytes.get(key)
        if promised_bytes is None:
            total_bytes = sum(self._promised_bytes.values()) + fragment.message_bytes
            if total_bytes > _MAX_MESSAGES_BYTES or len(self._promised_bytes) == _MAX_MESSAGES:
                return "too_large"
            self._promised_bytes[key] = fragment.message_bytes
        elif promised_bytes != fragment.message_bytes:
            return "contradiction"
        return None
