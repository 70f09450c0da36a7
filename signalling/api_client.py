"""A platform's side of the HTTP API, in Python: small, typed, and safe to retry.

Every change carries an Idempotency-Key of its own, so that a request whose answer was lost is sent
again without being done twice. Uses the API's own types (`signalling.api.schemas`). For backends in
Python, and for this project's tests:

```python
async with ApiClient("https://relay.example", key) as relay:
    room = await relay.create_room(CreateRoom())
    token = await relay.create_token(room.id, CreateToken(identity="p-7", role=Role.PATIENT))
```
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from typing import Final, Self, TypeVar
from urllib.parse import quote

import aiohttp
import msgspec
from aiohttp import hdrs
from msgspec import Struct

from signalling.api import schemas as s
from signalling.api.problem import Problem

TRIES: Final = 3
TIMEOUT_S: Final = 15.0
MAX_WAIT_S: Final = 10.0
"""A Retry-After beyond this is the caller's affair."""
WORTH_RETRYING: Final = (429, 503)

Answer = TypeVar("Answer", bound=Struct)


class ProblemError(Exception):
    """The relay refused a request, and says why and what to do."""

    def __init__(self, problem: Problem, retry_after_s: float | None) -> None:
        self.problem = problem
        self.retry_after_s = retry_after_s
        super().__init__(f"{problem.code}: {problem.detail} {problem.action}")


