"""The words of reports, in English and in French: one field for each, one method for each sentence.

Pure data and formatting. What is in doubt is said as such, and nobody is named but by role. Called
by `signalling.reports.summary` and `signalling.reports.page`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from signalling.api.schemas import Language
from signalling.reports.words_en import English
from signalling.reports.words_fr import French

Words = English | French

EN: Final = English()
FR: Final = French()

WORDS: Final[Mapping[Language, Words]] = {"en": EN, "fr": FR}
