"""Names are looked up on threads that nobody else uses, and only so many at once."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from signalling.webhooks.addresses import CheckedResolver
from signalling.webhooks.name_lookup import MAX_LOOKUPS, NameLookup, TooManyLookups
from signalling.webhooks.sender import AT_ONCE


@pytest.fixture
async def lookup() -> AsyncIterator[NameLookup]:
    lookup = NameLookup(max_lookups=2)
    yield lookup
    await lookup.close()


async def test_a_name_gives_every_address_of_it(
    lookup: NameLookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(*_: object, **__: object) -> list[Any]:
        stream = socket.SOCK_STREAM
        return [
            (socket.AF_INET6, stream, 6, "", ("2001:db8::1", 443, 0, 0)),
            (socket.AF_INET, stream, 6, "", ("192.0.2.1", 443)),
        ]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    addresses = await lookup.resolve("clinic.example", 443, socket.AF_UNSPEC)
    assert [(each["host"], each["port"], each["hostname"]) for each in addresses] == [
        ("2001:db8::1", 443, "clinic.example"),
        ("192.0.2.1", 443, "clinic.example"),
    ]
    assert [each["family"] for each in addresses] == [socket.AF_INET6, socket.AF_INET]


async def test_a_name_that_leads_nowhere_is_an_oserror(
    lookup: NameLookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found(*_: object, **__: object) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with pytest.raises(OSError, match="unknown"):
        await lookup.resolve("nowhere.example")


async def test_a_resolver_that_hangs_holds_up_only_itself_and_is_asked_no_further(
    lookup: NameLookup, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = threading.Event()
    inside = threading.Semaphore(0)
    threads: list[str] = []

    def hangs(*_: object, **__: object) -> list[Any]:
        threads.append(threading.current_thread().name)
        inside.release()
        hanging.wait()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 443))]

    monkeypatch.setattr(socket, "getaddrinfo", hangs)
    tries = [asyncio.create_task(lookup.resolve("clinic.example", 443)) for _ in range(2)]
    for _ in tries:
        await asyncio.to_thread(inside.acquire)  # the usual threads are free
    with pytest.raises(TooManyLookups):
        await lookup.resolve("clinic.example", 443)
    for each in tries:  # as the sender does after its 5 s
        each.cancel()
    await asyncio.gather(*tries, return_exceptions=True)
    with pytest.raises(TooManyLookups):
        await lookup.resolve("clinic.example", 443)
    assert all(name.startswith("webhook names") for name in threads)
    assert len(threads) == 2
    hanging.set()
    async with asyncio.timeout(5):
        while not all(each.done() for each in lookup._under_way):
            await asyncio.sleep(0)
    assert (await lookup.resolve("clinic.example", 443))[0]["host"] == "192.0.2.1"


async def test_webhooks_look_their_names_up_so() -> None:
    resolver = CheckedResolver(allow_private=False)
    assert isinstance(resolver._inner, NameLookup)
    await resolver.close()


def test_every_try_that_the_sender_makes_at_once_may_look_its_name_up() -> None:
    assert MAX_LOOKUPS >= AT_ONCE
