"""Route data messages between the participants of a room.

Starts no task and keeps nothing: what cannot be delivered now is refused to its sender, who can
say it again. Bodies are never logged or counted by content. Called by `relay.witness`.
"""

from __future__ import annotations

from relay.errors import CallerError, NotAllowed, NotFound, Overloaded, RelayError
from relay.messages import CHANNEL, delivered, parse_message_untrusted, recipients
from relay.metrics import table
from relay.open_rooms import Place
from relay.rooms.events import MessageRefused


def converse_untrusted(sender: Place, text: str | bytes) -> None:
    """Deliver a participant's message, or tell them why it was not."""
    try:
        _route(sender, text)
    except RelayError as error:
        sender.room.tally.count(table.BAD_INPUT, door="message", reason=error.code)
        sender.tell(MessageRefused(error.code, error.words, error.action))


def _route(sender: Place, text: str | bytes) -> None:
    if not sender.participant.permissions.data:
        raise NotAllowed("Your role in this room does not permit sending messages.")
    message = parse_message_untrusted(text)
    room = sender.room
    room.tally.count(table.MESSAGES, direction="ingress")
    everybody = room.model.participants.values()
    addressed = recipients(message.to, sender.participant, everybody)
    written = delivered(message, sender.participant)
    failures = [
        failure
        for failure in (_deliver(room.places[each.id], written) for each in addressed)
        if failure is not None
    ]
    if len(failures) == len(addressed):
        raise failures[0] if failures else NotFound("Nobody in the room is addressed by this.")


def _deliver(recipient: Place, written: str) -> RelayError | None:
    """Put a message on the recipient's data channel; one that cannot take it misses it."""
    leg = recipient.source_leg()
    tally = recipient.room.tally
    try:
        if leg is None or leg.channels is None:
            raise NotFound("The message could not be delivered: its recipient is not connected.")
        leg.channels.send(CHANNEL, written)
    except (CallerError, Overloaded) as error:
        tally.count(table.MESSAGES_UNDELIVERED, reason=error.code)
        return error
    tally.count(table.MESSAGES, direction="egress")
    return None
