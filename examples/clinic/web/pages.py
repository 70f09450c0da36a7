"""Makes pages of templates and sentences; what goes in is escaped by the templates' engine.

Called by every handler that answers with a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from examples.clinic.languages import LANGUAGES, Words, choose, words_of
from examples.clinic.settings import Settings

LANGUAGE_COOKIE: Final = "language"
YEAR_S: Final = 365 * 24 * 3_600
TEMPLATES: Final = Path(__file__).parents[1] / "templates"


class Pages:
    """All pages of the clinic."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
        )

    def words(self, request: web.Request) -> Words:
        """Give the sentences in the language of whoever asks."""
        return words_of(language_of(request))

    def page(
        self, request: web.Request, template: str, *, status: int = HTTPStatus.OK, **facts: object
    ) -> web.Response:
        """Make a page.

        Args:
            request: Whose language it is in.
            template: A file of `templates/`, without its ending.
            status: Of the answer.
            facts: What the template shows.

        """
        language = language_of(request)
        words = words_of(language)
        text = self._templates.get_template(f"{template}.html").render(
            {
                "words": words,
                "language": language,
                "languages": {each: words_of(each)["page"]["itself"] for each in LANGUAGES},
                "relay": self._settings.relay,
                "staff": None,
                "script_words": as_script_data(words["live"]),
                **facts,
            }
        )
        return web.Response(
            text=text,
            status=status,
            content_type="text/html",
            headers={"Content-Language": language, hdrs.VARY: "Accept-Language, Cookie"},
        )


def as_script_data(value: object) -> str:
    """Write a value as JSON that may stand in an attribute; the template escapes it."""
    return msgspec.json.encode(value).decode()


def language_of(request: web.Request) -> str:
    """Give the language of whoever asks."""
    return choose(
        request.cookies.get(LANGUAGE_COOKIE), request.headers.get(hdrs.ACCEPT_LANGUAGE, "")
    )


async def choose_language(request: web.Request) -> web.Response:
    """Remember a language, and go back to the page it was chosen on."""
    chosen = request.query.get("to", "")
    back = _path_of(request.headers.get(hdrs.REFERER, ""))
    response = web.Response(status=HTTPStatus.SEE_OTHER, headers={hdrs.LOCATION: back})
    if chosen in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR_S, samesite="Lax")
    return response


def _path_of(address: str) -> str:
    """Give the path alone of a page's address: nobody can be led to another site by it."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return "/"
    # Browsers write addresses in ASCII, and a header holds nothing else for certain.
    return "/" + path.lstrip("/\\") if path.isascii() else "/"


def explaining(pages: Pages) -> Middleware:
    """Give a middleware that says refusals to people in their language."""

    @web.middleware
    async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPError as refusal:
            if "text/html" not in request.headers.get(hdrs.ACCEPT, ""):
                raise
            sentences: Mapping[str, str] = pages.words(request)["problems"]
            sentence = sentences.get(f"status_{refusal.status}", sentences["other"])
            return pages.page(request, "problem", status=refusal.status, sentence=sentence)

    return explain
