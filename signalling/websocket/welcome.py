"""Which requests for a WebSocket are met at all: refused by their headers, before any token.

Called by `signalling.websocket.endpoint` and `signalling.websocket.check_endpoint`.
"""

from __future__ import annotations

from typing import Final

import structlog
from aiohttp import hdrs, web

from relay.metrics.table import BAD_INPUT
from signalling.websocket.door import is_origin_allowed, loggable_origin
from signalling.websocket.reception import Reception

RETRY_AFTER_S: Final = 10
_FOREIGN: Final = "foreign_origin"

_log: Final = structlog.get_logger(__name__)


def require_welcome(
    request: web.Request,
    reception: Reception,
    allowed_origins: tuple[str, ...],
    *,
    subprotocol: str,
    is_full: bool,
) -> None:
    """Refuse a request by its headers.

    Args:
        request: For an upgrade.
        reception: Counts what is refused.
        allowed_origins: Origins of pages that may, besides the relay's own.
        subprotocol: What the client has to offer.
        is_full: Whether there is no place, or no relay for long.

    Raises:
        web.HTTPException: With a sentence that says what to do.

    """
    if is_full:
        raise web.HTTPServiceUnavailable(
            text="The relay takes no new connections at the moment. Try again in a few seconds.",
            headers={hdrs.RETRY_AFTER: str(RETRY_AFTER_S)},
        )
    origin = request.headers.get(hdrs.ORIGIN)
    if not is_origin_allowed(origin, request.host, allowed_origins):
        times = reception.log_pace.times(_FOREIGN, reception.monotonic_now_s())
        if times:
            _log.warning(
                "a page of another origin was refused; see signalling.allowed_origins",
                origin=loggable_origin(origin or ""),
                times=times,
            )
        reception.tally.count(BAD_INPUT, door="upgrade", reason=_FOREIGN)
        raise web.HTTPForbidden(text="This page's origin is not in signalling.allowed_origins.")
    offered = request.headers.get(hdrs.SEC_WEBSOCKET_PROTOCOL, "")
    if subprotocol not in {protocol.strip() for protocol in offered.split(",")}:
        reception.tally.count(BAD_INPUT, door="upgrade", reason="no_subprotocol")
        raise web.HTTPBadRequest(text=f"Offer the WebSocket subprotocol {subprotocol}.")
