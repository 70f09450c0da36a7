"""The two languages: every sentence of the clinic, by its name.

The sentences are data (`words/en.toml`, `words/fr.toml`), so that a translator needs no Python.
Called by `examples.clinic.web.pages`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

LANGUAGES: Final = ("en", "fr")
USUAL: Final = LANGUAGES[0]

_FOLDER: Final = Path(__file__).with_name("words")

Words = Mapping[str, Any]
"""Sections of sentences, as the file has them."""


@cache
def words_of(language: str) -> Words:
    """Give the sentences of one of our languages."""
    assert language in LANGUAGES
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


def choose(chosen: str | None, accepted: str) -> str:
    """Choose a language.

    Args:
        chosen: What the person has chosen before, whatever it is.
        accepted: The `Accept-Language` of their browser, which lists the best first (RFC 9110
            §12.5.4 has weights, too; browsers send them in order).

    """
    wished = [chosen or "", *(each.strip()[:2].lower() for each in accepted.split(","))]
    return next((each for each in wished if each in LANGUAGES), USUAL)
