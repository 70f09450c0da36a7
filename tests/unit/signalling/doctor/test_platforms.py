from __future__ import annotations

import base64
from pathlib import Path

import pytest

from relay.config import RelayConfig, parse_config
from signalling.api.credentials import Scope, draw_key
from signalling.api.key_file import change_api_keys
from signalling.doctor.finding import Verdict
from signalling.doctor.platforms import check


def configured(folder: Path, url: str = "") -> RelayConfig:
    return parse_config(f'[keys]\nstate_dir = "{folder}"\n[webhooks]\nurl = "{url}"')


def test_without_keys_and_webhooks_there_is_nothing_to_mend(tmp_path: Path) -> None:
    (finding,) = check(configured(tmp_path))
    assert finding.verdict is Verdict.OK
    assert "visavis key create" in finding.words
    assert list(tmp_path.iterdir()) == []


def test_keys_are_counted_and_a_file_that_cannot_be_used_is_trouble(tmp_path: Path) -> None:
    path = tmp_path / "api-keys"
    key, _ = draw_key("clinic", Scope, 0.0)
    change_api_keys(path, lambda keys: keys.update(clinic=key))
    (finding,) = check(configured(tmp_path))
    assert finding.words.startswith("1 keys")
    path.chmod(0o644)
    (finding,) = check(configured(tmp_path))
    assert finding.verdict is Verdict.TROUBLE
    assert finding.action.startswith("chmod 600")


@pytest.mark.parametrize(
    ("url", "secret", "verdict"),
    [
        ("https://clinic.example/", True, Verdict.OK),
        ("https://clinic.example/", False, Verdict.TROUBLE),
        ("http://clinic.example/", True, Verdict.TROUBLE),
        ("https://10.0.0.1/", True, Verdict.TROUBLE),
    ],
)
def test_webhooks_need_an_address_and_a_secret(
    tmp_path: Path, url: str, verdict: Verdict, *, secret: bool
) -> None:
    if secret:
        path = tmp_path / "webhook-secrets"
        path.touch(mode=0o600)
        path.write_text(f"whsec_{base64.b64encode(b's' * 32).decode()}")
    _, finding = check(configured(tmp_path, url))
    assert finding.verdict is verdict
    assert (finding.action == "") is (verdict is Verdict.OK)
