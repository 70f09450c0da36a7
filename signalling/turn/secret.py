"""The secret that relay and TURN servers share: where it is kept, and what it has to be.

Reads a file or the environment, and complains without quoting. Called by `signalling.turn.servers`.
"""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Final

from relay.config import (
    ENVIRONMENT_TURN,
    RelayConfig,
    state_directory,
    turn_secret_from_environment,
)
from relay.errors import ConfigurationError
from signalling.keys import read_private

FILE_NAME: Final = "turn-secret"
MIN_CHARACTERS: Final = 32
"""Whoever is given credentials can try secrets at home, as fast as their machine hashes."""
MAX_CHARACTERS: Final = 256
"""More than any hash has use for."""


def turn_secret_path(config: RelayConfig) -> Path:
    """Say which file holds the secret: the configured one, or the one in the state folder."""
    if config.turn.secret_file:
        return Path(config.turn.secret_file).expanduser()
    return state_directory(config.keys) / FILE_NAME


def secret_of_environment(config: RelayConfig) -> str | None:
    """Give the environment's secret where it is the one that counts: a named file comes first.

    Raises:
        ConfigurationError: What is there is no secret.

    """
    text = None if config.turn.secret_file else turn_secret_from_environment()
    if text is None:
        return None
    action = f'Run: export {ENVIRONMENT_TURN}="$(openssl rand -hex 32)"   {_TELL_COTURN}'
    return _parsed(text, f"The environment variable {ENVIRONMENT_TURN}", action)


def read_secret(path: Path) -> str:
    """Read the file: one line, and comments.

    Raises:
        ConfigurationError: The file cannot be read, others can read it, or it holds no secret.

    """
    quoted = shlex.quote(str(path))
    action = f"Run: (umask 077; openssl rand -hex 32 > {quoted})   {_TELL_COTURN}"
    try:
        text = read_private(path)
    except FileNotFoundError:
        raise ConfigurationError(
            f"The file {path} with the secret of the TURN servers does not exist.", action=action
        ) from None
    return _parsed(text, f"The file {path}", action)


def _parsed(text: str, where: str, action: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    found = [line for line in lines if line and not line.startswith("#")]
    if len(found) != 1:
        raise ConfigurationError(
            f"{where} holds {len(found)} secrets of TURN servers; it takes one.", action=action
        )
    if not _SECRET.fullmatch(found[0]):
        raise ConfigurationError(
            f"{where} holds no secret of TURN servers, which is {MIN_CHARACTERS} to "
            f"{MAX_CHARACTERS} letters, digits and signs of ASCII without spaces.",
            action=action,
        )
    return found[0]


_SECRET: Final = re.compile(rf"[!-~]{{{MIN_CHARACTERS},{MAX_CHARACTERS}}}")
_TELL_COTURN: Final = "# and give coturn the same as static-auth-secret"