class ApiClient:
    """One platform's connection to one relay; an async context manager."""

    def __init__(self, url: str, key: str) -> None:
        """Prepare it.

        Args:
            url: Where the relay is, without `/v1`.
            key: An API key, as `visavis key create` printed it.

        """
        self._url = url.rstrip("/")
        self._key = key
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open no connection yet."""
        self._session = aiohttp.ClientSession(
            headers={hdrs.AUTHORIZATION: f"Bearer {self._key}"},
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
        )
        return self

    async def __aexit__(self, *failure: object) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def create_room(self, room: s.CreateRoom) -> s.Room:
        """Create a room."""
        return await self._ask("POST", "/rooms", s.Room, room)

    async def rooms(self) -> AsyncIterator[s.Room]:
        """Give every room, page by page."""
        cursor: str | None = None
        while True:
            page = await self._ask("GET", "/rooms", s.RoomList, query=_page(cursor))
            for room in page.rooms:
                yield room
            cursor = page.next_cursor
            if cursor is None:
                return

    async def room(self, room: str) -> s.Room:
        """Show a room."""
        return await self._ask("GET", f"/rooms/{quote(room)}", s.Room)

    async def update_room(self, room: str, change: s.UpdateRoom) -> s.Room:
        """Change a room."""
        return await self._ask("PATCH", f"/rooms/{quote(room)}", s.Room, change)

    async def close_room(self, room: str) -> None:
        """Close a room for everybody."""
        await self._send("DELETE", f"/rooms/{quote(room)}")

    async def create_token(self, room: str, invitation: s.CreateToken) -> s.Token:
        """Mint a token for one person."""
        return await self._ask("POST", f"/rooms/{quote(room)}/tokens", s.Token, invitation)

    async def send_message(self, room: str, message: s.SendMessage) -> s.Sent:
        """Write to those addressed."""
        return await self._ask("POST", f"/rooms/{quote(room)}/messages", s.Sent, message)

    async def participants(self, room: str) -> AsyncIterator[s.Participant]:
        """Give everybody in a room, page by page."""
        path = f"/rooms/{quote(room)}/participants"
        cursor: str | None = None
        while True:
            page = await self._ask("GET", path, s.ParticipantList, query=_page(cursor))
            for participant in page.participants:
                yield participant
            cursor = page.next_cursor
            if cursor is None:
                return

    async def admit(self, room: str, identity: str) -> s.Participant:
        """Let somebody in who waits."""
        return await self._command(room, identity, "admit")

    async def hold(self, room: str, identity: str) -> s.Participant:
        """Send somebody back to the waiting room."""
        return await self._command(room, identity, "hold")

    async def move(self, room: str, identity: str, to: s.Move) -> s.Participant:
        """Have somebody go on in another room."""
        return await self._command(room, identity, "move", to)

    async def send_on(self, room: str, identity: str, to: s.SendOn) -> s.Participant:
        """Have somebody go on at another relay."""
        return await self._command(room, identity, "send-on", to)

    async def mute(self, room: str, identity: str, what: s.Mute) -> s.Participant:
        """Mute somebody until it is undone."""
        return await self._command(room, identity, "mute", what)

    async def unmute(self, room: str, identity: str, what: s.Mute) -> s.Participant:
        """Undo a moderator's mute."""
        return await self._command(room, identity, "unmute", what)

    async def eject(self, room: str, identity: str) -> None:
        """Put somebody out, or take back the invitation of somebody who is not there."""
        await self._send("POST", f"{_person(room, identity)}/eject")

    async def lock(self, room: str) -> s.Room:
        """Let nobody else come."""
        return await self._ask("POST", f"/rooms/{quote(room)}/lock", s.Room)

    async def unlock(self, room: str) -> s.Room:
        """Let people come again."""
        return await self._ask("POST", f"/rooms/{quote(room)}/unlock", s.Room)

    async def mute_all(self, room: str) -> s.Room:
        """Mute all who may not moderate."""
        return await self._ask("POST", f"/rooms/{quote(room)}/mute", s.Room)

    async def unmute_all(self, room: str) -> s.Room:
        """Undo every moderator's mute of a microphone."""
        return await self._ask("POST", f"/rooms/{quote(room)}/unmute", s.Room)

    async def hand_over(self, room: str, people: s.HandOver) -> s.Room:
        """Leave a room to somebody in one step."""
        return await self._ask("POST", f"/rooms/{quote(room)}/hand-over", s.Room, people)

    async def open_private(self, room: str, members: s.Confer) -> s.Room:
        """Let some confer apart."""
        return await self._ask("POST", f"/rooms/{quote(room)}/private", s.Room, members)

    async def close_private(self, room: str) -> s.Room:
        """Let everybody hear everybody again."""
        return await self._ask("DELETE", f"/rooms/{quote(room)}/private", s.Room)

    async def extend(self, room: str, by: s.Extend) -> s.Room:
        """Have an open room end later."""
        return await self._ask("POST", f"/rooms/{quote(room)}/extend", s.Room, by)

    async def quality(self, room: str) -> s.RoomQuality:
        """Tell how everybody's sound and picture travel."""
        return await self._ask("GET", f"/rooms/{quote(room)}/quality", s.RoomQuality)

    async def report(self, consultation: str, *, utc_offset_min: int = 0) -> s.Report:
        """Report on a consultation; the times in its sentences are ahead of UTC by the offset."""
        query = {"utc_offset_min": str(utc_offset_min)}
        return await self._ask("GET", _report(consultation), s.Report, query=query)

    async def report_page(
        self, consultation: str, *, lang: s.Language = "en", utc_offset_min: int = 0
    ) -> str:
        """Give the same as an HTML document, to be shown, printed or put into a file."""
        query = {"lang": lang, "utc_offset_min": str(utc_offset_min)}
        return (await self._send("GET", f"{_report(consultation)}.html", query=query)).decode()

    async def _command(
        self, room: str, identity: str, command: str, body: Struct | None = None
    ) -> s.Participant:
        return await self._ask("POST", f"{_person(room, identity)}/{command}", s.Participant, body)

    async def _ask(
        self,
        method: str,
        path: str,
        answer: type[Answer],
        body: Struct | None = None,
        *,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        return msgspec.json.decode(await self._send(method, path, body, query=query), type=answer)

    async def _send(
        self,
        method: str,
        path: str,
        body: Struct | None = None,
        *,
        query: Mapping[str, str] | None = None,
    ) -> bytes:
        """Send a request until it is answered, three times at most.

        Raises:
            ProblemError: The relay refused it.
            aiohttp.ClientError: There was no answer.

        *Cancellation:* the request may have been carried out.
        """
        repeat = secrets.token_urlsafe(16)
        for tries_left in reversed(range(TRIES)):
            try:
                return await self._try(method, path, body, query, repeat)
            except ProblemError as error:
                wait_s = error.retry_after_s
                if not tries_left or wait_s is None or wait_s > MAX_WAIT_S:
                    raise
                await asyncio.sleep(wait_s)
            except (aiohttp.ClientConnectionError, TimeoutError):
                if not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    async def _try(
        self,
        method: str,
        path: str,
        body: Struct | None,
        query: Mapping[str, str] | None,
        repeat: str,
    ) -> bytes:
        assert self._session is not None, "entered"
        headers = {} if method == "GET" else {"Idempotency-Key": repeat}
        if body is not None:
            headers[hdrs.CONTENT_TYPE] = "application/json"
        async with self._session.request(
            method,
            f"{self._url}/v1{path}",
            data=None if body is None else msgspec.json.encode(body),
            params=query,
            headers=headers,
        ) as response:
            content = await response.read()
            if response.ok:
                return content
            retry_after = response.headers.get(hdrs.RETRY_AFTER, "")
            worth_it = response.status in WORTH_RETRYING and retry_after.isdigit()
            problem = msgspec.json.decode(content, type=Problem)
            raise ProblemError(problem, float(retry_after) if worth_it else None)


def _person(room: str, identity: str) -> str:
    return f"/rooms/{quote(room)}/participants/{quote(identity, safe='')}"


def _report(consultation: str) -> str:
    return f"/consultations/{quote(consultation)}/report"


def _page(cursor: str | None) -> Mapping[str, str]:
    return {} if cursor is None else {"cursor": cursor}
