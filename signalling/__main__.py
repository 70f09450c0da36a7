"""The command line: `visavis serve`, `token`, `key`, `plan` and `doctor`.

Parses, assembles and prints; everything else is elsewhere. What is printed for people goes to
standard output, logs to standard error. A configuration that cannot be used ends with 2 and a
sentence.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import typer

from relay.config import RelayConfig, load_config
from relay.errors import ConfigurationError
from relay.machine.addresses import is_loopback
from relay.rooms.permissions import Role
from signalling.key_commands import create, keys_cli, list_keys, revoke
from signalling.keys import Key, KeyRing, create_key, load_keys, signing_key
from signalling.links import (
    base_url,
    consultation_link,
    full_grant,
    websocket_url,
)
from signalling.plan import plan
from signalling.tokens import (
    DEFAULT_TTL_S,
    MAX_IDENTITY_CHARS,
    MAX_LIFETIME_S,
    ROOM_NAME,
    Invitation,
    mint,
)

if TYPE_CHECKING:
    from signalling.serve import Addresses

DEMO_TTL_S: Final = 12 * 3_600  # a working day: whoever tries the demonstration comes back to it
EXIT_CONFIGURATION: Final = 2

cli = typer.Typer(
    name="visavis",
    help="A media relay for teleconsultation.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # they print local variables, and those hold keys
)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="The TOML file; deploy/visavis.sample.toml shows every key."),
]


@cli.command("serve")
def serve_command(
    config: ConfigOption = None,
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Print a practitioner's and a patient's link.")
    ] = False,
    port: Annotated[
        int | None, typer.Option("--port", min=0, max=65535, help="Instead of signalling.port.")
    ] = None,
) -> None:
    """Serve until stopped with Ctrl+C or SIGTERM."""
    # The media plane and the web server take a second to load, which `token` need not wait for.
    import uvloop  # noqa: PLC0415

    from signalling.logs import configure_logs  # noqa: PLC0415
    from signalling.serve import serve  # noqa: PLC0415

    with _explaining_configuration():
        tree = _with_port(load_config(config), port)
        configure_logs(level=tree.log.level, form=tree.log.format)
        keys = _keys_for_serving(tree)
        key = signing_key(keys, tree.keys) if demo else None

        def started(addresses: Addresses) -> None:
            typer.echo(f"Visavis is running on {addresses.signalling}")
            if key is not None:
                typer.echo(_demo_words(addresses, key))

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(tree, keys, demo=demo, started=started))


def _room_name(text: str) -> str:
    if not re.match(ROOM_NAME, text):
        raise typer.BadParameter("a name of 1 to 128 of A-Z a-z 0-9 _ - . is needed")
    return text


def _pseudonym(text: str | None) -> str | None:
    if text is not None and not 1 <= len(text) <= MAX_IDENTITY_CHARS:
        raise typer.BadParameter(f"1 to {MAX_IDENTITY_CHARS} characters are needed")
    return text


@cli.command("token")
def token_command(
    room: Annotated[
        str,
        typer.Option("--room", callback=_room_name, help="The room's name: A-Z a-z 0-9 _ - ."),
    ],
    role: Annotated[Role, typer.Option("--role", help="Who the bearer is in the consultation.")],
    *,
    identity: Annotated[
        str | None,
        typer.Option(
            "--identity", callback=_pseudonym, help="A pseudonym, never a name; drawn if left out."
        ),
    ] = None,
    ttl: Annotated[
        int, typer.Option("--ttl", min=1, max=MAX_LIFETIME_S, help="Seconds the token is good for.")
    ] = DEFAULT_TTL_S,
    link: Annotated[
        bool, typer.Option("--link", help="Print the link that opens the consultation page.")
    ] = False,
    url: Annotated[
        str | None, typer.Option("--url", help="Where browsers reach the relay (https://…).")
    ] = None,
    open_room: Annotated[
        bool, typer.Option(help="Whether the bearer may be the first to come into the room.")
    ] = True,
    wait: Annotated[
        bool, typer.Option("--wait", help="Let the bearer wait until somebody admits them.")
    ] = False,
    once: Annotated[
        bool, typer.Option("--once", help="Let it be used by one page only: a link to be sent.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Print a token for one seat, signed with the relay's key."""
    with _explaining_configuration():
        tree = load_config(config)
        base = url or base_url(tree.signalling.host, tree.signalling.port)
        grant = full_grant(room, role, identity, open_room=open_room, waits=wait, once=once)
        invitation = Invitation(grant=grant, url=websocket_url(base), ttl_s=ttl)
        key = signing_key(load_keys(tree.keys), tree.keys)
        text = mint(invitation, key, time.time())
        typer.echo(consultation_link(base, text) if link else text)


