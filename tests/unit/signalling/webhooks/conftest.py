"""A platform that hears webhooks: a real HTTP receiver, and the public verifier behind it."""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks.webhooks import Webhook

SECRET = f"whsec_{base64.b64encode(b's' * 32).decode()}"

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Receiver:
    """Hears, verifies and answers as a test says; 204 where it says nothing."""

    heard: list[dict[str, Any]] = field(default_factory=list)
    tries: list[dict[str, str]] = field(default_factory=list)
    answers: deque[int | Answering] = field(default_factory=deque)
    server: TestServer = field(init=False)

    def __post_init__(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._hear)
        self.server = TestServer(app)

    @property
    def url(self) -> str:
        """Where to send webhooks."""
        return str(self.server.make_url("/hooks"))

    @property
    def types(self) -> list[str]:
        """What was heard, in order."""
        return [event["type"] for event in self.heard]

    async def _hear(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.tries.append(dict(request.headers))
        answer = self.answers.popleft() if self.answers else 204
        if not isinstance(answer, int):
            return await answer(request)
        if answer < 300:
            # The time is a test's: the signature is held against it, and not against today's.
            headers = {name.lower(): value for name, value in request.headers.items()}
            signed = Webhook(SECRET).sign(headers["webhook-id"], moment(headers), body.decode())
            assert signed in headers["webhook-signature"].split()
            self.heard.append(json.loads(body))
        return web.Response(status=answer)


def moment(headers: dict[str, str]) -> Any:
    """Give a webhook's time as the verifier wants it."""
    return datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    async with receiver.server:
        yield receiver
