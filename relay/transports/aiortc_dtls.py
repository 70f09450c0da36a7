"""aiortc's DTLS transport with our handshake, our keys and no RTP: the adapter.

Everything of aiortc's that is private and used for DTLS is named in `PRIVATE_MEMBERS`; a test
holds it against the installed version. Used by `dtls` and `certificate` only.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, cast

from aiortc.rtcdtlstransport import (
    SRTP_AEAD_AES_128_GCM,
    SRTP_AEAD_AES_256_GCM,
    SRTP_AES128_CM_SHA1_80,
    X509_DIGEST_ALGORITHMS,
    RTCCertificate,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
    State,
    certificate_digest,
)
from aiortc.rtcicetransport import RTCIceTransport
from OpenSSL import SSL

from relay.transports.datagrams import Datagrams
from relay.transports.dtls_handshake import MTU_BYTES, Handshake
from relay.transports.dtls_records import datagrams_of, records_untrusted
from relay.transports.dtls_screen import Role
from relay.transports.loop_share import LoopShare

PRIVATE_MEMBERS: Final = {
    RTCCertificate: ("_create_ssl_context",),
    RTCDtlsTransport: (
        "_data_receiver",
        "_do_handshake",
        "_recv_next",
        "_role",
        "_send_data",
        "_set_role",
        "_set_state",
        "_setup_srtp",
        "_srtp_profiles",
        "_ssl",
        "_state",
        "_task",
        "_validate_peer_identity",
        "_write_ssl",
        "encrypted",
    ),
}

# Best first. 128-bit GCM: as strong as the handshake, and the fastest with AES instructions.
# The numbers are IANA's (RFC 5764 §4.1.2, RFC 7714 §14.2).
SRTP_PROFILES: Final = (
    (SRTP_AEAD_AES_128_GCM, 0x0007),
    (SRTP_AEAD_AES_256_GCM, 0x0008),
    (SRTP_AES128_CM_SHA1_80, 0x0001),
)
_DTLS_1_2: Final = 0xFEFD  # RFC 6347 §4.1; RFC 8827 §6.5 asks for no less
# Forward secrecy throughout. RSA is for peers that are DTLS servers with an RSA certificate.
_CIPHERS: Final = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    b"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:"
    b"ECDHE-ECDSA-AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA"
)
_HASHES_BEST_FIRST: Final = ("sha-512", "sha-384", "sha-256")
_EXPORT_LABEL: Final = b"EXTRACTOR-dtls_srtp"  # RFC 5764 §4.2
_READ_BYTES: Final = 65_536


@dataclass(frozen=True, slots=True)
class SrtpKeys:
    """Master keys and salts of one leg (RFC 5764 §4.2); inbound is towards the relay."""

    profile_iana: int
    inbound_key: bytes
    inbound_salt: bytes
    outbound_key: bytes
    outbound_salt: bytes


class SharedCertificate(RTCCertificate):
    """A certificate with one OpenSSL context for every leg: making one costs 0.2 ms."""

    _context: SSL.Context | None = None

    def _create_ssl_context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        return self.context(srtp_profiles)

    def context(self, srtp_profiles: list[SRTPProtectionProfile]) -> SSL.Context:
        """Return the one context, made on first use."""
        if self._context is None:
            context = super()._create_ssl_context(srtp_profiles)
            context.set_min_proto_version(_DTLS_1_2)
            context.set_max_proto_version(_DTLS_1_2)
            context.set_cipher_list(_CIPHERS)
            # No second handshake: it could bring a certificate that nobody checks.
            context.set_options(SSL.OP_NO_RENEGOTIATION)
            context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
            # A connection is idle but for a word now and then: 15 kB less each (OpenSSL 3).
            context.set_mode(SSL.MODE_RELEASE_BUFFERS)
            self._context = context
        return self._context


class _Ice:
    """What aiortc asks of an ICE transport when it does not move datagrams itself."""

    role = "controlled"


class GuardedDtls(RTCDtlsTransport):
    """aiortc's transport over `Datagrams`, hardened; keys are exported and RTP never comes here.

    Attributes:
        failure: Why the handshake failed, one of a few short names.
        keys: The SRTP keys, once connected.
        closed: Set when the connection is over, by either end.

    """

    def __init__(self, datagrams: Datagrams, certificate: SharedCertificate, role: Role) -> None:
        super().__init__(cast("RTCIceTransport", _Ice()), [certificate])
        self.failure: str | None = None
        self.keys: SrtpKeys | None = None
        self.closed = asyncio.Event()
        self.share = LoopShare()
        # It knows nothing of this object: OpenSSL's memory is not to wait for the collector.
        self.handshake = Handshake(partial(_new_connection, certificate, role), role)
        self._began = False
        self._datagrams = datagrams
        self._srtp_profiles = [profile for profile, _ in SRTP_PROFILES]
        self._set_role(role)

    async def aclose(self) -> None:
        """Say goodbye, stop the pump and wait for it."""
        task = self._task
        await self.stop()
        if task is not None:
            await asyncio.wait([task])
        self._set_state(State.CLOSED)

    def refuse(self, failure: str) -> None:
        """End the handshake for good; the first reason stands."""
        self.failure = self.failure or failure
        self._set_state(State.FAILED)

    @property
    def _live(self) -> SSL.Connection:
        assert self._ssl is not None, "aiortc makes it before the handshake"
        return self._ssl

    async def _do_handshake(self) -> None:
        handshake = self.handshake
        self._send_all(handshake.begin())
        while handshake.winner is None:
            try:
                async with asyncio.timeout(handshake.timeout_s):
                    datagram = await self._datagrams.receive()
            except TimeoutError:
                self._send_all(handshake.handle_timeout())
                continue
            except ConnectionError:
                self.refuse("closed")
                return
            self.share.begin()
            self._send_all(handshake.handle_datagram_untrusted(datagram))
            await self.share.end()
        self._ssl = handshake.winner
        self.encrypted = True

    def _validate_peer_identity(self, remoteParameters: RTCDtlsParameters) -> None:  # noqa: N803
        """Compare the certificate by the strongest hash announced (RFC 8122 §5).

        aiortc wants every fingerprint to match; a peer with two certificates announces two.
        """
        certificate = self._live.get_peer_certificate(as_cryptography=True)
        announced = [(each.algorithm.lower(), each.value) for each in remoteParameters.fingerprints]
        best = next((each for each in _HASHES_BEST_FIRST if each in dict(announced)), None)
        if certificate is None or best is None or best not in X509_DIGEST_ALGORITHMS:
            self._end_unproven("fingerprint_mismatch")
            return
        digest = certificate_digest(certificate, best)
        if not any(
            hmac.compare_digest(digest.encode(), value.upper().encode())
            for algorithm, value in announced
            if algorithm == best
        ):
            self._end_unproven("fingerprint_mismatch")

    def _setup_srtp(self) -> None:
        """Export the keys for the engine instead of making SRTP sessions."""
        chosen = self._live.get_selected_srtp_profile()
        for profile, profile_iana in SRTP_PROFILES:
            if profile.openssl_profile == chosen:
                self.keys = self._export(profile, profile_iana)
                return
        self._end_unproven("no_srtp_profile")

    def _export(self, profile: SRTPProtectionProfile, profile_iana: int) -> SrtpKeys:
        material = self._live.export_keying_material(
            _EXPORT_LABEL, 2 * (profile.key_length + profile.salt_length)
        )
        client = profile.get_key_and_salt(material, 0)
        server = profile.get_key_and_salt(material, 1)
        inbound, outbound = (client, server) if self._role == "server" else (server, client)
        size = profile.key_length
        return SrtpKeys(
            profile_iana, inbound[:size], inbound[size:], outbound[:size], outbound[size:]
        )

    def _end_unproven(self, failure: str) -> None:
        """Close towards a peer that is not who it should be: an alert, and not one byte of data."""
        with contextlib.suppress(SSL.Error):
            self._live.shutdown()
        self._flush()
        self.refuse(failure)

    async def _recv_next(self) -> None:
        """Pump one datagram; raises `ConnectionError` when the peer or the leg has ended it."""
        if not self._began:
            self._began = True
            await self._deliver()  # what came in the same datagram as the handshake's end
        datagram = await self._datagrams.receive()
        self.share.begin()
        for record in records_untrusted(datagram):
            self._live.bio_write(record.raw)
            await self._deliver()
        await self.share.end()

    async def _deliver(self) -> None:
        """Hand on what OpenSSL has decrypted, and send what it has to say."""
        while True:
            try:
                data = self._live.recv(_READ_BYTES)
            except SSL.ZeroReturnError:
                raise ConnectionError("the peer closed the connection") from None
            except SSL.WantReadError:
                break
            except SSL.Error:
                # A record that does not authenticate never comes this far; an alert does.
                if self._live.get_shutdown() & SSL.RECEIVED_SHUTDOWN:
                    raise ConnectionError("the peer sent an alert") from None
                break
            if self._data_receiver is not None:
                await self._data_receiver._handle_data(data)  # noqa: SLF001 - aiortc's own seam
        self._flush()

    async def _send_data(self, data: bytes) -> None:
        """Send one SCTP packet; without a connection it is lost like any datagram.

        aiortc raises instead, out of timers whose tasks nobody awaits.
        """
        if self._state is not State.CONNECTED:
            return
        with contextlib.suppress(SSL.Error):
            self._live.send(data)
        self._flush()

    async def _write_ssl(self) -> None:
        self._flush()

    def _flush(self) -> None:
        with contextlib.suppress(SSL.Error):  # nothing to read
            self._send_all(datagrams_of(self._live.bio_read(_READ_BYTES), MTU_BYTES))

    def _send_all(self, datagrams: Sequence[bytes]) -> None:
        for datagram in datagrams:
            self._datagrams.send(datagram)

    def _set_state(self, state: State) -> None:
        super()._set_state(state)
        if state in (State.CLOSED, State.FAILED):
            self.closed.set()


def _new_connection(certificate: SharedCertificate, role: Role) -> SSL.Connection:
    """Make a connection that waits for its first message, or says it."""
    connection = SSL.Connection(certificate.context([profile for profile, _ in SRTP_PROFILES]))
    connection.set_ciphertext_mtu(MTU_BYTES)
    if role == "server":
        connection.set_accept_state()
    else:
        connection.set_connect_state()
    return connection
