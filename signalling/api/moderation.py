"""What a platform does to the people in a room: admit, send back, move, mute, put out, lock.

One function for each operation, as in `signalling.api.rooms`; the rules are those of
`relay.rooms.moderation`, with every right. All are idempotent: what is already so is no error.
Called through `signalling.api.operations`.
"""

from __future__ import annotations

from relay.errors import NotFound, RelayError
from relay.ids import ParticipantId, RoomId
from relay.rooms.moderation import Moderation
from signalling.api import schemas as s
from signalling.api.desk import Desk
from signalling.api.errors import Unprocessable
from signalling.api.participants import show_one
from signalling.api.rooms import show


async def admit_participant(desk: Desk, *, path: s.InParticipant) -> s.Participant:
    """Let somebody in who waits."""
    _over(desk, path.room).admit(_named(desk, path.room, path.identity))
    return show_one(desk, path.room, path.identity)


async def hold_participant(desk: Desk, *, path: s.InParticipant) -> s.Participant:
    """Send somebody back to the waiting room: their media ends, both ways."""
    _over(desk, path.room).send_back(_named(desk, path.room, path.identity))
    return show_one(desk, path.room, path.identity)


async def move_participant(desk: Desk, *, path: s.InParticipant, body: s.Move) -> s.Participant:
    """Have somebody go on in another room, which opens for them where it was created.

    The answer describes them where they are: whoever needs a second connection for the other room
    is in the one they come from until it carries media, which takes ten seconds at most.
    """
    who = _named(desk, path.room, path.identity)
    target = RoomId(body.to)
    created = desk.register.find(body.to)
    if created is not None and body.to != path.room:
        desk.register.open(created)
    try:
        _over(desk, path.room).move(who, target)
    except RelayError:
        desk.steering.settle(target)
        raise
    try:
        return show_one(desk, body.to, path.identity)
    except NotFound:
        return show_one(desk, path.room, path.identity)


async def send_on_participant(
    desk: Desk, *, path: s.InParticipant, body: s.SendOn
) -> s.Participant:
    """Ask somebody's page to go on at another relay; they are here until it is there."""
    if body.url not in desk.config.signalling.relays:
        raise Unprocessable(
            "This relay sends nobody to that address (`url`).",
            action="Name it in signalling.relays of this relay's configuration.",
        )
    who = _named(desk, path.room, path.identity)
    desk.steering.send_on(RoomId(path.room), who, body.url, body.token)
    return show_one(desk, path.room, path.identity)


async def eject_participant(desk: Desk, *, path: s.InParticipant) -> None:
    """Put somebody out, or take back their invitation: tokens of before now are refused."""
    try:
        who = _named(desk, path.room, path.identity)
    except NotFound:  # they have yet to come, or have gone
        desk.rooms.refuse(RoomId(path.room), path.identity)
    else:
        _over(desk, path.room).eject(who)


async def mute_participant(desk: Desk, *, path: s.InParticipant, body: s.Mute) -> s.Participant:
    """Let nothing of somebody's microphone out, or of the sources named, until it is undone."""
    who = _named(desk, path.room, path.identity)
    _over(desk, path.room).mute(who, frozenset(body.sources))
    return show_one(desk, path.room, path.identity)


async def unmute_participant(desk: Desk, *, path: s.InParticipant, body: s.Mute) -> s.Participant:
    """Undo a moderator's mute; what somebody has muted themselves stays muted."""
    who = _named(desk, path.room, path.identity)
    _over(desk, path.room).unmute(who, frozenset(body.sources))
    return show_one(desk, path.room, path.identity)


async def mute_room(desk: Desk, *, path: s.InRoom) -> s.Room:
    """Mute the microphones of all who may not moderate."""
    _over(desk, path.room).mute_all()
    return show(desk, path.room)


async def unmute_room(desk: Desk, *, path: s.InRoom) -> s.Room:
    """Undo every mute of a microphone that a moderator made."""
    _over(desk, path.room).unmute_all()
    return show(desk, path.room)


async def lock_room(desk: Desk, *, path: s.InRoom) -> s.Room:
    """Let nobody else come, not even to the waiting room, but those who may moderate."""
    _over(desk, path.room).lock()
    return show(desk, path.room)


async def unlock_room(desk: Desk, *, path: s.InRoom) -> s.Room:
    """Let people come again."""
    _over(desk, path.room).unlock()
    return show(desk, path.room)


async def extend_room(desk: Desk, *, path: s.InRoom, body: s.Extend) -> s.Room:
    """Have an open room end later, by its duration; at most a day from now."""
    _over(desk, path.room).extend(body.duration_s)
    return show(desk, path.room)


async def hand_over_room(desk: Desk, *, path: s.InRoom, body: s.HandOver) -> s.Room:
    """Leave a room to somebody in one step: they are in, the patient too, the actor waits aside."""
    patient = None if body.patient is None else _named(desk, path.room, body.patient)
    actor = _named(desk, path.room, body.actor)
    commands = desk.steering.moderation_as(RoomId(path.room), actor)
    commands.hand_over(_named(desk, path.room, body.to), patient)
    return show(desk, path.room)


async def open_private(desk: Desk, *, path: s.InRoom, body: s.Confer) -> s.Room:
    """Let some confer: nothing they send reaches anybody else, whom they go on hearing."""
    members = [_named(desk, path.room, identity) for identity in body.members]
    _over(desk, path.room).open_private(members)
    return show(desk, path.room)


async def close_private(desk: Desk, *, path: s.InRoom) -> s.Room:
    """Let everybody hear and see everybody again."""
    _over(desk, path.room).close_private()
    return show(desk, path.room)


def _over(desk: Desk, room: str) -> Moderation:
    return desk.rooms.moderation(RoomId(room))


def _named(desk: Desk, room: str, identity: str) -> ParticipantId:
    return desk.rooms.participant_of(RoomId(room), identity)
