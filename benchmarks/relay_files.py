"""The files with which a measured relay starts: its key, and its configuration."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from signalling.keys import Key

SECRET_BYTES: Final = 32


def write(folder: Path, key: Key, sections: Mapping[str, Mapping[str, object]]) -> Path:
    """Write them into a folder, where its state will be too, and give the configuration's path.

    Args:
        folder: Of this relay alone.
        key: The one it knows, which is a secret.
        sections: Of the configuration, but for `keys`.

    """
    assert isinstance(key.material, bytes), "a shared secret"
    keys = folder / "keys"
    keys.touch(mode=0o600)
    keys.write_text(f"{key.id} {key.material.decode()}\n")
    own = {"keys": {"file": str(keys), "state_dir": str(folder / "state")}}
    config = folder / "visavis.toml"
    # JSON's numbers, strings and lists are TOML's.
    lines = [
        f"[{section}]\n"
        + "".join(f"{name} = {json.dumps(value)}\n" for name, value in keyed.items())
        for section, keyed in {**sections, **own}.items()
    ]
    config.write_text("".join(lines))
    return config


def webhooks(folder: Path, url: str) -> dict[str, object]:
    """Write a secret for webhooks into the relay's folder, and give their section.

    Args:
        folder: Of this relay alone.
        url: Where they go, on this machine.

    """
    path = folder / "webhook-secrets"
    path.touch(mode=0o600)
    secret = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    path.write_text(f"whsec_{secret}\n")
    return {"url": url, "secrets_file": str(path), "allow_http": True, "allow_private": True}
