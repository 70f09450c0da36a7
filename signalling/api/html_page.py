"""An answer that people read: a page instead of JSON.

Pure data. Given by operations that say so in their annotation; `signalling.api.endpoint` sends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CONTENT_TYPE: Final = "text/html"


@dataclass(frozen=True, slots=True)
class HtmlPage:
    """One document, and what it may load and do."""

    text: str
    policy: str
    """Its Content-Security-Policy."""
