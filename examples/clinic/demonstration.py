"""A relay and a clinic on this machine, with people and appointments: `make clinic`.

Everything is made anew in a folder that is removed at the end: keys, secrets, accounts, links. It
does for a relay what its operator does (docs/api.md, docs/webhooks.md), and so shows what has to be
set up for a platform. Called by `examples.clinic.__main__`.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from examples.clinic import passwords
from examples.clinic.accounts import Account, Accounts
from examples.clinic.appointments import Appointments
from examples.clinic.database import FILE_NAME, Database
from examples.clinic.serving import serving
from examples.clinic.settings import (
    API_KEY,
    WEBHOOK_SECRET,
    Settings,
    SettingsError,
    read_settings,
    write_private,
)
from examples.clinic.stopping import told_to_stop
from relay.rooms.permissions import Role

VISAVIS: Final = Path(sys.executable).with_name("visavis")
SCOPES: Final = ("rooms", "tokens", "read", "moderate")
START_S: Final = 30.0
STOP_S: Final = 10.0
SECRET_BYTES: Final = 32
HALF_AN_HOUR_S: Final = 30 * 60.0


@dataclass(frozen=True)
class Ports:
    """Of loopback."""

    clinic: int = 8090
    relay: int = 8080
    metrics: int = 9090
    media: int = 7882


async def demonstrate(ports: Ports) -> None:
    """Run relay and clinic until told to stop, and print who may come in and how.

    Raises:
        SettingsError: The relay does not start.
        OSError: A port is in use.

    """
    with tempfile.TemporaryDirectory(prefix="clinic-") as name:
        folder = Path(name)
        config = await asyncio.to_thread(_set_up, folder, ports)
        key = await _visavis("key", "create", "clinic", *_scopes(), "--config", str(config))
        await asyncio.to_thread(write_private, folder / API_KEY, key.splitlines()[0])
        settings = await asyncio.to_thread(read_settings, _environment(folder, ports))
        lines = await _people(settings)
        async with _relay(config), serving(settings):
            print("\n".join(lines), flush=True)
            await told_to_stop()


def _set_up(folder: Path, ports: Ports) -> Path:
    """Write what the relay is told: who its platform is, and where that hears of things."""
    secret = f"whsec_{base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()}"
    write_private(folder / WEBHOOK_SECRET, secret)
    config = folder / "visavis.toml"
    write_private(
        config,
        f"""
[signalling]
port = {ports.relay}
allowed_origins = ["http://127.0.0.1:{ports.clinic}"]
[metrics]
port = {ports.metrics}
[media]
port = {ports.media}
[keys]
state_dir = "{folder / "relay"}"
[webhooks]
url = "http://127.0.0.1:{ports.clinic}/webhooks"
secrets_file = "{folder / WEBHOOK_SECRET}"
allow_http = true
allow_private = true
[log]
level = "warning"
""",
    )
    return config


def _environment(folder: Path, ports: Ports) -> dict[str, str]:
    return {
        "CLINIC_FOLDER": str(folder),
        "CLINIC_URL": f"http://127.0.0.1:{ports.clinic}",
        "CLINIC_RELAY": f"http://127.0.0.1:{ports.relay}",
    }


def _scopes() -> list[str]:
    return [word for scope in SCOPES for word in ("--scope", scope)]


async def _visavis(*arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        VISAVIS, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await process.communicate()
    if process.returncode != 0:
        raise SettingsError(errors.decode(errors="replace").strip())
    return output.decode()


@asynccontextmanager
async def _relay(config: Path) -> AsyncIterator[None]:
    """Run the relay until the block ends; what it says goes where our own words go."""
    process = await asyncio.create_subprocess_exec(
        VISAVIS, "serve", "--config", str(config), stdout=asyncio.subprocess.PIPE
    )
    try:
        await _until_ready(process)
        yield
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _until_ready(process: asyncio.subprocess.Process) -> None:
    """Wait for the relay's own word: another one may answer where it wants to listen."""
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_S):
            async for line in process.stdout:
                if line.startswith(b"Visavis is running"):
                    return
    except TimeoutError as error:
        raise SettingsError(f"The relay is not ready after {START_S:.0f} s.") from error
    raise SettingsError("The relay has ended; it says above why.")


async def _people(settings: Settings) -> list[str]:
    """Make accounts and appointments, and say who comes in how."""
    database = Database(settings.folder / FILE_NAME)
    try:
        accounts, appointments = Accounts(database), Appointments(database, time.time)
        staff: list[Account] = []
        lines = [f"The clinic is open at {settings.url}", ""]
        for login, name, role in _STAFF:
            password = passwords.draw()
            staff.append(
                await accounts.create(login=login, name=name, role=role, password=password)
            )
            lines.append(f"  {role.value:<12}  {login:<8}  {password}")
        lines += ["", "Their patients come by these links:", ""]
        for patient, link in await _appointments(appointments, staff):
            lines.append(f"  {patient}\n  {settings.url}/visit#{link}\n")
        lines.append("Open each in a browser window of its own. Stop with Ctrl+C.")
        return lines
    finally:
        await database.close()


async def _appointments(appointments: Appointments, staff: list[Account]) -> list[tuple[str, str]]:
    """Make three of this day, around now; give each patient's link."""
    first, second, _, expert = (each.id for each in staff)
    whose = (first, first, second)
    made = []
    for hour, (patient, practitioner) in enumerate(zip(_PATIENTS, whose, strict=True)):
        link = await appointments.create(
            at_unix_s=_within_today(hour * HALF_AN_HOUR_S),
            patient=patient,
            practitioner=practitioner,
            expert=expert if practitioner == first else None,
        )
        made.append((patient, link))
    return made


def _within_today(after_s: float) -> float:
    """Give a moment so long after now, or before it where the day would be over by then."""
    now_s = time.time()
    is_same_day = time.localtime(now_s + after_s).tm_yday == time.localtime(now_s).tm_yday
    return now_s + after_s if is_same_day else now_s - after_s


_STAFF: Final = (
    ("martin", "Dr Claire Martin", Role.PRACTITIONER),
    ("diallo", "Dr Amadou Diallo", Role.PRACTITIONER),
    ("robin", "Robin Leroy", Role.ASSISTANT),
    ("okafor", "Dr Ngozi Okafor", Role.EXPERT),
)
_PATIENTS: Final = ("Jeanne Petit", "Karim Benali", "Louise Moreau")
