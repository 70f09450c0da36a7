"""DTLS of one leg: a handshake with a bound in time, keys for the engine, data for SCTP.

Opens no socket and touches no media. Called by `relay.session`, which hands the keys to the
engine and puts `DataChannels` on top.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from aiortc.rtcdtlstransport import RTCDtlsFingerprint, RTCDtlsParameters

from relay.errors import HandshakeFailed
from relay.transports.aiortc_dtls import GuardedDtls, SrtpKeys
from relay.transports.certificate import Certificate
from relay.transports.datagrams import Datagrams
from relay.transports.dtls_screen import Role

__all__ = ["DtlsTransport", "SrtpKeys"]


class DtlsTransport:
    """One DTLS connection over one leg's datagrams."""

    def __init__(
        self,
        datagrams: Datagrams,
        certificate: Certificate,
        *,
        role: Role,
        remote_fingerprints: Sequence[tuple[str, str]],
    ) -> None:
        """Prepare the connection; nothing is sent before `connect`.

        Args:
            datagrams: The leg's.
            certificate: The process's.
            role: server, unless the offer is passive.
            remote_fingerprints: (hash function, value) pairs of the offer, at least one.

        """
        self.connection = GuardedDtls(datagrams, certificate.shared, role)
        self._remote = RTCDtlsParameters(
            fingerprints=[RTCDtlsFingerprint(*each) for each in remote_fingerprints]
        )

    async def connect(self, timeout_s: float) -> SrtpKeys:
        """Shake hands and return the SRTP keys.

        The peer's certificate is compared with the offer's fingerprints before anything it sent
        is read and before any key exists.

        Raises:
            HandshakeFailed: The reason is one of timeout, closed, fingerprint_mismatch,
                no_srtp_profile, and, where OpenSSL complained before time was up,
                no_common_cipher, no_common_version, bad_certificate, rejected_by_peer or
                protocol_error.

        Cancellation: nothing runs on; `aclose` is still due.

        """
        try:
            async with asyncio.timeout(timeout_s):
                await self.connection.start(self._remote)
        except TimeoutError:
            self.connection.refuse(self._reason_of_timeout())
        if self.connection.keys is None or self.connection.failure is not None:
            raise HandshakeFailed(self.connection.failure or "protocol_error")
        return self.connection.keys

    async def wait_closed(self) -> None:
        """Return when the connection is over: the peer said goodbye, the leg went, or `aclose`."""
        await self.connection.closed.wait()

    async def aclose(self) -> None:
        """Say goodbye if connected, end every task. Idempotent.

        Cancellation: the pump is cancelled all the same.
        """
        await self.connection.aclose()

    @property
    def refused(self) -> Mapping[str, int]:
        """How many records the handshake dropped, by reason: a fixed vocabulary."""
        return self.connection.handshake.screen.refused

    def _reason_of_timeout(self) -> str:
        handshake = self.connection.handshake
        if handshake.failure is not None:
            return handshake.failure
        return "rejected_by_peer" if self.refused.get("plaintext_alert") else "timeout"
