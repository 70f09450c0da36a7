"""A room with people and a moderator's commands, without anything that carries them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from relay.errors import (
    EngineFailed,
)
from relay.ids import ParticipantId, RoomId, WorkerIndex
from relay.rooms.effects import (
    Effect,
)
from relay.rooms.moderation import Moderation
from relay.rooms.participant import Participant, Waiting
from relay.rooms.permissions import BY_ROLE, Right, Role
from relay.rooms.room import Room
from relay.rooms.settings import Priority
from relay.rooms.standing import Standing

NOW_NS = 5_000_000_000

Command = Callable[[Moderation, ParticipantId], None]
COMMANDS: dict[str, tuple[Right, Command]] = {
    "admit": (Right.ADMIT, lambda m, who: m.admit(who)),
    "send_back": (Right.ADMIT, lambda m, who: m.send_back(who)),
    "hand_over": (Right.ADMIT, lambda m, who: m.hand_over(who)),
    "set_notice": (Right.ADMIT, lambda m, _: m.set_notice("soon")),
    "move": (Right.MOVE, lambda m, who: m.move(who, RoomId("next door"))),
    "eject": (Right.MODERATE, lambda m, who: m.eject(who)),
    "mute": (Right.MODERATE, lambda m, who: m.mute(who)),
    "unmute": (Right.MODERATE, lambda m, who: m.unmute(who)),
    "mute_all": (Right.MODERATE, lambda m, _: m.mute_all()),
    "unmute_all": (Right.MODERATE, lambda m, _: m.unmute_all()),
    "open_private": (Right.MODERATE, lambda m, who: m.open_private([who])),
    "close_private": (Right.MODERATE, lambda m, _: m.close_private()),
    "lock": (Right.MODERATE, lambda m, _: m.lock()),
    "unlock": (Right.MODERATE, lambda m, _: m.unlock()),
    "extend": (Right.MODERATE, lambda m, _: m.extend(60)),
    "close": (Right.MODERATE, lambda m, _: m.close()),
}


@dataclass
class Scene:
    """A room, its people, and what the commands came to."""

    room: Room = field(default_factory=lambda: Room(RoomId("room"), WorkerIndex(0)))
    effects: list[Effect] = field(default_factory=list)

    def person(
        self,
        name: str,
        role: Role = Role.PATIENT,
        standing: Standing = Standing.ADMITTED,
        priority: Priority = Priority.NORMAL,
    ) -> Participant:
        """Have somebody in the room, or wait."""
        who = Participant(
            ParticipantId(name),
            f"identity of {name}",
            role,
            BY_ROLE[role],
            standing=standing,
            waiting=Waiting(priority=priority),
        )
        self.room.enter(who)
        return who

    def of(self, actor: Participant | None) -> Moderation:
        """Give somebody's commands."""
        return Moderation(self.room, actor, self.effects.append, lambda: NOW_NS)

    def failing(self, actor: Participant | None) -> Moderation:
        """Give somebody's commands while the engine fails."""

        def fail(_: Effect) -> None:
            raise EngineFailed

        return Moderation(self.room, actor, fail, lambda: NOW_NS)
