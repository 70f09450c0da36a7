"""The document at `/v1/openapi.json`, OpenAPI 3.1, built from the table that requests pass.

Pure. Called once, by `signalling.platform`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from relay.errors import RelayError
from relay.machine.starting import installed_version
from signalling.api import html_page
from signalling.api.credentials import Scope
from signalling.api.operations import OPERATIONS, Operation
from signalling.api.problem import CONTENT_TYPE, Problem, status_of

Json = dict[str, Any]


def document() -> Json:
    """Give the whole document."""
    schemas = _components(OPERATIONS)
    paths: defaultdict[str, Json] = defaultdict(dict)
    for operation in OPERATIONS:
        paths[operation.path][operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Visavis",
            "version": installed_version(),
            "summary": "Rooms, invitations and people of a media relay for teleconsultation.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"apiKey": []}],
        "paths": dict(paths),
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "apiKey": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key; `visavis key create` makes one. Its scopes are "
                    + ", ".join(f"`{scope.value}`" for scope in Scope)
                    + ".",
                }
            },
        },
    }


def _components(operations: Iterable[Operation]) -> Json:
    types: dict[type[Struct], None] = {Problem: None}
    for operation in operations:
        types[operation.path_type] = types[operation.query_type] = None
        for each in (operation.body_type, operation.answer_type):
            if each is not None:
                types[each] = None
    _, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    return {name: in_ecma(schema) for name, schema in components.items()}


def _operation(operation: Operation, schemas: Json) -> Json:
    described: Json = {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": f"Needs the scope `{operation.scope.value}`.",
        "parameters": [
            *_parameters(schemas[operation.path_type.__name__], "path"),
            *_parameters(schemas[operation.query_type.__name__], "query"),
        ],
        "responses": {
            str(operation.success): _success(operation),
            **_refusals(operation.all_refusals),
        },
    }
    if operation.mutates:
        described["parameters"].append(_IDEMPOTENCY_KEY)
    if operation.body_type is not None:
        described["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _reference(operation.body_type)}},
        }
    return described


def _parameters(schema: Json, place: str) -> Iterable[Json]:
    for name, described in schema["properties"].items():
        yield {
            "name": name,
            "in": place,
            "required": place == "path",
            # A query has no null: a parameter that is not there is left out.
            "schema": _without_null(described),
        }


def _without_null(schema: Json) -> Json:
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    return kinds[0] if len(kinds) == 1 else schema


def _success(operation: Operation) -> Json:
    if operation.is_page:
        page = {"schema": {"type": "string", "description": "An HTML document."}}
        return {"description": "Done.", "content": {html_page.CONTENT_TYPE: page}}
    if operation.answer_type is None:
        return {"description": "Done."}
    schema = _reference(operation.answer_type)
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}}


def _refusals(refusals: Sequence[type[RelayError]]) -> Json:
    """Describe the problems by status, each with its codes."""
    codes: defaultdict[int, list[str]] = defaultdict(list)
    for refusal in dict.fromkeys(refusals):
        codes[status_of(refusal)].append(f"`{refusal.code}`: {refusal.default_words}")
    return {
        str(status): {
            "description": " ".join(codes[status]),
            "headers": {"Retry-After": _RETRY_AFTER} if status in _WORTH_WAITING else {},
            "content": {CONTENT_TYPE: {"schema": _reference(Problem)}},
        }
        for status in sorted(codes)
    }


def _reference(of: type[Struct]) -> Json:
    return {"$ref": _REFERENCE.format(name=of.__name__)}


def in_ecma(value: Any) -> Any:
    r"""Write patterns as JSON Schema has them: its `$` is the very end, as `\Z` is Python's."""
    match value:
        case dict():
            return {
                key: inner.replace(r"\Z", "$")
                if key == "pattern" and isinstance(inner, str)
                else in_ecma(inner)
                for key, inner in value.items()
            }
        case list():
            return [in_ecma(inner) for inner in value]
        case _:
            return value


_REFERENCE: Final = "#/components/schemas/{name}"
_WORTH_WAITING: Final = (409, 429, 503)
_RETRY_AFTER: Final[Json] = {
    "description": "Seconds until a further try may succeed.",
    "schema": {"type": "integer", "minimum": 1},
}
_IDEMPOTENCY_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Drawn by you for each request: a retry with the same key gets the first "
    "answer, and does nothing again, for 24 hours.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": 255,
        "pattern": "^[!#-\\[\\]-~]+$",
    },
}
