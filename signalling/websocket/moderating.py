"""From a moderator's message to the command it names, one to one.

No socket. Called by `signalling.websocket.requests`.
"""

from __future__ import annotations

from typing import assert_never

from relay.ids import ParticipantId, RoomId
from relay.rooms.moderation import Moderation
from signalling.messages import moderating
from signalling.messages.moderating import Command


def obey(commands: Moderation, command: Command) -> None:
    """Do what a moderator asks.

    Raises:
        RelayError: It cannot be done; all is as it was.

    """
    match command:
        case moderating.Admit() | moderating.SendBack() | moderating.HandOver() | moderating.Move():
            _let_in_or_out(commands, command)
        case moderating.Eject(participant=who):
            commands.eject(ParticipantId(who))
        case moderating.MuteOne(participant=who, muted=muted, sources=sources):
            (commands.mute if muted else commands.unmute)(ParticipantId(who), sources)
        case moderating.MuteAll(muted=muted):
            (commands.mute_all if muted else commands.unmute_all)()
        case moderating.Confer(members=members) if members:
            commands.open_private([ParticipantId(member) for member in members])
        case moderating.Confer():
            commands.close_private()
        case moderating.Lock(locked=locked):
            (commands.lock if locked else commands.unlock)()
        case moderating.Notice(text=text):
            commands.set_notice(text)
        case moderating.Extend(seconds=duration_s):
            commands.extend(duration_s)
        case moderating.CloseRoom():
            commands.close()
        case _:
            assert_never(command)


def _let_in_or_out(
    commands: Moderation,
    command: moderating.Admit | moderating.SendBack | moderating.HandOver | moderating.Move,
) -> None:
    match command:
        case moderating.Admit(participant=who):
            commands.admit(ParticipantId(who))
        case moderating.SendBack(participant=who):
            commands.send_back(ParticipantId(who))
        case moderating.HandOver(to=successor, patient=patient):
            brought = None if patient is None else ParticipantId(patient)
            commands.hand_over(ParticipantId(successor), brought)
        case moderating.Move(participant=who, room=room):
            commands.move(ParticipantId(who), RoomId(room))
        case _:
            assert_never(command)
