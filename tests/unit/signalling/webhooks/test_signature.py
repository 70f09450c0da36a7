"""Signatures, checked by the public verifier."""

from __future__ import annotations

import base64
import time
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from relay.errors import ConfigurationError
from signalling.webhooks.signature import read_secrets, sign

OLD, NEW = b"o" * 32, b"n" * 32
BODY = b'{"type": "room.opened"}'


def text(secret: bytes) -> str:
    return f"whsec_{base64.b64encode(secret).decode()}"


def write(path: Path, content: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(content)
    return path


def test_the_public_verifier_accepts_what_is_signed_and_nothing_else() -> None:
    headers = dict(sign("msg_1", BODY, secrets=(NEW,), now_unix_s=time.time()))
    assert Webhook(text(NEW)).verify(BODY, headers) == {"type": "room.opened"}
    with pytest.raises(WebhookVerificationError):
        Webhook(text(OLD)).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(text(NEW)).verify(BODY + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(text(NEW)).verify(BODY, {**headers, "webhook-id": "msg_2"})


def test_while_a_secret_is_changed_both_receivers_are_content() -> None:
    headers = dict(sign("msg_1", BODY, secrets=(NEW, OLD), now_unix_s=time.time()))
    for secret in (NEW, OLD):
        assert Webhook(text(secret)).verify(BODY, headers)


def test_secrets_are_read_in_order(tmp_path: Path) -> None:
    path = write(tmp_path / "secrets", f"# newest first\n{text(NEW)}\n\n{text(OLD)}\n")
    assert read_secrets(path) == (NEW, OLD)


@pytest.mark.parametrize(
    "content",
    ["", "correct-horse", "whsec_!!", text(b"short"), text(b"x" * 65), f"{text(NEW)}\n" * 5],
)
def test_what_is_no_secret_is_complained_about_without_quoting_it(
    tmp_path: Path, content: str
) -> None:
    path = write(tmp_path / "secrets", content)
    with pytest.raises(ConfigurationError) as refused:
        read_secrets(path)
    assert not content or content.strip() not in refused.value.words
    assert "openssl" in refused.value.action


def test_a_file_that_is_missing_or_open_to_others_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not exist"):
        read_secrets(tmp_path / "none")
    path = write(tmp_path / "secrets", text(NEW))
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="other users"):
        read_secrets(path)
