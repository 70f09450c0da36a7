"""The door for staff: by login and password, for a working day, from our own pages only."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient, TestServer

from examples.clinic.settings import Settings
from examples.clinic.web.app import create_clinic
from examples.clinic.web.login import FROM_ONE_ADDRESS
from relay.rooms.permissions import Role
from tests.unit.examples.clinic.conftest import PASSWORD, Clinic


async def test_whoever_is_not_logged_in_is_asked_to(clinic: Clinic) -> None:
    for path in ("/today", "/appointments/1"):
        answer = await clinic.get(path)
        assert (answer.status, answer.headers["Location"]) == (303, "/login")
    assert 'name="password"' in await (await clinic.get("/login")).text()
    assert (await clinic.get("/today/events")).status == 401


async def test_a_right_password_opens_the_list(clinic: Clinic) -> None:
    await clinic.account("martin", Role.PRACTITIONER)
    answer = await clinic.log_in("martin")
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie, "over plain HTTP browsers would drop it"
    assert "Dr Martin" in await (await clinic.get("/today")).text()


async def test_where_browsers_come_by_tls_the_cookie_insists_on_it(
    settings: Settings, clinic: Clinic
) -> None:
    await clinic.account("martin", Role.PRACTITIONER)
    encrypted = replace(settings, url="https://clinic.test")
    async with TestClient(TestServer(create_clinic(encrypted))) as client:
        answer = await client.post(
            "/login",
            data={"login": "martin", "password": PASSWORD},
            headers={"Origin": encrypted.url},
            allow_redirects=False,
        )
        assert "Secure" in answer.headers["Set-Cookie"]
        assert "max-age" in answer.headers["Strict-Transport-Security"]


async def test_a_wrong_password_and_a_wrong_login_are_told_alike(clinic: Clinic) -> None:
    await clinic.account("martin", Role.PRACTITIONER)
    texts = []
    for login in ("martin", "nobody"):
        answer = await clinic.log_in(login, "wrong")
        assert answer.status == 401
        assert "Set-Cookie" not in answer.headers
        texts.append((await answer.text()).replace(login, "somebody"))
    assert texts[0] == texts[1]
    assert "do not belong together" in texts[0]


async def test_whoever_guesses_waits_even_with_the_right_password(clinic: Clinic) -> None:
    await clinic.account("martin", Role.PRACTITIONER)
    await clinic.account("diallo", Role.PRACTITIONER)
    for _ in range(5):
        assert (await clinic.log_in("martin", "guess")).status == 401
    answer = await clinic.log_in("martin")
    assert answer.status == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "Try again in 15 min" in await answer.text()
    assert (await clinic.log_in("diallo")).status == 303, "others are not kept waiting"


async def test_of_many_guesses_at_once_no_more_are_looked_at(clinic: Clinic) -> None:
    await clinic.account("martin", Role.PRACTITIONER)
    guesses = [clinic.log_in("martin", f"guess {number}") for number in range(12)]
    answers = Counter(answer.status for answer in await asyncio.gather(*guesses))
    assert answers == {401: 5, 429: 7}


async def test_whoever_gets_it_right_leaves_no_try_behind(clinic: Clinic) -> None:
    await clinic.account("martin", Role.PRACTITIONER)
    for _ in range(FROM_ONE_ADDRESS + 1):
        assert (await clinic.log_in("martin")).status == 303


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/x-www-form-urlencoded; charset=utf-7", b"login=%2B2AA-&password=p", 400),
        ("application/x-www-form-urlencoded; charset=nonsense", b"login=a&password=p", 400),
        ("application/x-www-form-urlencoded", b"\xff", 400),
        ("multipart/form-data", b"login=a&password=p", 401),
        ("text/plain", b"login=a&password=p", 401),
    ],
)
async def test_what_is_no_form_of_ours_logs_nobody_in(
    clinic: Clinic, kind: str, body: bytes, status: int
) -> None:
    answer = await clinic.post("/login", data=body, headers={"Content-Type": kind})
    assert answer.status == status


async def test_a_form_of_another_site_logs_nobody_in(clinic: Clinic) -> None:
    await clinic.account("martin", Role.PRACTITIONER)
    form = {"login": "martin", "password": PASSWORD}
    for origin in ("https://elsewhere.example", "null", ""):
        assert (await clinic.post("/login", origin=origin, data=form)).status == 403


async def test_logging_out_ends_the_session_and_needs_our_own_page(clinic: Clinic) -> None:
    await clinic.account("martin", Role.PRACTITIONER)
    cookie = (await clinic.log_in("martin")).cookies["clinic"].value
    csrf = await clinic.csrf()
    forgeries: list[dict[str, str]] = [{}, {"csrf": "0" * 64}, {"csrf": "\xe9"}]
    for wrong in forgeries:
        assert (await clinic.post("/logout", data=wrong)).status == 403
    answer = await clinic.post("/logout", data={"csrf": csrf})
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
    clinic.client.session.cookie_jar.update_cookies({"clinic": cookie}, clinic.client.make_url("/"))
    assert (await clinic.get("/today")).status == 303, "a copy is good for nothing either"


async def test_a_login_is_somebody_s_once(clinic: Clinic) -> None:
    first = await clinic.account("martin", Role.PRACTITIONER)
    second = await clinic.account("robin", Role.ASSISTANT)
    everybody = await clinic.accounts.everybody()
    assert everybody == {first.id: first, second.id: second}
    assert first.pseudonym != second.pseudonym
    assert "martin" not in first.pseudonym
