"""Data messages between participants: read, addressed, stamped.

Pure. What a participant sends is believed about its body only; who it is from is said by the relay
(a forged `from` has fooled other servers' clients). Called by `relay.routing.conversation`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from relay.errors import InvalidRequest, NotAllowed, TooDeep, TooLarge
from relay.rooms.participant import Participant
from relay.rooms.permissions import Role

CHANNEL: Final = "visavis"
"""The one data channel with a meaning; messages on others are dropped."""

MAX_MESSAGE_BYTES: Final = 65_536 - 512
"""A delivered message adds `from` and `role` and must fit the 64 KiB a data channel carries."""
MAX_DEPTH: Final = 32
EVERYBODY: Final = "all"
RESERVED_PREFIX: Final = "relay."

_ROLE_BY_PLURAL: Final = {role.plural: role for role in Role}
_STRUCTURE: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)


class _Sent(Struct, forbid_unknown_fields=True):
    to: Annotated[str, Meta(min_length=1, max_length=128)]
    type: Annotated[str, Meta(min_length=1, max_length=64)]
    body: object = None


class _Delivered(Struct):
    from_: str = msgspec.field(name="from")
    role: str
    type: str
    body: object


@dataclass(frozen=True, slots=True)
class Message:
    """What a participant sent."""

    to: str
    type: str
    body: object


def parse_message_untrusted(text: str | bytes) -> Message:
    """Read a data message.

    Raises:
        TooLarge: It is longer than can be delivered.
        TooDeep: It is nested deeper than a reader should have to follow.
        InvalidRequest: It is not JSON of the form docs/protocol.md describes.
        NotAllowed: Its type is one of the relay's own.

    """
    if isinstance(text, bytes):
        raise InvalidRequest("A data message is text, not bytes.")
    raw = text.encode("utf-8", errors="replace")
    if len(raw) > MAX_MESSAGE_BYTES:
        raise TooLarge("The data message is too large.")
    if _is_too_deep(raw):
        raise TooDeep
    try:
        sent = _DECODER.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        # The decoder's own words may quote what was sent.
        raise InvalidRequest("The data message is not of the form {to, type, body}.") from error
    if sent.type.startswith(RESERVED_PREFIX):
        raise NotAllowed("Message types that begin with 'relay.' are the relay's own.")
    return Message(sent.to, sent.type, sent.body)


def recipients(
    to: str, sender: Participant | None, others: Iterable[Participant]
) -> tuple[Participant, ...]:
    """Say who a message goes to: nobody hears themselves, nobody without the data right hears any.

    Args:
        to: `all`, a role in the plural (`practitioners`), or a participant's id.
        sender: Who sent it; `None` for the platform, which is nobody in the room.
        others: Everybody in the room.

    """
    role = _ROLE_BY_PLURAL.get(to)
    return tuple(
        other
        for other in others
        if (sender is None or other.id != sender.id)
        and other.permissions.data
        and (to in (EVERYBODY, other.id) or other.role is role)
    )


def delivered(message: Message, *, sender: str, role: str) -> str:
    """Write the message as its recipients get it, with the relay's word for who sent it."""
    stamped = _Delivered(sender, role, message.type, message.body)
    return msgspec.json.encode(stamped).decode()


def _is_too_deep(raw: bytes) -> bool:
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return False
    depth = 0
    for token in _STRUCTURE.finditer(raw):
        if token.group() in (b"[", b"{"):
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif token.group() in (b"]", b"}"):
            depth -= 1
    return False


_DECODER: Final = msgspec.json.Decoder(_Sent)
