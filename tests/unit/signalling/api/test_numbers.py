"""Numbers that cannot be meant, in every field of every operation: a 4xx each, counted."""

from __future__ import annotations

import pytest

from relay.metrics.of_platforms import API_REQUESTS
from signalling.api.operations import OPERATIONS, Operation
from signalling.api.rates import Rates
from tests.unit.signalling.api.conftest import Platform
from tests.unit.signalling.every_field import TOO_MUCH, holes

WITH_BODY = [operation for operation in OPERATIONS if operation.body_type is not None]
WITH_QUERY = [operation for operation in OPERATIONS if operation.query_type.__struct_fields__]


@pytest.fixture(autouse=True)
def as_often_as_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rates, "take", lambda *_: None)


def address(operation: Operation) -> str:
    names = {"room": "a", "identity": "somebody", "consultation": "c-" + "0" * 32}
    return operation.path.format(**names)


def test_every_number_of_the_api_is_tried() -> None:
    bodies = {each.path for operation in WITH_BODY for each in holes(operation.body_type)}
    assert {"Extend.duration_s", "CreateToken.ttl_s", "CreateRoom.max_participants"} <= bodies
    assert WITH_QUERY


@pytest.mark.parametrize("operation", WITH_BODY, ids=lambda operation: operation.id)
async def test_in_a_body_it_is_refused_and_counted(
    platform: Platform, operation: Operation
) -> None:
    tried = 0
    for field in holes(operation.body_type):
        for number in TOO_MUCH:
            if field.path == "SendMessage.body" and number in MEANT_BY_SOMEBODY:
                continue
            response = await platform.client.request(
                operation.method,
                address(operation),
                data=field.filled(number),
                headers={
                    "Authorization": f"Bearer {platform.key}",
                    "Content-Type": "application/json",
                },
            )
            problem = await response.json(content_type="application/problem+json")
            assert response.status in (400, 422), (field.path, number[:12], problem)
            assert "1111" not in problem["detail"]
            tried += 1
    counted = platform.relay.tally.counters[API_REQUESTS]
    assert sum(counted.values()) == tried
    assert ("ok",) not in counted
    assert ("internal",) not in counted


MEANT_BY_SOMEBODY = ("1e308", "-1e308", "18446744073709551616", "-9223372036854775809")
"""What a platform writes to its own pages is theirs; a double can hold these."""


@pytest.mark.parametrize("number", MEANT_BY_SOMEBODY)
async def test_a_large_number_in_a_platform_s_own_message_reaches_its_pages(
    platform: Platform, number: str
) -> None:
    await platform.enters("a", "somebody")
    response = await platform.client.post(
        "/v1/rooms/a/messages",
        data=f'{{"to": "all", "type": "x", "body": {number}}}',
        headers={"Authorization": f"Bearer {platform.key}", "Content-Type": "application/json"},
    )
    assert response.status == 200, await response.text()


@pytest.mark.parametrize("operation", WITH_QUERY, ids=lambda operation: operation.id)
@pytest.mark.parametrize("number", [*TOO_MUCH, "0", "-1", "1.5", "0x10", "\u0661"])
async def test_in_a_query_it_is_refused(
    platform: Platform, operation: Operation, number: str
) -> None:
    path = f"{address(operation)}?limit={number}"
    assert (await platform.refused(operation.method, path))[0] in (400, 422)
