"""The clinic's command line: accounts whose passwords are printed once, and what is missing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from examples.clinic.__main__ import main
from examples.clinic.accounts import Account, Accounts
from examples.clinic.database import FILE_NAME, Database
from examples.clinic.demonstration import Ports, _set_up
from examples.clinic.settings import WEBHOOK_SECRET
from relay.config import load_config
from relay.rooms.permissions import Role
from signalling.webhooks.addresses import check_url
from signalling.webhooks.signature import read_secrets

ACCOUNT = ["account", "--login", "martin", "--name", "Dr Martin", "--role", "practitioner"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLINIC_FOLDER", str(tmp_path / "state"))
    return tmp_path / "state"


async def check(folder: Path, login: str, password: str) -> Account | None:
    """Look whether somebody may log in."""
    database = Database(folder / FILE_NAME)
    try:
        return await Accounts(database).check(login, password)
    finally:
        await database.close()


def test_an_account_s_password_is_printed_once_and_is_right(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(ACCOUNT) == 0
    password = capsys.readouterr().out.strip()
    found = asyncio.run(check(folder, "martin", password))
    assert found is not None
    assert (found.name, found.role) == ("Dr Martin", Role.PRACTITIONER)
    assert asyncio.run(check(folder, "martin", password[:-1])) is None
    assert password.encode() not in (folder / FILE_NAME).read_bytes()


def test_a_login_that_is_taken_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(ACCOUNT) == 0
    assert main(ACCOUNT) == 2
    assert "Somebody logs in as martin already." in capsys.readouterr().err


def test_patients_have_no_accounts(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([*ACCOUNT[:-1], "patient"])
    assert "invalid choice" in capsys.readouterr().err


def test_a_clinic_without_a_key_says_where_it_belongs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["serve"]) == 2
    assert "api-key" in capsys.readouterr().err


def test_the_demonstration_tells_its_relay_what_a_relay_understands(folder: Path) -> None:
    tree = load_config(_set_up(folder, Ports(clinic=1024, relay=1025, metrics=1026, media=1027)))
    assert tree.signalling.allowed_origins == ("http://127.0.0.1:1024",)
    assert (tree.signalling.port, tree.metrics.port, tree.media.port) == (1025, 1026, 1027)
    assert check_url(tree.webhooks) == "http://127.0.0.1:1024/webhooks"
    assert tree.webhooks.secrets_file == str(folder / WEBHOOK_SECRET)
    (secret,) = read_secrets(folder / WEBHOOK_SECRET)
    assert len(secret) == 32
