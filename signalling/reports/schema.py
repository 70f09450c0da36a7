"""Write docs/report.schema.json: `python -m signalling.reports.schema > docs/report.schema.json`.

Pure. The types of `signalling.api.schemas` are the only source; a test holds the file against them.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from signalling.api.openapi import in_ecma
from signalling.api.schemas import Report
from signalling.schema import DIALECT

VERSION: Final = 1


def document() -> dict[str, Any]:
    """Give the schema of a report, with everything it is made of under `$defs`."""
    (report,), definitions = msgspec.json.schema_components(
        (Report,), ref_template="#/$defs/{name}"
    )
    whole: dict[str, Any] = in_ecma(
        {
            "$schema": DIALECT,
            "$id": f"urn:visavis:report:{VERSION}",
            "title": f"Visavis report on a consultation, version {VERSION}",
            "description": "Generated from signalling/api/schemas; docs/report.md explains it.",
            **report,
            "$defs": dict(sorted(definitions.items())),
        }
    )
    return whole


def text() -> str:
    """Give the schema as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(text(), end="")  # noqa: T201 - its output is the document
