"""Who may do what to whom: every command a moderator has, in one place.

Pure. Each method holds the command against the actor's rights and the room's state, changes the
model, and hands what follows to `carry_out`. Where that fails, the model is put back: nobody is
believed to be muted, out, or in private while they are not. The WebSocket's moderators come here
with themselves as the actor, the embedder's backend with none. Made by
`relay.moderation.moderating`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final, NoReturn

from relay.errors import Conflict, InvalidRequest, NotAdmitted, NotAllowed, RoomFull, ServerError
from relay.ids import ParticipantId, RoomId, new_group
from relay.rooms.admission import require_place
from relay.rooms.effects import (
    Admitted,
    BackReason,
    Effect,
    Ejected,
    HeldBack,
    Moved,
    NoticeChanged,
    PrivateChanged,
    RoomChanged,
    RoomClosed,
    SentBack,
)
from relay.rooms.holding_back import held_back, hold_back
from relay.rooms.participant import Participant
from relay.rooms.permissions import Right, Source
from relay.rooms.room import Room
from relay.rooms.settings import MAX_NOTICE_CHARS
from relay.rooms.standing import Standing, StandingInput

MICROPHONE: Final = frozenset({Source.MICROPHONE})


@dataclass(frozen=True, slots=True)
class Moderation:
    """One actor's commands over one room.

    Every method may raise `NotAllowed` (the actor has not the right), `NotFound` (no such
    participant here) and `ServerError` (the engine could not; all is as it was), besides what it
    names. All are idempotent: what is already so is no error and has no effect.
    """

    room: Room
    actor: Participant | None
    """`None` is the embedder's backend, which may do everything."""
    carry_out: Callable[[Effect], None]
    now_ns: Callable[[], int]
    draw: Callable[[], str] = new_group
    """Draws what a private conversation is known by to those who take part."""

    def admit(self, participant: ParticipantId) -> None:
        """Let somebody in who waits.

        Raises:
            RoomFull: The room holds as many as it may.

        """
        self._require(Right.ADMIT)
        self._admit(self.room.find(participant))

    def send_back(self, participant: ParticipantId) -> None:
        """Have somebody wait: their media ends both ways, and a new join of theirs waits too."""
        self._require(Right.ADMIT)
        self._send_back(self._other(participant), "sent_back")

    def hand_over(self, to: ParticipantId, patient: ParticipantId | None = None) -> None:
        """Leave the room to somebody, in one step: they are in, and so is the patient.

        The actor stands aside in the waiting room, from where they still see who waits and may
        come in again. Everybody else stays where they are.

        Args:
            to: Who takes over: somebody who may admit.
            patient: Who is to be let in with them; `None` where they are in already.

        Raises:
            Conflict: `to` may not admit, or the backend asks (it is in no room).
            RoomFull: The room holds as many as it may; nothing has changed.

        """
        self._require(Right.ADMIT)
        actor = self.actor
        if actor is None:
            raise Conflict("Only somebody in the room can hand it over.")
        successor = self._other(to)
        if not successor.may(Right.ADMIT):
            raise Conflict("A room is handed over to somebody who may let others in.")
        brought = None if patient is None else self._other(patient)
        self._require_places(actor, successor, brought)
        self._send_back(actor, "handed_over")
        self._admit(successor)
        if brought is not None:
            self._admit(brought)

    def move(self, participant: ParticipantId, to: RoomId) -> None:
        """Have somebody go on in another room, in the same standing and with their rights.

        Raises:
            NotAllowed: The actor's token does not name that room.
            UnknownRoom: It is not open.
            RoomFull: It holds as many as it may.
            Conflict: It is this room, or their identity is there already.

        """
        self._require(Right.MOVE)
        moved = self.room.find(participant)
        if self.actor is not None and to not in self.actor.permissions.move_to:
            raise NotAllowed("Your link does not permit moving somebody to that room.")
        if to == self.room.id:
            raise Conflict("The participant is in that room already.")
        self.carry_out(Moved(moved, to))

    def eject(self, participant: ParticipantId) -> None:
        """Put somebody out; tokens issued to them before this moment are refused for this room."""
        self._require(Right.MODERATE)
        self.carry_out(Ejected(self._other(participant)))

    def mute(self, participant: ParticipantId, sources: Collection[Source] = MICROPHONE) -> None:
        """Let nothing of somebody's sources out, until `unmute`; they are told.

        Their own mute is theirs: they can neither undo this one nor is it undone for them.
        """
        self._require(Right.MODERATE)
        muted = self._other(participant)
        self._hold_back(muted, held_back(self.room, muted) | frozenset(sources))

    def unmute(self, participant: ParticipantId, sources: Collection[Source] = MICROPHONE) -> None:
        """Let somebody's sources out again, as far as they have not muted them themselves."""
        self._require(Right.MODERATE)
        unmuted = self.room.find(participant)
        self._hold_back(unmuted, held_back(self.room, unmuted) - frozenset(sources))

    def mute_all(self) -> None:
        """Mute the microphones of everybody in the room who may not moderate."""
        self._require(Right.MODERATE)
        for each in list(self.room.participants.values()):
            if not each.may(Right.MODERATE):
                self._hold_back(each, held_back(self.room, each) | MICROPHONE)

    def unmute_all(self) -> None:
        """Undo every mute a moderator made of a microphone."""
        self._require(Right.MODERATE)
        for each in list(self.room.participants.values()):
            self._hold_back(each, held_back(self.room, each) - MICROPHONE)

    def open_private(self, members: Collection[ParticipantId]) -> None:
        """Let some confer: nothing they send reaches anybody else, who is told that they confer.

        They go on hearing and seeing everybody. Opening it again changes who takes part. Nobody
        who comes later takes part by themselves; whoever was away comes back private. It ends by
        `close_private` alone.

        Raises:
            NotAllowed: One of them may not take part (a patient, say).
            Conflict: It is nobody, or one of them waits.

        """
        self._require(Right.MODERATE)
        people = [self.room.find(member) for member in members]
        if not people:
            raise Conflict("A private conversation is between people: name at least one.")
        if any(each.standing is not Standing.ADMITTED for each in people):
            raise Conflict("Somebody who is to confer is still in the waiting room.")
        if not all(each.may(Right.CONFER) for each in people):
            raise NotAllowed("Not everybody named may take part in a private conversation.")
        self._confer(frozenset(each.id for each in people))

    def close_private(self) -> None:
        """Let everybody hear and see everybody again."""
        self._require(Right.MODERATE)
        self._confer(frozenset())

    def lock(self) -> None:
        """Let nobody else come, not even to the waiting room, but those who may moderate.

        Whoever has a seat keeps it, and whoever waits may be admitted.
        """
        self._lock(locked=True)

    def unlock(self) -> None:
        """Let people come again."""
        self._lock(locked=False)

    def set_notice(self, notice: str) -> None:
        """Say what those who wait read beside their place: plain text, `""` for nothing.

        Raises:
            InvalidRequest: It is longer than a telephone shows.

        """
        self._require(Right.ADMIT)
        if len(notice) > MAX_NOTICE_CHARS:
            raise InvalidRequest(
                f"A notice has at most {MAX_NOTICE_CHARS} characters.", action="Shorten it."
            )
        if notice != self.room.notice:
            self.room.notice = notice
            self.carry_out(NoticeChanged())

    def extend(self, duration_s: float) -> None:
        """Have the room end so much later, as `relay.rooms.ending` lets it.

        Raises:
            InvalidRequest: The duration is not positive, or more than a day.
            Conflict: The platform closes the room before.

        """
        self._require(Right.MODERATE)
        self.room.ending.extend(duration_s, self.now_ns())
        self.carry_out(RoomChanged("extended"))

    def close(self) -> None:
        """End the room for everybody; tokens issued before this moment do not open it again."""
        self._require(Right.MODERATE)
        self.carry_out(RoomClosed())

    def _require(self, right: Right) -> None:
        if self.actor is None:
            return
        if self.actor.standing is Standing.GONE or not self.actor.may(right):
            _refuse(right)
        # Who may let themselves in may lead from the waiting room, where a hand-over leaves them.
        if self.actor.standing is Standing.WAITING and not self.actor.may(Right.ADMIT):
            raise NotAdmitted

    def _other(self, participant: ParticipantId) -> Participant:
        """Find somebody else: what is done to others is not done to oneself by mistake."""
        if self.actor is not None and participant == self.actor.id:
            raise Conflict("This is done to others; to go yourself, leave.")
        return self.room.find(participant)

    def _admit(self, participant: Participant) -> None:
        if participant.standing is Standing.WAITING:
            require_place(self.room)
        if self.room.change_standing(participant, StandingInput.ADMIT):
            self.room.must_wait.discard(participant.identity)
            self.carry_out(Admitted(participant))

    def _send_back(self, participant: Participant, reason: BackReason) -> None:
        if self.room.change_standing(participant, StandingInput.SEND_BACK):
            self.room.must_wait.add(participant.identity)
            self.carry_out(SentBack(participant, reason))

    def _require_places(self, leaves: Participant, *come: Participant | None) -> None:
        """Hold a hand-over against the room's limit before anything has changed."""
        newcomers = sum(each is not None and each.standing is Standing.WAITING for each in come)
        stay = len(self.room.participants) - (leaves.standing is Standing.ADMITTED)
        if stay + newcomers > self.room.settings.max_participants:
            raise RoomFull

    def _hold_back(self, participant: Participant, sources: frozenset[Source]) -> None:
        before = held_back(self.room, participant)
        if sources == before:
            return
        changed = hold_back(self.room, participant, sources)
        try:
            self.carry_out(HeldBack(participant, changed))
        except ServerError:
            hold_back(self.room, participant, before)
            raise

    def _confer(self, members: frozenset[ParticipantId]) -> None:
        changed = self.room.conferring.change(self.room.everybody(), members, self.draw)
        if changed is None:
            return
        before, put_back = changed
        try:
            self.carry_out(PrivateChanged(before))
        except ServerError:
            put_back()
            raise

    def _lock(self, *, locked: bool) -> None:
        self._require(Right.MODERATE)
        if self.room.locked is not locked:
            self.room.locked = locked
            self.carry_out(RoomChanged("locked" if locked else "unlocked"))


def _refuse(right: Right) -> NoReturn:
    raise NotAllowed(f"Your role in this room does not permit this ({right.value}).")
