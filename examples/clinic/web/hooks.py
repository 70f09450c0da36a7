"""What the relay tells by itself: webhooks, verified before anything else.

Called through `examples.clinic.web.app`. docs/webhooks.md has the rules that are obeyed here:
verify with the raw body, answer at once, expect an event twice, pass over what is not known.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web
from msgspec import Struct
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from examples.clinic.following import Following
from examples.clinic.happenings import Happening, Happenings


class Subject(Struct):
    """What a webhook is about; fields that are not named here are passed over."""

    room: str
    identity: str | None = None
    reason: str | None = None


class Told(Struct):
    """A webhook."""

    type: str
    timestamp: datetime
    data: Subject


_DECODER: Final = msgspec.json.Decoder(Told)


class Hooks:
    """Hears the relay."""

    def __init__(self, secret: str, happenings: Happenings, following: Following) -> None:
        self._webhook = Webhook(secret)
        self._happenings = happenings
        self._following = following

    async def hear(self, request: web.Request) -> web.Response:
        """Keep what is told, and look at the room it is about."""
        body = await request.read()
        try:
            self._webhook.verify(body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            # ValueError: a header that no sender of webhooks writes.
            raise web.HTTPUnauthorized from error
        try:
            told = _DECODER.decode(body)
        except msgspec.DecodeError:
            # Signed, and of a kind that we do not know: refused, it would hold up all that follow.
            return web.Response(status=HTTPStatus.NO_CONTENT)
        await self._happenings.keep(
            Happening(
                id=request.headers["webhook-id"],
                room=told.data.room,
                at_unix_s=told.timestamp.timestamp(),
                type=told.type,
                identity=told.data.identity,
                reason=told.data.reason,
            )
        )
        self._following.told(told.data.room)
        return web.Response(status=HTTPStatus.NO_CONTENT)
