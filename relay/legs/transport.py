"""The real transport of a leg: DTLS by aiortc, data channels over it where offered.

Called by `relay.service`, which gives it to `relay.session` behind a protocol.
"""

from __future__ import annotations

from relay.ports import Channels
from relay.transports.certificate import Certificate
from relay.transports.data_channels import DataChannels
from relay.transports.datagrams import Datagrams
from relay.transports.dtls import DtlsTransport, SrtpKeys
from relay.transports.sdp import Negotiated, NegotiatedMedia


class LegTransports:
    """Makes transports that all show one certificate."""

    def __init__(self) -> None:
        self._certificate = Certificate.generate()

    @property
    def fingerprint_sha256(self) -> str:
        """Of the relay's certificate."""
        return self._certificate.fingerprint_sha256

    def open(self, datagrams: Datagrams, negotiated: Negotiated) -> LegTransport:
        """Prepare the transport of a leg."""
        return LegTransport(datagrams, self._certificate, negotiated)


class LegTransport:
    """DTLS of one leg, and its data channels."""

    def __init__(
        self, datagrams: Datagrams, certificate: Certificate, negotiated: Negotiated
    ) -> None:
        self._dtls = DtlsTransport(
            datagrams,
            certificate,
            role="client" if negotiated.answer_setup == "active" else "server",
            remote_fingerprints=negotiated.offer.fingerprints,
        )
        self._channels: DataChannels | None = None

    async def connect(self, timeout_s: float) -> SrtpKeys:
        """Shake hands; raises `HandshakeFailed`.

        *Cancellation:* nothing runs on; `aclose` is still due.
        """
        return await self._dtls.connect(timeout_s)

    async def start_channels(self, data: NegotiatedMedia) -> Channels:
        """Begin the data channels, as their m-line was negotiated.

        *Cancellation:* nothing runs on; `aclose` is still due.
        """
        self._channels = DataChannels(
            self._dtls,
            remote_port=data.offer.sctp_port,
            remote_max_message_bytes=data.offer.max_message_bytes,
        )
        await self._channels.start()
        return self._channels

    async def wait_closed(self) -> None:
        """Return when the participant said goodbye.

        *Cancellation:* nothing is left behind.
        """
        await self._dtls.wait_closed()

    async def aclose(self) -> None:
        """End channels and connection. Idempotent.

        *Cancellation:* the connection's own task is cancelled all the same.
        """
        try:
            if self._channels is not None:
                await self._channels.aclose()
        finally:
            await self._dtls.aclose()
