"""What a call goes by dies in the middle of it: it goes on by what is left. Needs root.

`make bench-fallback` measures how soon.
"""

from __future__ import annotations

import os
import random
from typing import TYPE_CHECKING

import pytest

from benchmarks.fallback import dying
from benchmarks.fallback.dying import DEATHS
from benchmarks.fallback.houses import behind_a_firewall
from benchmarks.fallback.network import WAYS
from relay.rooms.permissions import Role
from tests.endtoend.turn_server import TURNSERVER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.fallback.houses import Kind

pytestmark = [pytest.mark.matrix, pytest.mark.timeout(180)]

BOTH: Mapping[Role, Kind] = {Role.PRACTITIONER: "chromium", Role.PATIENT: "firefox"}


@pytest.mark.usefixtures("programs")
async def test_a_call_goes_on_over_tcp_and_then_through_turn_and_people_are_told() -> None:
    if not os.access(TURNSERVER, os.X_OK):
        pytest.fail(f"missing: {TURNSERVER}; `make test-tools` installs it")
    async with behind_a_firewall({"both": BOTH}) as (houses, network):
        found = await dying.call(houses["both"], network, ["udp", "then tcp"], random.Random(1))
    assert list(found) == ["udp", "then tcp"]
    for name, fallback in found.items():
        assert fallback.back_s is not None, (name, fallback)
        assert fallback.told_s is not None, (name, fallback)
        assert all(way in WAYS[DEATHS[name].left] for way in fallback.ways), (name, fallback)
        assert fallback.seen.word_s is not None or not fallback.needs_words, (name, fallback)
        assert fallback.seen.seat_kept, (name, fallback)
