"""Whether there is a signing key that the relay can use.

Reads the key file as the relay does, and creates none.
"""

from __future__ import annotations

import shlex

from relay.config import ENVIRONMENT_KEYS, RelayConfig, keys_text_from_environment
from relay.errors import ConfigurationError
from relay.machine.addresses import is_loopback
from signalling.doctor.finding import OPERATOR, Finding, ok, trouble, warning
from signalling.keys import key_path, load_keys

NAME = "signing keys"


def check(config: RelayConfig) -> list[Finding]:
    """Load the keys; what is wrong with them is said as `visavis serve` would say it."""
    try:
        ring = load_keys(config.keys)
    except ConfigurationError as error:
        action = error.action.removeprefix("Run: ")
        if action == ConfigurationError.default_action:
            action = f"Correct {key_path(config.keys)}: one `id secret` per line, mode 0600."
        return [trouble(NAME, error.words, who=OPERATOR, action=action)]
    from_environment = keys_text_from_environment() is not None and not config.keys.file
    if ring:
        variable = f"the environment variable {ENVIRONMENT_KEYS}"
        place = variable if from_environment else str(key_path(config.keys))
        return [ok(NAME, f"{len(ring)} usable in {place}.")]
    return [_without_keys(config)]


def _without_keys(config: RelayConfig) -> Finding:
    path = key_path(config.keys)
    folder, file = shlex.quote(str(path.parent)), shlex.quote(str(path))
    command = f'(umask 077; mkdir -p {folder}; echo "key-1 $(openssl rand -hex 32)" > {file})'
    host = config.signalling.host
    if is_loopback(host):
        words = f"There is none yet. On {host} `visavis serve` creates {path} when it starts."
        return warning(NAME, words, who=OPERATOR, action=command)
    words = f"There is none, and without one the relay does not serve on {host}."
    return trouble(NAME, words, who=OPERATOR, action=command)
