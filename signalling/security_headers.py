"""What every answer tells browsers they may do with it.

No state. One middleware; the pages' policy has no inline script or style and lets a page speak to
the relay that served it and to those its operator names only, so a forged link cannot send a camera
elsewhere. Called by `signalling.app`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler

EVERYWHERE: Final[Mapping[str, str]] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    hdrs.CACHE_CONTROL: "no-store",
    hdrs.SERVER: "Visavis",  # aiohttp's own names its version and Python's
}
"""Where an answer says nothing of its own."""

SDK: Final[Mapping[str, str]] = {
    # A module script of another origin is fetched with CORS (HTML §8.1.3.1), without credentials.
    hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def page_headers(host: str, relays: Iterable[str] = ()) -> Mapping[str, str]:
    """Give the headers of a page.

    Args:
        host: The `Host` header. Older Safari does not count `ws:` of the page's own host as
            `'self'` (CSP3 §6.7.2.8 does), so it is named; a host that could break out of the
            policy is not.
        relays: WebSockets of other relays, to which people may be sent on.

    """
    parts = [urlsplit(relay) for relay in relays]
    others = "".join(f" {to.scheme}://{to.netloc}" for to in parts if _HOST.fullmatch(to.netloc))
    own_sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    policy = "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob: mediastream:",
            "font-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            f"connect-src 'self'{own_sockets}{others}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'self'",
        )
    )
    return {
        "Content-Security-Policy": policy,
        "Permissions-Policy": (
            "camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self), "
            "geolocation=(), payment=(), usb=()"
        ),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


@web.middleware
async def add_security_headers(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Add what an answer does not say itself; an upgraded connection has no such headers."""
    try:
        response = await handler(request)
    except web.HTTPException as refusal:
        _add_missing(refusal)
        raise
    if not response.prepared:
        _add_missing(response)
    return response


def _add_missing(response: web.StreamResponse) -> None:
    for name, value in EVERYWHERE.items():
        response.headers.setdefault(name, value)


_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")
