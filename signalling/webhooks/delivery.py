"""One try to tell one event: a POST to the platform, and what became of it.

Follows no redirect, keeps no cookie, unpacks nothing and reads little: whatever answers is not
trusted. Called by `signalling.webhooks.sender`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, Self

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver

from relay.config import WebhooksConfig
from signalling.webhooks.addresses import CheckedResolver, check_url
from signalling.webhooks.backoff import retry_after_s_untrusted
from signalling.webhooks.outbox import Event
from signalling.webhooks.signature import sign

MAX_ANSWER_BYTES: Final = 65_536
"""Read so that the connection can be used again; the rest of a larger answer is cut off."""
GONE: Final = 410


class Outcome(StrEnum):
    """What became of a try."""

    HEARD = "heard"
    REFUSED = "refused"
    """An answer other than 2xx, a redirect included."""
    GONE = "gone"
    """410: the receiver wants nothing more."""
    UNREACHABLE = "unreachable"
    """No connection, no answer in time, or an address that webhooks do not go to."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a try, and when the next one is welcome."""

    outcome: Outcome
    retry_after_s: float | None = None


class Deliver(Protocol):
    """Tries to tell an event; raises nothing but cancellation."""

    async def __call__(self, event: Event) -> Answer:
        """Try once.

        *Cancellation:* the receiver may have heard it; it is told again with the same id.
        """


class Delivery:
    """The way to the platform; an async context manager."""

    def __init__(
        self,
        config: WebhooksConfig,
        secrets: Callable[[], Sequence[bytes]],
        unix_now_s: Callable[[], float],
        *,
        resolver: AbstractResolver | None = None,
    ) -> None:
        """Prepare it.

        Args:
            config: Where to, and what is allowed.
            secrets: Those of the moment, the newest first.
            unix_now_s: Wall-clock time.
            resolver: In place of the system's, under the checks; for tests.

        Raises:
            ConfigurationError: The address is none that webhooks go to.

        """
        self._url = check_url(config)
        self._config = config
        self._secrets = secrets
        self._unix_now_s = unix_now_s
        self._resolver = resolver
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open no connection yet."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=CheckedResolver(
                    allow_private=self._config.allow_private, inner=self._resolver
                ),
                use_dns_cache=False,  # each connection goes where it was checked to go
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=self._config.timeout_s),
            auto_decompress=False,
            trust_env=False,
            headers={hdrs.USER_AGENT: "Visavis-Webhooks"},
            skip_auto_headers=(hdrs.ACCEPT_ENCODING,),
        )
        return self

    async def __aexit__(self, *failure: object) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def __call__(self, event: Event) -> Answer:
        """Try once; see `Deliver`."""
        assert self._session is not None, "entered"
        headers = sign(event.id, event.body, secrets=self._secrets(), now_unix_s=self._unix_now_s())
        try:
            async with self._session.post(
                self._url,
                data=event.body,
                headers={hdrs.CONTENT_TYPE: "application/json", **headers},
                allow_redirects=False,
            ) as response:
                await _skim(response)
                return _answer_untrusted(response.status, response.headers.get(hdrs.RETRY_AFTER))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            # ValueError: what answers is no HTTP, in one of the ways that aiohttp does not wrap.
            return Answer(Outcome.UNREACHABLE)


async def _skim(response: aiohttp.ClientResponse) -> None:
    """Read an answer's beginning; cut the connection where there is more."""
    read = 0
    async for chunk in response.content.iter_any():
        read += len(chunk)
        if read > MAX_ANSWER_BYTES:
            response.close()
            return


def _answer_untrusted(status: int, retry_after: str | None) -> Answer:
    if 200 <= status <= 299:  # noqa: PLR2004 - RFC 9110 §15.3
        return Answer(Outcome.HEARD)
    if status == GONE:
        return Answer(Outcome.GONE)
    return Answer(Outcome.REFUSED, retry_after_s_untrusted(retry_after))
