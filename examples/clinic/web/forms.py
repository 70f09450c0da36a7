"""Reads forms as the clinic's own pages send them, and takes nothing else for one.

Called by `examples.clinic.web.login`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web

FORM: Final = "application/x-www-form-urlencoded"
WRITING: Final = "utf-8"


async def form_of(request: web.Request) -> Mapping[str, str]:
    """Give the fields of a form; none where something else was sent.

    Raises:
        web.HTTPBadRequest: It is in another writing than our pages', or is no text.

    """
    if request.content_type != FORM:
        return {}
    # Python would decode whatever a stranger names, some of it slowly.
    if (request.charset or WRITING).lower() != WRITING:
        raise web.HTTPBadRequest
    try:
        fields = {name: str(text) for name, text in (await request.post()).items()}
        # Half a character can be written into no database.
        "".join(fields.values()).encode()
    except ValueError as error:
        raise web.HTTPBadRequest from error
    return fields
