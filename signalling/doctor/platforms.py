"""Whether platforms can use the API, and be told by webhooks.

Reads the files as the relay does, creates none and connects to nobody.
"""

from __future__ import annotations

from relay.config import RelayConfig
from relay.errors import ConfigurationError
from signalling.api.key_file import api_key_path, read_api_keys
from signalling.doctor.finding import OPERATOR, Finding, ok, trouble
from signalling.webhooks.addresses import check_url
from signalling.webhooks.signature import read_secrets
from signalling.webhooks.teller import secrets_path

API, WEBHOOKS = "HTTP API", "webhooks"


def check(config: RelayConfig) -> list[Finding]:
    """Read the API keys and, where webhooks are sent, their address and secrets."""
    findings = [_check_api(config)]
    if config.webhooks.url:
        findings.append(_check_webhooks(config))
    return findings


def _check_api(config: RelayConfig) -> Finding:
    path = api_key_path(config)
    try:
        keys = read_api_keys(path)
    except ConfigurationError as error:
        return _trouble(API, error)
    if not keys:
        return ok(API, "No platform may use it: `visavis key create` makes a key for one.")
    return ok(API, f"{len(keys)} keys in {path}.")


def _check_webhooks(config: RelayConfig) -> Finding:
    try:
        check_url(config.webhooks)
        secrets = read_secrets(secrets_path(config))
    except ConfigurationError as error:
        return _trouble(WEBHOOKS, error)
    return ok(
        WEBHOOKS, f"Signed with {len(secrets)} secrets; whether they are heard was not tried."
    )


def _trouble(name: str, error: ConfigurationError) -> Finding:
    return trouble(name, error.words, who=OPERATOR, action=error.action.removeprefix("Run: "))
