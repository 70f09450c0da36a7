"""From an HTTP request to an operation and back: the one way through the API.

Who asks, how often, for what, with what, whether it came before; then the operation, the audit and
the answer. A `CallerError` becomes a problem here and nowhere else. Made by `signalling.platform`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec
import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from msgspec import Struct

from relay.errors import CallerError, RelayError, ServerError
from relay.metrics.of_platforms import API_REQUESTS
from signalling.api import html_page, problem
from signalling.api.audited import entry_of
from signalling.api.credentials import ApiKey, recognise_untrusted
from signalling.api.desk import Desk
from signalling.api.errors import KeyRefused, NoSuchPath, TooManyRequests, WrongMethod
from signalling.api.idempotency import (
    Idempotency,
    KeptAnswer,
    idempotency_key_untrusted,
    is_final,
)
from signalling.api.operations import Operation
from signalling.api.rates import Rates
from signalling.api.reading import (
    body_untrusted,
    content_type_of,
    path_untrusted,
    query_untrusted,
    read_body,
)
from signalling.audit import Audit, Entry
from signalling.callers import Failures
from signalling.watched_file import WatchedFile

REPLAYED: Final = "Idempotency-Replayed"
_JSON: Final = "application/json"

_log: Final = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One request, whose key has been recognised."""

    id: str
    key: ApiKey
    arguments: Mapping[str, Struct | str]
    body: bytes = field(repr=False)


