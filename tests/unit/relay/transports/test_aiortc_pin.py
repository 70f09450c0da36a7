"""The adapters use what aiortc does not promise to keep: each name is checked here."""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
from types import ModuleType

import pytest
from aiortc.rtcdtlstransport import RTCCertificate, RTCDtlsTransport
from aiortc.rtcsctptransport import RTCSctpTransport

from relay.transports import aiortc_dtls, aiortc_sctp, aiortc_sctp_reception
from relay.transports.certificate import Certificate

NAMES = [
    (owner, name)
    for members in (aiortc_dtls.PRIVATE_MEMBERS, aiortc_sctp_reception.PRIVATE_MEMBERS)
    for owner, names in members.items()
    for name in names
]


def test_aiortc_is_the_version_that_was_read() -> None:
    """A new version is taken after reading what changed in the members named below."""
    assert importlib.metadata.version("aiortc").startswith("1.16.")


@pytest.mark.parametrize(("owner", "name"), NAMES)
def test_aiortc_still_has(owner: type, name: str) -> None:
    assert hasattr(owner, name) or f"self.{name}" in inspect.getsource(owner)


@pytest.mark.parametrize(
    ("adapter", "bases"),
    [
        (aiortc_dtls, (RTCCertificate, RTCDtlsTransport)),
        (aiortc_sctp_reception, (RTCSctpTransport,)),
        (aiortc_sctp, (RTCSctpTransport,)),
    ],
)
def test_every_private_member_in_use_is_named(adapter: ModuleType, bases: tuple[type, ...]) -> None:
    """Whatever an adapter reads, writes or overrides that aiortc's class calls its own."""
    tree = ast.parse(inspect.getsource(adapter))
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    used |= {node.name for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)}
    used |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    source = "".join(inspect.getsource(base) for base in bases)
    private = {name for name in used if name.startswith("_") and not name.startswith("__")}
    of_aiortc = {name for name in private if f"self.{name} " in source or f"def {name}(" in source}
    assert of_aiortc <= {name for owner, name in NAMES if owner in bases}


def test_a_certificate_says_its_own_fingerprint() -> None:
    certificate = Certificate.generate()
    fingerprints = {each.algorithm: each.value for each in certificate.shared.getFingerprints()}
    assert certificate.fingerprint_sha256 == fingerprints["sha-256"]
    assert Certificate.generate().fingerprint_sha256 != certificate.fingerprint_sha256
