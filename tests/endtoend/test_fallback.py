"""Calls where UDP is blocked, from the beginning or in the middle of them. Needs root.

`make bench-fallback` measures how soon; here twice as much is granted as is promised.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from benchmarks.fallback import dying, joining
from benchmarks.fallback.dying import DEATHS
from benchmarks.fallback.houses import behind_a_firewall
from benchmarks.fallback.network import WAYS
from benchmarks.fallback.outcome import BACK_S, FIRST_FRAME_S
from relay.rooms.permissions import Role
from tests.endtoend.turn_server import TURNSERVER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.fallback.houses import Kind
    from benchmarks.fallback.network import Left

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(180)]

BOTH: Mapping[Role, Kind] = {Role.PRACTITIONER: "chromium", Role.PATIENT: "firefox"}


@pytest.fixture(autouse=True)
def turn_server_program(programs: None) -> None:  # noqa: ARG001 - it must have run
    """Say so where it is missing."""
    if not os.access(TURNSERVER, os.X_OK):
        pytest.fail(f"missing: {TURNSERVER}; `make test-tools` installs it")


@pytest.mark.parametrize(
    "left",
    ["turn tls", *(pytest.param(it, marks=pytest.mark.thorough) for it in ("tcp", "turn tcp"))],
)
async def test_whoever_comes_where_udp_is_blocked_soon_sees_the_other(left: Left) -> None:
    async with behind_a_firewall({"both": BOTH}) as (houses, network):
        joined = await joining.join(houses["both"], network, left)
    assert joined.picture_s is not None, joined
    assert joined.picture_s <= 2 * FIRST_FRAME_S, joined
    assert joined.sound_s is not None, joined
    assert joined.way in WAYS[left], joined


async def test_a_call_goes_on_over_tcp_and_then_through_turn_and_people_are_told() -> None:
    async with behind_a_firewall({"both": BOTH}) as (houses, network):
        found = await dying.call(houses["both"], network, ["udp", "then tcp"], random.Random(1))
    assert list(found) == ["udp", "then tcp"]
    for name, fallback in found.items():
        assert fallback.back_s is not None, (name, fallback)
        assert fallback.back_s <= 2 * BACK_S, (name, fallback)
        assert fallback.told_s is not None, (name, fallback)
        assert all(way in WAYS[DEATHS[name].left] for way in fallback.ways), (name, fallback)
        assert fallback.seen.word_s is not None or not fallback.needs_words, (name, fallback)
        assert fallback.seen.seat_kept, (name, fallback)
