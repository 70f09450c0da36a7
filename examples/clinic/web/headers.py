"""What every answer tells browsers they may do with it.

Scripts come from here and from the relay (its SDK), and from nowhere else; connections go to both.
Called by `examples.clinic.web.app`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import hdrs, web

from examples.clinic.settings import Settings

STATIC: Final = "/static/"
"""Where the files of `static/` are served."""
YEAR_S: Final = 365 * 24 * 3_600


def security_headers(settings: Settings) -> Mapping[str, str]:
    """Give the headers, as docs/embedding.md says what the SDK needs of them."""
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {settings.relay}",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob: mediastream:",
            f"connect-src 'self' {settings.relay} {settings.relay_socket}",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )
    headers = {
        "Content-Security-Policy": policy,
        "Permissions-Policy": (
            "camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self), "
            "geolocation=(), payment=(), usb=()"
        ),
        # With no-referrer browsers would say that our own forms come from nowhere (`Origin: null`).
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        hdrs.SERVER: "clinic",
    }
    if settings.is_encrypted:
        headers["Strict-Transport-Security"] = f"max-age={YEAR_S}"
    return headers


def adding(
    headers: Mapping[str, str],
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """Give what adds the headers to every answer, streams and refusals among them."""

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(headers)
        # Files are asked for each time and sent when they have changed; pages are kept nowhere.
        is_file = request.path.startswith(STATIC)
        response.headers[hdrs.CACHE_CONTROL] = "no-cache" if is_file else "no-store"

    return add
