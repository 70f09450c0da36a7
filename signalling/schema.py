"""Write docs/protocol.schema.json: `python -m signalling.schema > docs/protocol.schema.json`.

Pure. The types of `signalling.messages` are the only source; a test holds the file against them.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from signalling.messages import PROTOCOL_VERSION, ClientMessage, RelayMessage

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def document() -> dict[str, Any]:
    """Give the schema: `ClientMessage` and `RelayMessage` under `$defs`, and either at the root."""
    (client, relay), definitions = msgspec.json.schema_components(
        (ClientMessage, RelayMessage), ref_template="#/$defs/{name}"
    )
    return {
        "$schema": DIALECT,
        "$id": f"urn:visavis:protocol:{PROTOCOL_VERSION}",
        "title": f"Visavis WebSocket protocol, version {PROTOCOL_VERSION}",
        "description": "Generated from signalling/messages; docs/protocol.md explains it.",
        "anyOf": [{"$ref": "#/$defs/ClientMessage"}, {"$ref": "#/$defs/RelayMessage"}],
        "$defs": {
            "ClientMessage": {"title": "Client to relay", **client},
            "RelayMessage": {"title": "Relay to client", **relay},
            **dict(sorted(definitions.items())),
        },
    }


def text() -> str:
    """Give the schema as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(text(), end="")  # noqa: T201 - its output is the document
