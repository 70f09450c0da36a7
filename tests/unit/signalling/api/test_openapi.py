"""The document: OpenAPI 3.1, whole, and made of the same table as the routes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from relay import errors as relay_errors
from relay.errors import RelayError
from signalling.api import errors
from signalling.api.openapi import document
from signalling.api.operations import OPERATIONS, Operation
from signalling.api.problem import status_of
from tests.unit.signalling.api.conftest import Platform

ROOT = Path(__file__).parents[4]


async def test_it_is_served_to_everybody_and_is_json(platform: Platform) -> None:
    answer = await platform.client.get("/v1/openapi.json")
    assert answer.status == 200
    served = await answer.json()
    assert served == json.loads(json.dumps(document()))
    assert served["openapi"] == "3.1.0"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.id)
def test_every_operation_is_described_as_it_is_checked(operation: Operation) -> None:
    described = document()["paths"][operation.path][operation.method.lower()]
    assert described["operationId"] == operation.id
    assert described["summary"].endswith(".")
    in_path = [each["name"] for each in described["parameters"] if each["in"] == "path"]
    assert all(f"{{{name}}}" in operation.path for name in in_path)
    assert operation.path.count("{") == len(in_path)
    assert ("requestBody" in described) is (operation.body_type is not None)
    for refusal in operation.all_refusals:
        problem = described["responses"][str(status_of(refusal))]
        assert f"`{refusal.code}`" in problem["description"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: each.id)
def test_every_refusal_is_explained_in_the_guide(operation: Operation) -> None:
    guide = (ROOT / "docs" / "api.md").read_text()
    codes = {refusal.code for refusal in operation.all_refusals}
    assert {code for code in codes if f"`{code}`" not in guide} == set()


def test_names_are_given_once_and_types_are_of_one_name_each() -> None:
    assert len({each.id for each in OPERATIONS}) == len(OPERATIONS)
    assert len({(each.method, each.path) for each in OPERATIONS}) == len(OPERATIONS)
    types = {
        each
        for operation in OPERATIONS
        for each in (operation.path_type, operation.query_type, operation.body_type)
        if each is not None
    }
    assert len({each.__name__ for each in types}) == len(types)


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    whole = document()
    for schema in whole["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for reference in references(whole):
        assert reference.removeprefix("#/components/schemas/") in whole["components"]["schemas"]
    assert "\\Z" not in json.dumps(whole)


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [each for inner in value.values() for each in references(inner)]
    if isinstance(value, list):
        return [each for inner in value for each in references(inner)]
    return []


def test_every_error_has_a_status_and_a_code_of_its_own() -> None:
    classes = every(RelayError)
    for each in classes:
        roots = {RelayError, relay_errors.CallerError}
        elsewhere = issubclass(each, relay_errors.PeerError | relay_errors.ConfigurationError)
        assert each in roots or elsewhere or 400 <= status_of(each) <= 599, each
    ours = [each for each in classes if each.__module__ == errors.__name__]
    assert len({each.code for each in ours}) == len(ours)
    assert all(each.default_words.endswith(".") for each in ours)


def every(error: type[RelayError]) -> list[type[RelayError]]:
    return [error, *(each for sub in error.__subclasses__() for each in every(sub))]
