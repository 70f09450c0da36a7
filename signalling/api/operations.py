"""The one table of what the API does: method, path, scope, what goes in, what comes out.

Routing, validation, audit and the OpenAPI document are all made of these rows, and a row's types
are its function's annotations, so that none can say something else. Pure. Called by
`signalling.api.endpoint` and `signalling.api.openapi`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, get_type_hints

from msgspec import Struct

from relay import errors as relay_errors
from relay.errors import RelayError
from signalling.api import errors, moderation, participants, reports, rooms
from signalling.api.credentials import Scope
from signalling.api.html_page import HtmlPage
from signalling.api.schemas import Nothing
from signalling.database import StoreUnavailable

Perform = Callable[..., Awaitable[Struct | HtmlPage | None]]


@dataclass(frozen=True, slots=True)
class Operation:
    """One row."""

    id: str
    method: str
    path: str
    scope: Scope
    success: int
    perform: Perform
    refusals: tuple[type[RelayError], ...]
    """Why it may be refused, besides what concerns every request."""
    mutates: bool
    audited: bool
    """Whether it is written down who asked: what changes something, and whatever tells of people
    after they have gone."""
    path_type: type[Struct]
    query_type: type[Struct]
    body_type: type[Struct] | None
    answer_type: type[Struct] | None
    """`None` where there is nothing to tell, or a page."""
    is_page: bool
    takes: frozenset[str]
    """The names of its function's arguments: path, query, body, base_url."""

    @property
    def summary(self) -> str:
        """What it does, in a sentence: its function's."""
        return (self.perform.__doc__ or "").partition("\n")[0].strip()

    @property
    def all_refusals(self) -> tuple[type[RelayError], ...]:
        """Every class of error that it may be answered with."""
        body = _BODY if self.body_type is not None else ()
        change = _CHANGE if self.mutates else ()
        return (*_EVERY, *body, *change, *self.refusals)


def _row(
    method: str,
    path: str,
    scope: Scope,
    success: int,
    perform: Perform,
    *refusals: type[RelayError],
    audited: bool = False,
) -> Operation:
    """Make a row, with the types of its function."""
    hints = get_type_hints(perform)
    first, *others = perform.__name__.split("_")
    answer = hints["return"]
    has_fields = isinstance(answer, type) and issubclass(answer, Struct)
    return Operation(
        id=first + "".join(word.capitalize() for word in others),
        method=method,
        path=path,
        scope=scope,
        success=success,
        perform=perform,
        refusals=refusals,
        mutates=method != "GET",
        audited=audited or method != "GET",
        path_type=hints.get("path", Nothing),
        query_type=hints.get("query", Nothing),
        body_type=hints.get("body"),
        answer_type=answer if has_fields else None,
        is_page=answer is HtmlPage,
        takes=frozenset(hints) - {"desk", "return"},
    )


_EVERY: Final = (
    errors.InvalidBody,
    errors.KeyRefused,
    errors.ScopeMissing,
    errors.TooManyRequests,
    relay_errors.ServerError,
)
_BODY: Final = (relay_errors.TooLarge, errors.WrongMediaType, errors.TooSlow)
_CHANGE: Final = (errors.IdempotencyKeyReused, errors.StillInProgress, StoreUnavailable)
_ROOM: Final = (relay_errors.NotFound,)
_COMMAND: Final = (
    relay_errors.NotFound,
    relay_errors.UnknownRoom,
    relay_errors.NotAllowed,
    relay_errors.Conflict,
)
_ENTRY: Final = (*_COMMAND, relay_errors.RoomFull)
_OPENING: Final = (
    *_ENTRY,
    relay_errors.RoomLocked,
    relay_errors.LimitReached,
    relay_errors.Overloaded,
)
_WISHES: Final = (errors.Unprocessable,)

_IN_ROOM: Final = "/v1/rooms/{room}"
_OF_PERSON: Final = "/v1/rooms/{room}/participants/{identity}"
_OF_CONSULTATION: Final = "/v1/consultations/{consultation}/report"


def _read(path: str, perform: Perform, *refusals: type[RelayError]) -> Operation:
    return _row("GET", path, Scope.READ, 200, perform, *refusals)


def _command(
    path: str, perform: Perform, *refusals: type[RelayError], success: int = 200
) -> Operation:
    return _row("POST", path, Scope.MODERATE, success, perform, *refusals)


def _report(path: str, perform: Perform) -> Operation:
    refusals = (errors.NoSuchConsultation, StoreUnavailable)
    return _row("GET", path, Scope.READ, 200, perform, *refusals, audited=True)


OPERATIONS: Final[tuple[Operation, ...]] = (
    _row(
        "POST",
        "/v1/rooms",
        Scope.ROOMS,
        201,
        rooms.create_room,
        errors.RoomExists,
        relay_errors.LimitReached,
        *_WISHES,
    ),
    _read("/v1/rooms", rooms.list_rooms),
    _read(_IN_ROOM, rooms.show_room, *_ROOM),
    _row("PATCH", _IN_ROOM, Scope.ROOMS, 200, rooms.update_room, *_ROOM, *_WISHES),
    _row("DELETE", _IN_ROOM, Scope.ROOMS, 204, rooms.close_room, *_ROOM),
    _row(
        "POST",
        f"{_IN_ROOM}/tokens",
        Scope.TOKENS,
        201,
        rooms.create_token,
        errors.NoSigningKey,
    ),
    _row(
        "POST",
        f"{_IN_ROOM}/messages",
        Scope.MESSAGES,
        200,
        rooms.send_message,
        *_ROOM,
        relay_errors.LimitReached,
        relay_errors.Overloaded,
    ),
    _command(f"{_IN_ROOM}/lock", moderation.lock_room, *_COMMAND),
    _command(f"{_IN_ROOM}/unlock", moderation.unlock_room, *_COMMAND),
    _command(f"{_IN_ROOM}/mute", moderation.mute_room, *_COMMAND),
    _command(f"{_IN_ROOM}/unmute", moderation.unmute_room, *_COMMAND),
    _command(f"{_IN_ROOM}/extend", moderation.extend_room, *_COMMAND),
    _command(f"{_IN_ROOM}/hand-over", moderation.hand_over_room, *_ENTRY),
    _command(f"{_IN_ROOM}/private", moderation.open_private, *_COMMAND),
    _row(
        "DELETE",
        f"{_IN_ROOM}/private",
        Scope.MODERATE,
        200,
        moderation.close_private,
        *_COMMAND,
    ),
    _read(f"{_IN_ROOM}/participants", participants.list_participants, *_ROOM),
    _command(f"{_OF_PERSON}/admit", moderation.admit_participant, *_ENTRY),
    _command(f"{_OF_PERSON}/hold", moderation.hold_participant, *_COMMAND),
    _command(f"{_OF_PERSON}/move", moderation.move_participant, *_OPENING),
    _command(f"{_OF_PERSON}/send-on", moderation.send_on_participant, *_COMMAND, *_WISHES),
    _command(f"{_OF_PERSON}/eject", moderation.eject_participant, success=204),
    _command(f"{_OF_PERSON}/mute", moderation.mute_participant, *_COMMAND),
    _command(f"{_OF_PERSON}/unmute", moderation.unmute_participant, *_COMMAND),
    _read(f"{_IN_ROOM}/quality", participants.show_quality, *_ROOM),
    _report(_OF_CONSULTATION, reports.show_report),
    _report(f"{_OF_CONSULTATION}.html", reports.show_report_page),
)
