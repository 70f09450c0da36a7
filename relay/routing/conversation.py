"""Route data messages between the participants of a room.

Starts no task. What is said to somebody whose channel is not open (they join, reload, or have lost
the path) is held for them; what cannot be, or meets a recipient who is too slow, is refused to its
sender, who can say it again. Bodies are never logged or counted by content. Called by
`relay.seats.witness`, and once a second by `relay.service`.
"""

from __future__ import annotations

from collections.abc import Sequence

from relay.errors import (
    CallerError,
    LimitReached,
    NotAllowed,
    NotFound,
    Overloaded,
    RelayError,
    TooLarge,
)
from relay.messages.message import (
    CHANNEL,
    MAX_MESSAGE_BYTES,
    Message,
    delivered,
    parse_message_untrusted,
    recipients,
)
from relay.metrics import table
from relay.places.open_rooms import OpenRoom, Place
from relay.rooms.events import MessageRefused
from relay.rooms.leg_states import LegState
from relay.rooms.participant import Participant


def converse_untrusted(sender: Place, text: str | bytes) -> None:
    """Deliver a participant's message, or tell them why it was not."""
    now_ns = sender.room.clock.now_ns()
    if not sender.pace.admits(now_ns):
        _refuse_haste(sender, now_ns)
        return
    try:
        _route(sender, text)
    except RelayError as error:
        sender.room.tally.count(table.BAD_INPUT, door="message", reason=error.code)
        sender.tell(MessageRefused(error.code, error.words, error.action))


def announce(room: OpenRoom, message: Message, *, sender: str) -> int:
    """Deliver a message of somebody who is not in the room; give to how many it went or will go.

    Args:
        room: An open room.
        message: Whose type is not one of the relay's own.
        sender: Whom it is from, and under which role; no participant's id.

    Raises:
        NotFound: Nobody is addressed.
        TooLarge: It is longer than can be delivered.
        RelayError: It could be delivered to none of those addressed.

    """
    written = delivered(message, sender=sender, role=sender)
    if len(written.encode()) > MAX_MESSAGE_BYTES:
        raise TooLarge("The message is too large.")
    room.tally.count(table.MESSAGES, direction="ingress")
    return _spread(room, recipients(message.to, None, room.model.participants.values()), written)


def deliver_held(recipient: Place) -> None:
    """Deliver what was held for somebody, in order, as far as their channel takes it."""
    held, tally = recipient.held, recipient.room.tally
    while held:
        try:
            _send(recipient, held.first)
        except (NotFound, Overloaded):
            return
        except TooLarge as error:
            tally.count(table.MESSAGES_UNDELIVERED, reason=error.code)
        held.take()


def deliver_all_held(room: OpenRoom) -> None:
    """Try again for everybody: a channel may have been full, or have opened anew."""
    for place in list(room.places.values()):
        if place.held:
            deliver_held(place)


def _refuse_haste(sender: Place, now_ns: int) -> None:
    """Drop a message of somebody who sends too many: all are counted, a few are told."""
    error = LimitReached(
        "Messages are sent faster than they can be passed on.",
        action="Send them again, more slowly.",
    )
    sender.room.tally.count(table.BAD_INPUT, door="message", reason=error.code)
    if sender.pace.is_worth_saying(now_ns):
        sender.tell(MessageRefused(error.code, error.words, error.action))


def _route(sender: Place, text: str | bytes) -> None:
    if not sender.participant.permissions.data:
        raise NotAllowed("Your role in this room does not permit sending messages.")
    message = parse_message_untrusted(text)
    room = sender.room
    room.tally.count(table.MESSAGES, direction="ingress")
    who, model = sender.participant, room.model
    reached = (each for each in model.participants.values() if model.reaches(who.id, each.id))
    addressed = recipients(message.to, who, reached)
    _spread(room, addressed, delivered(message, sender=who.id, role=who.role.value))


def _spread(room: OpenRoom, addressed: Sequence[Participant], written: str) -> int:
    """Deliver to everybody addressed; give to how many it went or will go.

    Raises:
        NotFound: Nobody is addressed.
        RelayError: It could be delivered to none of them, for the reason of the first.

    """
    failures = [
        failure
        for failure in (_deliver(room.places[each.id], written) for each in addressed)
        if failure is not None
    ]
    if len(failures) == len(addressed):
        raise failures[0] if failures else NotFound("Nobody in the room is addressed by this.")
    return len(addressed) - len(failures)


def _deliver(recipient: Place, written: str) -> RelayError | None:
    """Put a message on the recipient's data channel, or hold it until that opens."""
    tally = recipient.room.tally
    try:
        if recipient.held:
            _hold(recipient, written)  # behind what came before it
        else:
            try:
                _send(recipient, written)
            except NotFound:
                _hold(recipient, written)
    except (CallerError, Overloaded) as error:
        tally.count(table.MESSAGES_UNDELIVERED, reason=error.code)
        return error
    return None


def _send(recipient: Place, written: str) -> None:
    """Hand a message to the recipient's present connection.

    Raises:
        NotFound: Their channel is not open.
        TooLarge: They take no message of this size.
        Overloaded: They have not taken enough of what was sent before.

    """
    leg = recipient.leg
    # The leg before a reload still brings media; whoever listened on its channel is gone.
    if leg is None or leg.channels is None or leg.state is not LegState.CONNECTED:
        raise NotFound
    leg.channels.send(CHANNEL, written)
    recipient.room.tally.count(table.MESSAGES, direction="egress")


def _hold(recipient: Place, written: str) -> None:
    """Keep a message for somebody whose channel will open.

    Raises:
        NotFound: It will not: their connection has no data channels.
        LimitReached: The message is larger than what may be kept.

    """
    leg, tally = recipient.leg, recipient.room.tally
    if leg is not None and leg.negotiated.data is None:
        raise NotFound("The message could not be delivered: its recipient takes no messages.")
    displaced = recipient.held.put(written)
    tally.count(table.MESSAGES_HELD)
    if displaced:
        tally.count(table.MESSAGES_UNDELIVERED, displaced, reason="displaced")