@cli.command("doctor")
def doctor_command(
    config: ConfigOption = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> None:
    """Examine this machine and a configuration: what is wrong, who must act, what to do.

    Changes nothing. Run it as the user who runs the relay. Ends with 1 where there is trouble.
    """
    # As for `serve`: what loads slowly loads here.
    from signalling.doctor.examination import examine  # noqa: PLC0415
    from signalling.doctor.report import document, exit_code, report  # noqa: PLC0415

    findings = examine(config)
    typer.echo(document(findings) if as_json else report(findings))
    raise typer.Exit(exit_code(findings))


def main() -> None:
    """Run the command line."""
    cli()


def _keys_for_serving(config: RelayConfig) -> KeyRing:
    """Read the keys; on loopback, where nobody else can come, create the first one."""
    keys = load_keys(config.keys)
    if keys:
        return keys
    if not is_loopback(config.signalling.host):
        raise ConfigurationError(
            f"Serving on {config.signalling.host} needs a signing key, and there is none.",
            action="Set keys.file to a file with one `id secret` per line (mode 0600), or set "
            "signalling.host to 127.0.0.1 to have a key created.",
        )
    path = create_key(config.keys)
    typer.echo(f"A signing key was created in {path}")
    return load_keys(config.keys)


def _demo_words(addresses: Addresses, key: Key) -> str:
    room = f"demo-{secrets.token_hex(4)}"
    links = {role: _demo_link(addresses, key, room, role) for role in _DEMO_ROLES}
    return "\n".join(
        (
            "",
            "A consultation is ready. Open each link in a browser window of its own:",
            "",
            *(f"  {role.value.capitalize()}\n  {link}\n" for role, link in links.items()),
            "Allow the camera and the microphone when the browser asks. The links are good for",
            f"{DEMO_TTL_S // 3_600} hours, on this machine. Stop with Ctrl+C.",
        )
    )


def _demo_link(addresses: Addresses, key: Key, room: str, role: Role) -> str:
    invitation = Invitation(
        grant=full_grant(room, role, None, open_room=True),
        url=websocket_url(addresses.signalling),
        ttl_s=DEMO_TTL_S,
    )
    return consultation_link(addresses.signalling, mint(invitation, key, time.time()))


def _with_port(config: RelayConfig, port: int | None) -> RelayConfig:
    if port is None:
        return config
    return msgspec.structs.replace(
        config, signalling=msgspec.structs.replace(config.signalling, port=port)
    )


@contextmanager
def _explaining_configuration() -> Iterator[None]:
    """End with a sentence, and not with a traceback, where the operator can correct something."""
    try:
        yield
    except ConfigurationError as error:
        typer.echo(f"{error.words}\n{error.action}", err=True)
        raise typer.Exit(EXIT_CONFIGURATION) from None


_DEMO_ROLES: Final = (Role.PRACTITIONER, Role.PATIENT)

cli.command("plan")(_explaining_configuration()(plan))
keys_cli.command("create")(_explaining_configuration()(create))
keys_cli.command("list")(_explaining_configuration()(list_keys))
keys_cli.command("revoke")(_explaining_configuration()(revoke))
cli.add_typer(keys_cli, name="key")

if __name__ == "__main__":
    main()
