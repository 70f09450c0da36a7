"""Logging: structured, to standard error, and without anybody in it.

Every line of the process passes `drop_personal`, whether it was said through structlog or by a
library through `logging`. Exceptions are shown by type and place, never by message: a message may
quote what a stranger sent (RFC 6973 §6.1, data minimisation). Called once, by `__main__`.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any, Final, Literal

import structlog

DROPPED: Final = "[dropped]"

PERSONAL_KEYS: Final = frozenset(
    {
        "address",
        "authorization",
        "body",
        "candidate",
        "client",
        "cookie",
        "credential",
        "email",
        "fingerprint",
        "headers",
        "host",
        "identity",
        "ip",
        "message",
        "name",
        "participant",
        "password",
        "path_qs",
        "peername",
        "pwd",
        "query",
        "remote",
        "room",
        "sdp",
        "seat",
        "secret",
        "sub",
        "text",
        "token",
        "ufrag",
        "url",
        "user",
        "username",
        "words",
    }
)
"""Names of values that may say who somebody is, where they are, or what they said."""

_QUIET: Final = ("aiohttp.access", "aioice", "aiortc")
"""Loggers that quote addresses or session descriptions in their messages."""

EventDict = MutableMapping[str, Any]


def configure_logs(
    *, level: Literal["debug", "info", "warning", "error"], form: Literal["console", "json"]
) -> None:
    """Set up logging for the process, ours and the libraries'."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        show_exception_by_place,
        drop_personal,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[hide_foreign_arguments, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)


def drop_personal(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace values whose name says that they are personal, at any depth."""
    for key, value in event.items():
        event[key] = DROPPED if key.lower() in PERSONAL_KEYS else _dropped_inside(value)
    return event


def show_exception_by_place(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its type and the places it passed, without its message."""
    error = _exception_of(event.pop("exc_info", None))
    if error is not None:
        event["failures"] = [_by_place(leaf) for leaf in _leaves(error)]
    return event


def hide_foreign_arguments(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Keep a library's sentence and drop what it was filled with: `Error from %s` stays so.

    Further lines go too: asyncio writes the objects concerned there, with their contents.
    """
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        event["event"] = str(record.msg).partition("\n")[0][:_FOREIGN_SENTENCE_CHARS]
        if record.exc_info:
            event["exc_info"] = record.exc_info
    return event


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]


def _by_place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(
        f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames)
    )
    return f"{type(error).__name__} at {places}"


def _dropped_inside(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: DROPPED if str(key).lower() in PERSONAL_KEYS else _dropped_inside(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [_dropped_inside(inner) for inner in value]
    return value


def _exception_of(info: object) -> BaseException | None:
    if isinstance(info, BaseException):
        return info
    if isinstance(info, tuple):
        return info[1] if isinstance(info[1], BaseException) else None
    return sys.exc_info()[1] if info else None


_FOREIGN_SENTENCE_CHARS: Final = 120  # a sentence; longer is a dump of something
