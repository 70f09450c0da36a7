"""The clinic's commands: `python -m examples.clinic serve`, `account` and `demo`.

Parses and prints; everything else is elsewhere.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from typing import Final

from examples.clinic import passwords
from examples.clinic.accounts import STAFF, Accounts, LoginTakenError
from examples.clinic.database import FILE_NAME, Database
from examples.clinic.demonstration import Ports, demonstrate
from examples.clinic.serving import serving
from examples.clinic.settings import SettingsError, folder_of, read_settings
from examples.clinic.stopping import told_to_stop
from relay.rooms.permissions import Role

CANNOT: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; give the status of the process."""
    wanted = _parser().parse_args(arguments)
    try:
        match wanted.command:
            case "serve":
                asyncio.run(_serve(wanted.port))
            case "account":
                asyncio.run(_account(wanted.login, wanted.name, Role(wanted.role)))
            case _:
                asyncio.run(demonstrate(_ports(wanted)))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return CANNOT
    except LoginTakenError as error:
        print(f"Somebody logs in as {error} already. Choose another login.", file=sys.stderr)
        return CANNOT
    except OSError as error:
        print(f"The clinic cannot start: {error.strerror or error}.", file=sys.stderr)
        return CANNOT
    return 0


async def _serve(port: int | None) -> None:
    settings = read_settings(os.environ)
    async with serving(settings, port=port):
        print(f"The clinic is open at {settings.url}", flush=True)
        await told_to_stop()


async def _account(login: str, name: str, role: Role) -> None:
    database = Database(folder_of(os.environ) / FILE_NAME)
    password = passwords.draw()
    try:
        await Accounts(database).create(login=login, name=name, role=role, password=password)
    finally:
        await database.close()
    print(password)
    print("Hand it over now: it is not shown again.", file=sys.stderr)


def _ports(wanted: argparse.Namespace) -> Ports:
    return Ports(
        clinic=wanted.port,
        relay=wanted.relay_port,
        metrics=wanted.metrics_port,
        media=wanted.media_port,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m examples.clinic", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="serve until stopped with Ctrl+C or SIGTERM")
    serve.add_argument("--port", type=int, help="where to listen; else the port of CLINIC_URL")
    account = commands.add_parser("account", help="make an account and print its password, once")
    account.add_argument("--login", required=True, help="what they log in with")
    account.add_argument("--name", required=True, help="what colleagues and patients read")
    account.add_argument("--role", required=True, choices=[role.value for role in STAFF])
    demo = commands.add_parser("demo", help="start a relay and a clinic with people in it")
    demo.add_argument("--port", type=int, default=Ports.clinic, help="of the clinic (TCP)")
    demo.add_argument("--relay-port", type=int, default=Ports.relay, help="of the relay (TCP)")
    demo.add_argument("--metrics-port", type=int, default=Ports.metrics, help="its metrics (TCP)")
    demo.add_argument("--media-port", type=int, default=Ports.media, help="its media (UDP and TCP)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
