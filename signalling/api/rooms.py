"""What a platform does with rooms: create, list, see, change, close; invite and write.

One function for each operation; its annotations are the operation's types. Raises, and never says a
status. Called through `signalling.api.operations`.
"""

from __future__ import annotations

import heapq
from datetime import UTC, datetime
from typing import TypeVar

import msgspec
from msgspec import UnsetType

from relay.errors import LimitReached
from relay.ids import RoomId
from relay.messages import Message
from relay.rooms.permissions import BY_ROLE, Grant
from relay.steering import OpenRoomView
from signalling.api import schemas as s
from signalling.api.desk import Desk
from signalling.api.errors import NoSigningKey, Unprocessable
from signalling.api.register import Created, draw_room_name, no_such_room
from signalling.keys import Key, KeyRing
from signalling.links import consultation_link, websocket_url
from signalling.tokens import Invitation, mint

Kept = TypeVar("Kept")


async def create_room(desk: Desk, *, body: s.CreateRoom) -> s.Room:
    """Create a room, before anybody comes."""
    limit = desk.config.rooms.max_rooms
    if desk.register.count() >= limit:
        raise LimitReached(
            f"As many rooms are created as this relay keeps ({limit}).",
            action="Close rooms that are over, or have the operator raise rooms.max_rooms.",
        )
    created = Created(
        id=draw_room_name() if isinstance(body.id, UnsetType) else body.id,
        created_at=desk.now(),
        opens_at=body.opens_at,
        closes_at=body.closes_at,
        max_participants=body.max_participants,
    )
    _require_sense(created, desk)
    await desk.register.create(created)
    return _room(desk, created.id)


async def list_rooms(desk: Desk, *, query: s.Page) -> s.RoomList:
    """List rooms, created or open, by name."""
    names = {room.id for room in desk.register.all()}
    names.update(room.room for room in desk.steering.rooms())
    page = heapq.nsmallest(query.limit + 1, (n for n in names if n > (query.cursor or "")))
    shown = page[: query.limit]
    return s.RoomList(
        rooms=tuple(_room(desk, name) for name in shown),
        next_cursor=shown[-1] if len(page) > len(shown) else None,
    )


async def show_room(desk: Desk, *, path: s.InRoom) -> s.Room:
    """Show a room."""
    return _room(desk, path.room)


async def update_room(desk: Desk, *, path: s.InRoom, body: s.UpdateRoom) -> s.Room:
    """Change a room that was created; who is in it stays."""

    def change(room: Created) -> Created:
        changed = msgspec.structs.replace(
            room,
            opens_at=_or_kept(body.opens_at, room.opens_at),
            closes_at=_or_kept(body.closes_at, room.closes_at),
            max_participants=_or_kept(body.max_participants, room.max_participants),
        )
        _require_sense(changed, desk)
        return changed

    await desk.register.change(path.room, change)
    return _room(desk, path.room)


async def close_room(desk: Desk, *, path: s.InRoom) -> None:
    """Close a room: everybody in it is told, and no token for it is good any more."""
    await desk.register.close(path.room)


async def create_token(
    desk: Desk, *, path: s.InRoom, body: s.CreateToken, base_url: str
) -> s.Token:
    """Mint a token: an invitation for one person to one room."""
    rights = BY_ROLE[body.role]
    wanted = body.grants
    grant = Grant(
        room=RoomId(path.room),
        identity=body.identity,
        role=body.role,
        publish=rights.publish if wanted.publish is None else frozenset(wanted.publish),
        subscribe=wanted.subscribe,
        data=wanted.data,
        open_room=wanted.open_room,
    )
    now_s = desk.unix_now_s()
    url = websocket_url(base_url)
    token = mint(Invitation(grant=grant, url=url, ttl_s=body.ttl_s), _signing_key(desk), now_s)
    return s.Token(
        token=token,
        expires_at=_moment(int(now_s) + body.ttl_s),
        url=url,
        link=consultation_link(base_url, token),
    )


async def send_message(desk: Desk, *, path: s.InRoom, body: s.SendMessage) -> s.Sent:
    """Write to the pages of a room's participants."""
    message = Message(to=body.to, type=body.type, body=body.body)
    return s.Sent(recipients=desk.steering.send(RoomId(path.room), message))


def require_room(desk: Desk, name: str) -> OpenRoomView | None:
    """Give a room's open part; `None` where it was created and nobody is in.

    Raises:
        NotFound: The room is neither created nor open.

    """
    view = desk.steering.room(RoomId(name))
    if view is None and desk.register.find(name) is None:
        raise no_such_room()
    return view


def _room(desk: Desk, name: str) -> s.Room:
    view = require_room(desk, name)
    created = desk.register.find(name)
    return s.Room(
        id=name,
        state="created" if view is None else "open",
        created_at=None if created is None else created.created_at,
        opens_at=None if created is None else created.opens_at,
        closes_at=None if created is None else created.closes_at,
        max_participants=None if created is None else created.max_participants,
        consultation=None if view is None else view.consultation,
        participants=0 if view is None else view.participants,
    )


def _require_sense(room: Created, desk: Desk) -> None:
    if room.closes_at is not None:
        if room.closes_at <= desk.now():
            raise Unprocessable("The room would close in the past (`closes_at`).")
        if room.opens_at is not None and room.closes_at <= room.opens_at:
            raise Unprocessable("The room would close before it opens (`closes_at`, `opens_at`).")
    limit = desk.config.rooms.max_participants
    if room.max_participants is not None and room.max_participants > limit:
        raise Unprocessable(
            f"No room of this relay holds more than {limit} participants (`max_participants`).",
            action="Ask for fewer, or have the operator raise rooms.max_participants.",
        )


def _signing_key(desk: Desk) -> Key:
    keys: KeyRing = desk.signing_keys
    key = next((key for key in keys.values() if key.algorithm == "HS256"), None)
    if key is None:
        raise NoSigningKey
    return key


def _or_kept(value: Kept | UnsetType, before: Kept) -> Kept:
    return before if isinstance(value, UnsetType) else value


def _moment(unix_s: float) -> datetime:
    return datetime.fromtimestamp(unix_s, UTC)
