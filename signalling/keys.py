"""Signing keys: the file they live in, and the ring in memory from which tokens are checked.

A key's algorithm is a property of the key, decided here and never by a token. After `load_keys`
no file is opened again: a token's key id is looked up in a dictionary, so it can name no path.
Called by `signalling.__main__` and `signalling.app`.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
import secrets
import shlex
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Literal, NoReturn

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from relay.config import (
    ENVIRONMENT_KEYS,
    KeysConfig,
    keys_text_from_environment,
    state_directory,
)
from relay.errors import ConfigurationError

KEY_FILE_NAME = "keys"
MIN_SECRET_BYTES = 32  # RFC 7518 §3.2: an HS256 key is at least as long as the hash
MAX_KEY_FILE_BYTES = 65_536  # some 600 keys; a larger file is another file

Algorithm = Literal["HS256", "ES256"]


@dataclass(frozen=True)
class Key:
    """One signing key: who signs with it, and the only algorithm it may be used with."""

    id: str
    algorithm: Algorithm
    material: bytes | ec.EllipticCurvePublicKey = field(repr=False)


KeyRing = Mapping[str, Key]


def key_path(config: KeysConfig) -> Path:
    """Say which file holds the keys: the configured one, or the one in the state folder."""
    if config.file:
        return Path(config.file).expanduser()
    return state_directory(config) / KEY_FILE_NAME


def load_keys(config: KeysConfig) -> KeyRing:
    """Read the keys from the configured file, else the environment, else the state folder.

    Returns:
        The ring; empty only where nothing is configured and the state folder has no key yet.

    Raises:
        ConfigurationError: The file is missing though configured, is readable by others, or
            holds a line that is not a key; or file or environment hold no key at all.

    """
    from_environment = _environment(config)
    if from_environment is not None:
        return parse_keys(from_environment, _source(config)) or _refuse_empty_environment()
    path = key_path(config)
    try:
        text = read_private(path)
    except FileNotFoundError:
        if config.file:
            raise ConfigurationError(f"The key file {path} does not exist.") from None
        return {}
    return parse_keys(text, _source(config)) or _refuse_empty_file(path)


def signing_key(keys: KeyRing, config: KeysConfig) -> Key:
    """Choose the key that tokens are signed with here: the first that has a secret.

    Args:
        keys: What `load_keys` gave.
        config: Where it read them, which decides what to advise.

    Raises:
        ConfigurationError: No key has a secret.

    """
    for key in keys.values():
        if key.algorithm == "HS256":
            return key
    if not keys:
        raise ConfigurationError(
            "There is no signing key with a secret to sign with.",
            action="Run `visavis serve` once on loopback to create one, or set keys.file.",
        )
    key_id = next(name for name in map("key-{}".format, count(1)) if name not in keys)
    # Where there is a key, `visavis serve` creates none: whoever keeps the keys has to.
    raise ConfigurationError(
        f"All keys of {_source(config)} are public keys (ES256): they check tokens, and whoever "
        "holds the private ones signs them. To sign here as well, add a key with a secret, and "
        "start the relay again if it runs.",
        action=_how_to_add(key_id, config),
    )


def create_key(config: KeysConfig) -> Path:
    """Write a first key into the state folder, readable by its owner only.

    A file that is already there wins, so that two processes starting together agree.

    Returns:
        Where the key lies.

    Raises:
        ConfigurationError: The folder or the file cannot be written.

    """
    path = key_path(config)
    line = f"key-{secrets.token_hex(4)} {secrets.token_urlsafe(MIN_SECRET_BYTES)}\n"
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(draft, flags, 0o600), "w", encoding="ascii") as file:
            file.write(line)
        try:
            # A link appears whole or not at all: no reader ever meets a half-written key.
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
        finally:
            draft.unlink()
    except OSError as error:
        raise ConfigurationError(
            f"The key file {path} cannot be created: {error.strerror}.",
            action="Set keys.state_dir to a folder that this user may write to.",
        ) from error
    return path


def parse_keys(text: str, where: str) -> KeyRing:
    """Parse a key file: one `id secret`, or `id ES256 <base64 of the public key>`, per line.

    Args:
        text: The file; empty lines and lines that start with `#` are skipped.
        where: How to name the source in a complaint; the complaint never quotes a line.

    Raises:
        ConfigurationError: A line is not a key, or an id stands twice.

    """
    ring: dict[str, Key] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        key = _parse_line(words, f"Line {number} of {where}")
        if key.id in ring:
            raise ConfigurationError(f"Line {number} of {where} repeats a key id.")
        ring[key.id] = key
    return ring


def _refuse_empty_environment() -> NoReturn:
    raise ConfigurationError(
        f"The environment variable {ENVIRONMENT_KEYS} is set and holds no key; while it is set, no "
        "key file is read but that of keys.file. Whoever starts the relay has to give it one.",
        action=f'Run: export {ENVIRONMENT_KEYS}="key-1 $(openssl rand -hex 32)"   (or unset it)',
    )


def _refuse_empty_file(path: Path) -> NoReturn:
    raise ConfigurationError(
        f"The key file {path} holds no key, and where a file is the relay creates none. Whoever "
        "runs the relay has to add one.",
        action=_how_to_append("key-1", path),
    )


def _source(config: KeysConfig) -> str:
    """Name what `load_keys` reads, for a complaint."""
    if _environment(config) is not None:
        return f"the environment variable {ENVIRONMENT_KEYS}"
    return str(key_path(config))


def _environment(config: KeysConfig) -> str | None:
    """Give the environment's keys where they are the ones that count: a named file comes first."""
    return None if config.file else keys_text_from_environment()


