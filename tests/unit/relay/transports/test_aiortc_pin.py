"""The adapters use what aiortc does not promise to keep: each name is checked here."""

from __future__ import annotations

import importlib.metadata
import inspect

import pytest
from aiortc.rtcdatachannel import RTCDataChannel
from aiortc.rtcdtlstransport import RTCDtlsTransport
from aiortc.rtcsctptransport import RTCSctpTransport

from relay.transports import aiortc_dtls, aiortc_sctp
from relay.transports.certificate import Certificate

NAMES = [
    (owner, name)
    for members in (aiortc_dtls.PRIVATE_MEMBERS, aiortc_sctp.PRIVATE_MEMBERS)
    for owner, names in members.items()
    for name in names
]


def test_aiortc_is_the_version_that_was_read() -> None:
    """A new version is taken after reading what changed in the members named below."""
    assert importlib.metadata.version("aiortc").startswith("1.16.")


@pytest.mark.parametrize(("owner", "name"), NAMES)
def test_aiortc_still_has(owner: type, name: str) -> None:
    assert hasattr(owner, name) or f"self.{name}" in inspect.getsource(owner)


def test_every_private_member_in_use_is_named() -> None:
    """An adapter overrides or reads no other member that begins with an underscore."""
    for adapter, bases in (
        (aiortc_dtls.GuardedDtls, (RTCDtlsTransport,)),
        (aiortc_sctp.GuardedSctp, (RTCSctpTransport, RTCDataChannel)),
    ):
        named = {name for owner, name in NAMES if owner in bases}
        overridden = {
            name
            for name in vars(adapter)
            if not name.startswith("__") and any(name in vars(base) for base in bases)
        }
        assert {name for name in overridden if name.startswith("_")} <= named


def test_a_certificate_says_its_own_fingerprint() -> None:
    certificate = Certificate.generate()
    fingerprints = {each.algorithm: each.value for each in certificate.shared.getFingerprints()}
    assert certificate.fingerprint_sha256 == fingerprints["sha-256"]
    assert Certificate.generate().fingerprint_sha256 != certificate.fingerprint_sha256
