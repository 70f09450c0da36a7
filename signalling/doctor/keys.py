"""Whether there is an API key that the relay can use.

Reads the key file as the relay does, and creates none.
"""

from __future__ import annotations

import os
import shlex

from relay.config import ENVIRONMENT_KEYS, RelayConfig, keys_text_from_environment
from relay.errors import ConfigurationError
from signalling.doctor.finding import OPERATOR, Finding, ok, trouble, warning
from signalling.keys import key_path, load_keys
from signalling.links import is_loopback

NAME = "API keys"


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
    return [_without_keys_in_environment() if from_environment else _without_keys(config)]


def _without_keys_in_environment() -> Finding:
    words = (
        f"The environment variable {ENVIRONMENT_KEYS} is set and holds no key; while it is set, "
        "no key file is read but that of keys.file."
    )
    action = f'export {ENVIRONMENT_KEYS}="key-1 $(openssl rand -hex 32)"   (or unset it)'
    return trouble(NAME, words, who=OPERATOR, action=action)


def _without_keys(config: RelayConfig) -> Finding:
    path = key_path(config.keys)
    folder, file = shlex.quote(str(path.parent)), shlex.quote(str(path))
    if os.path.exists(path):  # noqa: PTH110 - Path.exists raises where this user may not look
        words = f"{path} holds no key, and where a file is `visavis serve` creates none."
        # A line of its own, whether or not the file's last line is ended.
        action = f"printf '\\nkey-1 %s\\n' \"$(openssl rand -hex 32)\" >> {file}"
        return trouble(NAME, words, who=OPERATOR, action=action)
    command = f'(umask 077; mkdir -p {folder}; echo "key-1 $(openssl rand -hex 32)" > {file})'
    host = config.signalling.host
    if is_loopback(host):
        words = f"There is none yet. On {host} `visavis serve` creates {path} when it starts."
        return warning(NAME, words, who=OPERATOR, action=command)
    words = f"There is none, and without one the relay does not serve on {host}."
    return trouble(NAME, words, who=OPERATOR, action=command)
