"""What a platform does with rooms: create, list, see, change, close; invite and write.

One function for each operation; its annotations are the operation's types. Raises, and never says a
status. Called through `signalling.api.operations`.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from msgspec import UNSET, UnsetType

from relay.errors import LimitReached
from relay.ids import RoomId
from relay.messages.message import Message
from relay.moderation.room_desk import RoomSummary, RoomView, settings_of
from relay.rooms.permissions import BY_ROLE, Arrival, Grant
from signalling.api import schemas as s
from signalling.api.created_room import Created
from signalling.api.desk import Desk
from signalling.api.errors import NoSigningKey, Unprocessable
from signalling.api.register import draw_room_name, no_such_room
from signalling.keys import Key
from signalling.links import consultation_link, websocket_url
from signalling.tokens import Invitation, mint


async def create_room(desk: Desk, *, body: s.CreateRoom) -> s.Room:
    """Create a room, before anybody comes."""
    limit = desk.config.rooms.max_rooms
    if desk.register.count() >= limit:
        raise LimitReached(
            f"As many rooms are created as this relay keeps ({limit}).",
            action="Close rooms that are over, or have the operator raise rooms.max_rooms.",
        )
    name = draw_room_name() if isinstance(body.id, UnsetType) else body.id
    created = _wished(Created(id=name, created_at=desk.now()), body)
    _require_sense(created, desk)
    await desk.register.create(created)
    return show(desk, name)


async def list_rooms(desk: Desk, *, query: s.Page) -> s.RoomList:
    """List rooms, created or open, by name."""
    after, limit = query.cursor or "", query.limit + 1
    created, opened = desk.register.names_after(after, limit), desk.rooms.rooms_after(after, limit)
    page = sorted({*created, *opened})[:limit]
    shown = page[: query.limit]
    return s.RoomList(
        rooms=tuple(show(desk, name) for name in shown),
        next_cursor=shown[-1] if len(page) > len(shown) else None,
    )


async def show_room(desk: Desk, *, path: s.InRoom) -> s.Room:
    """Show a room."""
    return show(desk, path.room)


async def update_room(desk: Desk, *, path: s.InRoom, body: s.UpdateRoom) -> s.Room:
    """Change a room that was created, for whoever comes next; who is in it stays."""

    def change(room: Created) -> Created:
        changed = _wished(room, body)
        _require_sense(changed, desk)
        return changed

    await desk.register.change(path.room, change)
    return show(desk, path.room)


async def close_room(desk: Desk, *, path: s.InRoom) -> None:
    """Close a room: everybody in it is told, and no token for it is good any more."""
    await desk.register.close(path.room)


async def create_token(
    desk: Desk, *, path: s.InRoom, body: s.CreateToken, base_url: str
) -> s.Token:
    """Mint a token: an invitation for one person to one room."""
    role, wanted = BY_ROLE[body.role], body.grants
    grant = Grant(
        room=RoomId(path.room),
        identity=body.identity,
        role=body.role,
        publish=role.publish if wanted.publish is None else frozenset(wanted.publish),
        subscribe=wanted.subscribe,
        data=wanted.data,
        open_room=wanted.open_room,
        rights=role.rights if wanted.rights is None else frozenset(wanted.rights),
        move_to=frozenset(map(RoomId, wanted.move_to)),
        arrival=Arrival(
            waits=wanted.waits, priority=wanted.priority, label=body.label, once=body.once
        ),
    )
    now_s = desk.unix_now_s()
    url = websocket_url(base_url)
    token = mint(Invitation(grant=grant, url=url, ttl_s=body.ttl_s), _signing_key(desk), now_s)
    return s.Token(
        token=token,
        expires_at=datetime.fromtimestamp(int(now_s) + body.ttl_s, UTC),
        url=url,
        link=consultation_link(base_url, token),
    )


async def send_message(desk: Desk, *, path: s.InRoom, body: s.SendMessage) -> s.Sent:
    """Write to the pages of those who are in a room."""
    message = Message(to=body.to, type=body.type, body=body.body)
    return s.Sent(recipients=desk.steering.send(RoomId(path.room), message))


def view(desk: Desk, name: str) -> RoomView | None:
    """Give what is known of a room that is open; `None` where it was created and is not.

    Raises:
        NotFound: The room is neither created nor open.

    """
    return desk.rooms.room(RoomId(name)) if _is_open(desk, name) else None


def summary(desk: Desk, name: str) -> RoomSummary | None:
    """Give what is known of a room without its people; else as `view`.

    Raises:
        NotFound: The room is neither created nor open.

    """
    return desk.rooms.summary(RoomId(name)) if _is_open(desk, name) else None


def show(desk: Desk, name: str) -> s.Room:
    """Describe a room.

    Raises:
        NotFound: The room is neither created nor open.

    """
    seen = summary(desk, name)
    created = desk.register.find(name) or Created(id=name, created_at=None)
    settings = created.settings(settings_of(desk.config.rooms)) if seen is None else seen.settings
    return s.Room(
        id=name,
        state="created" if seen is None else "open",
        created_at=created.created_at,
        opens_at=created.opens_at,
        closes_at=created.closes_at,
        notice=created.notice if seen is None else seen.notice,
        waiting_room=settings.waiting_room,
        max_participants=settings.max_participants,
        max_publishing=settings.max_publishing,
        max_waiting=settings.max_waiting,
        max_duration_s=settings.max_duration_s,
        priority=settings.priority,
        consultation=desk.consultations.of(RoomId(name)),
        participants=0 if seen is None else seen.participants,
        waiting=0 if seen is None else seen.waiting,
        locked=seen is not None and seen.state.locked,
        ends_in_s=None if seen is None else seen.state.ends_in_s,
    )


def _is_open(desk: Desk, name: str) -> bool:
    if desk.steering.is_open(RoomId(name)):
        return True
    if desk.register.find(name) is None:
        raise no_such_room()
    return False


def _wished(room: Created, wishes: s.CreateRoom | s.UpdateRoom) -> Created:
    """Give a room as it is wished to be; what is not said stays."""
    said = {name: getattr(wishes, name) for name in _WISHES}
    return msgspec.structs.replace(
        room, **{name: value for name, value in said.items() if value is not UNSET}
    )


def _require_sense(room: Created, desk: Desk) -> None:
    if room.closes_at is not None:
        if room.closes_at <= desk.now():
            raise Unprocessable("The room would close in the past (`closes_at`).")
        if room.opens_at is not None and room.closes_at <= room.opens_at:
            raise Unprocessable("The room would close before it opens (`closes_at`, `opens_at`).")
    for name, limit in (
        ("max_participants", desk.config.rooms.max_participants),
        ("max_publishing", desk.config.rooms.max_publishing),
        ("max_waiting", desk.config.rooms.max_waiting),
        ("max_duration_s", desk.config.rooms.max_duration_s),
    ):
        wanted = getattr(room, name)
        if wanted is not None and wanted > limit:
            raise Unprocessable(
                f"No room of this relay has more than {limit} (`{name}`).",
                action=f"Ask for less, or have the operator raise rooms.{name}.",
            )


def _signing_key(desk: Desk) -> Key:
    key = next((key for key in desk.signing_keys.values() if key.algorithm == "HS256"), None)
    if key is None:
        raise NoSigningKey
    return key


_WISHES = (
    "opens_at",
    "closes_at",
    "notice",
    "waiting_room",
    "max_participants",
    "max_publishing",
    "max_waiting",
    "max_duration_s",
    "priority",
)