def _how_to_add(key_id: str, config: KeysConfig) -> str:
    if _environment(config) is None:
        return _how_to_append(key_id, key_path(config))
    both = f'printf \'%s\\n{key_id} %s\' "${ENVIRONMENT_KEYS}" "$(openssl rand -hex 32)"'
    return f'Run: export {ENVIRONMENT_KEYS}="$({both})"'


def _how_to_append(key_id: str, path: Path) -> str:
    # A line of its own, whether or not the file's last line is ended.
    line = f"printf '\\n{key_id} %s\\n' \"$(openssl rand -hex 32)\""
    return f"Run: {line} >> {shlex.quote(str(path))}"


def _parse_line(words: list[str], where: str) -> Key:
    if not _KEY_ID.fullmatch(words[0]):
        raise ConfigurationError(
            f"{where} starts with an id that is not 1 to 64 letters, digits, '-', '_' or '.'."
        )
    match words:
        case [key_id, secret]:
            material = secret.encode()
            if len(material) < MIN_SECRET_BYTES:
                raise ConfigurationError(
                    f"{where} holds a secret shorter than {MIN_SECRET_BYTES} characters."
                )
            return Key(key_id, "HS256", material)
        case [key_id, "HS256", secret]:
            return _parse_line([key_id, secret], where)
        case [key_id, "ES256", public_key]:
            return Key(key_id, "ES256", _parse_public_key(public_key, where))
        case _:
            raise ConfigurationError(f"{where} is neither `id secret` nor `id ES256 public-key`.")


def _parse_public_key(text: str, where: str) -> ec.EllipticCurvePublicKey:
    """Read a SubjectPublicKeyInfo: the middle of a PEM file, in one line (RFC 7468 §13)."""
    try:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(f"{where} does not hold a public key in base64.") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ConfigurationError(f"{where} does not hold a P-256 key, which ES256 needs.")
    return key


def read_private(path: Path) -> str:
    """Read a file that nobody else can read; the descriptor that is checked is the one read."""
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise ConfigurationError(f"The key file {path} is not a regular file.")
            if about.st_mode & 0o077:
                raise ConfigurationError(
                    f"The key file {path} can be read by other users of this machine.",
                    action=f"Run: chmod 600 {path}",
                )
            content = file.read(MAX_KEY_FILE_BYTES + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ConfigurationError(
            f"The key file {path} cannot be read: {error.strerror}."
        ) from error
    if len(content) > MAX_KEY_FILE_BYTES:
        raise ConfigurationError(f"The key file {path} is larger than 64 KiB.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"The key file {path} is not text.") from error


_KEY_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
