"""`visavis key create`, `list` and `revoke`: who may use the HTTP API.

A key is printed once, when it is made; only its hash is kept. A running relay hears of changes by
itself. Called through `signalling.__main__`.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated, Final

import typer

from relay.config import load_config
from relay.errors import ConfigurationError
from signalling.api.credentials import ApiKey, Scope, draw_key, is_key_id
from signalling.api.key_file import api_key_path, change_api_keys, read_api_keys

keys_cli: Final = typer.Typer(
    help="The API keys of platforms: make, list, take back.", no_args_is_help=True
)

ConfigOption = Annotated[Path | None, typer.Option("--config", help="As for `visavis serve`.")]
KeyName = Annotated[str, typer.Argument(help="What the key is called: A-Z a-z 0-9 -, up to 32.")]


def create(
    name: KeyName,
    scope: Annotated[
        list[Scope],
        typer.Option(help="What it may be used for; given once for each."),
    ],
    config: ConfigOption = None,
) -> None:
    """Make an API key and print it, once: nobody can read it off again."""
    if not is_key_id(name):
        raise typer.BadParameter("1 to 32 of A-Z a-z 0-9 - are needed", param_hint="NAME")
    key, text = draw_key(name, scope, time.time())

    def add(keys: dict[str, ApiKey]) -> None:
        if name in keys:
            raise ConfigurationError(
                f"There is an API key called {name} already.",
                action=f"Choose another name, or run: visavis key revoke {name}",
            )
        keys[name] = key

    change_api_keys(api_key_path(load_config(config)), add)
    typer.echo(text)
    typer.echo(
        "Keep it now: it is not shown again. A running relay takes it in 2 seconds.", err=True
    )


def list_keys(config: ConfigOption = None) -> None:
    """List the API keys: their names, scopes and days, never the keys."""
    for key in read_api_keys(api_key_path(load_config(config))).values():
        typer.echo(f"{key.id}\t{','.join(sorted(key.scopes))}\t{key.made_on.isoformat()}")


def revoke(name: KeyName, config: ConfigOption = None) -> None:
    """Take an API key back: a running relay refuses it within 2 seconds."""

    def take_back(keys: dict[str, ApiKey]) -> None:
        if keys.pop(name, None) is None:
            raise ConfigurationError(
                f"There is no API key called {name}.", action="Run: visavis key list"
            )

    change_api_keys(api_key_path(load_config(config)), take_back)