@dataclass
class Endpoint:
    """What every operation passes through."""

    desk: Desk
    keys: WatchedFile[dict[str, ApiKey]]
    audit: Audit
    rates: Rates
    failures: Failures
    monotonic_now_s: Callable[[], float]
    idempotency: Idempotency = field(default_factory=Idempotency)

    def serving(self, operation: Operation) -> Handler:
        """Give the handler of one row."""

        async def serve(request: web.Request) -> web.Response:
            number = f"q-{secrets.token_hex(16)}"
            try:
                response = await self._serve(operation, request, number)
            except RelayError as error:
                if isinstance(error, ServerError):
                    _log.error("an API request failed", code=error.code, request=number)
                response = problem.respond(error, number)
                self._count(error.code)
            else:
                self._count("ok")
                response.headers[problem.REQUEST_ID] = number
            return response

        return serve

    async def refuse_path(self, _request: web.Request) -> web.Response:
        """Answer for a path of which the API has nothing."""
        self._count(NoSuchPath.code)
        return problem.respond(NoSuchPath(), f"q-{secrets.token_hex(16)}")

    def refuse_method(self, allowed: str) -> Handler:
        """Give the handler of a path's other methods."""

        async def refuse(_request: web.Request) -> web.Response:
            self._count(WrongMethod.code)
            response = problem.respond(WrongMethod(), f"q-{secrets.token_hex(16)}")
            response.headers[hdrs.ALLOW] = allowed
            return response

        return refuse

    async def _serve(self, operation: Operation, request: web.Request, number: str) -> web.Response:
        key = self._recognise(request)
        self.rates.take(key.id, self.monotonic_now_s())
        key.require(operation.scope)
        asked = await self._read(operation, request, key, number)
        if operation.mutates:
            return await self._change(operation, request, asked)
        if operation.audited:
            await self.audit.require_ready()
            return _response(await self._audited(operation, asked))
        return _response(await self._perform(operation, asked))

    def _recognise(self, request: web.Request) -> ApiKey:
        """Find whose request it is; a good key is let in however many bad ones came before.

        Raises:
            KeyRefused: It carries no good key.
            TooManyRequests: And it is one of too many from there.

        """
        try:
            return recognise_untrusted(request.headers.get(hdrs.AUTHORIZATION), self.keys.content)
        except KeyRefused:
            too_many = self.failures.note(request.remote or "", self.monotonic_now_s())
            if too_many is None:
                raise
            raise TooManyRequests(
                "Too many requests without a good API key came from this network.",
                retry_after_s=too_many.retry_after_s,
            ) from None

    async def _read(
        self, operation: Operation, request: web.Request, key: ApiKey, number: str
    ) -> _Asked:
        arguments: dict[str, Struct | str] = {
            "path": path_untrusted(request.match_info, operation.path_type),
            "query": query_untrusted(request.query.items(), operation.query_type),
        }
        body = b""
        if operation.body_type is not None:
            max_bytes = self.desk.config.api.max_body_bytes
            body = await read_body(request, max_bytes=max_bytes)
            arguments["body"] = body_untrusted(
                body, content_type_of(request), operation.body_type, max_bytes=max_bytes
            )
        if "base_url" in operation.takes:
            public = self.desk.config.signalling.public_url
            arguments["base_url"] = public or str(request.url.origin())
        return _Asked(number, key, arguments, body)

    async def _change(
        self, operation: Operation, request: web.Request, asked: _Asked
    ) -> web.Response:
        """Perform what changes something: once for each Idempotency-Key, and written down.

        A refusal that may be none a moment later did nothing and is forgotten: a retry is a first
        try.

        *Cancellation:* the change may have been made; a retry with its key is a first try.
        """
        await self.audit.require_ready()
        repeat = idempotency_key_untrusted(request.headers.get("Idempotency-Key"))
        if repeat is None:
            return _response(await self._audited(operation, asked))
        fingerprint = hashlib.sha256(
            b"\0".join((operation.id.encode(), request.rel_url.raw_path_qs.encode(), asked.body))
        ).digest()
        before = self.idempotency.begin(asked.key.id, repeat, fingerprint, self.monotonic_now_s())
        if before is not None:
            response = _response(before)
            response.headers[REPLAYED] = "true"
            return response
        kept = None
        try:
            kept = await self._audited(operation, asked)
        except CallerError as error:
            if is_final(error):
                kept = _kept(problem.respond(error, asked.id))
            raise
        finally:
            if kept is None:
                self.idempotency.abandon(asked.key.id, repeat)
            else:
                self.idempotency.finish(asked.key.id, repeat, kept)
        return _response(kept)

    async def _audited(self, operation: Operation, asked: _Asked) -> KeptAnswer:
        outcome = ServerError.code
        try:
            answer = await self._perform(operation, asked)
            outcome = "done"
        except RelayError as error:
            outcome = error.code
            raise
        finally:
            await self.audit.write(self._entry(operation, asked, outcome))
        return answer

    async def _perform(self, operation: Operation, asked: _Asked) -> KeptAnswer:
        wanted = {name: value for name, value in asked.arguments.items() if name in operation.takes}
        answer = await operation.perform(self.desk, **wanted)
        if isinstance(answer, html_page.HtmlPage):
            text = answer.text.encode()
            return KeptAnswer(operation.success, html_page.CONTENT_TYPE, text, answer.policy)
        body = b"" if answer is None else msgspec.json.encode(answer)
        return KeptAnswer(operation.success, _JSON, body)

    def _entry(self, operation: Operation, asked: _Asked, outcome: str) -> Entry:
        return entry_of(
            asked.arguments,
            at=self.desk.now(),
            by=asked.key.id,
            did=operation.id,
            outcome=outcome,
            request=asked.id,
        )

    def _count(self, outcome: str) -> None:
        self.desk.relay.tally.count(API_REQUESTS, outcome=outcome)


def _response(kept: KeptAnswer) -> web.Response:
    if not kept.body:
        return web.Response(status=kept.status)
    return web.Response(
        status=kept.status,
        body=kept.body,
        content_type=kept.content_type,
        charset="utf-8" if kept.content_type == html_page.CONTENT_TYPE else None,
        headers=None if kept.policy is None else {"Content-Security-Policy": kept.policy},
    )


def _kept(response: web.Response) -> KeptAnswer:
    assert isinstance(response.body, bytes)
    return KeptAnswer(response.status, response.content_type, response.body)
