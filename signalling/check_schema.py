"""The JSON Schema of the protocol in which devices and networks are checked, and of its result.

Pure. The types of `signalling.messages.checks` are the only source; served at
`/v1/check.schema.json` by `signalling.app`, so that it is the running relay's.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from relay.precall import CheckResult
from signalling.messages.checks import CheckReply, CheckRequest
from signalling.schema import DIALECT

SCHEMA_PATH: Final = "/v1/check.schema.json"


def document() -> dict[str, Any]:
    """Give the schema: `CheckRequest`, `CheckReply` and `CheckResult` are under `$defs`."""
    (request, reply, _), definitions = msgspec.json.schema_components(
        (CheckRequest, CheckReply, CheckResult), ref_template="#/$defs/{name}"
    )
    return {
        "$schema": DIALECT,
        "$id": "urn:visavis:check:1",
        "title": "Visavis checks before a consultation, version 1",
        "anyOf": [{"$ref": "#/$defs/CheckRequest"}, {"$ref": "#/$defs/CheckReply"}],
        "$defs": {
            "CheckRequest": {"title": "Client to relay", **request},
            "CheckReply": {"title": "Relay to client", **reply},
            **dict(sorted(definitions.items())),
        },
    }
