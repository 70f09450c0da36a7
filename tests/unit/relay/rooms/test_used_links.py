"""Which tokens that are good for one page have been used, and by which."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from relay.errors import LinkUsed
from relay.ids import RoomId
from relay.rooms.ejections import KEPT_S
from relay.rooms.permissions import Arrival, Grant
from relay.rooms.used_links import Use, UsedLinks
from relay.units import ns_of_seconds
from tests.unit.relay.conftest import grant


def shown(link: str = "t", holder: str = "h", *, once: bool = True) -> Grant:
    return grant("patient", arrival=Arrival(token=link, once=once, holder=holder))


def is_good(used: UsedLinks, link: Grant) -> bool:
    try:
        used.require_unused(link)
    except LinkUsed:
        return False
    return True


def test_a_link_is_for_the_page_that_used_it_first() -> None:
    used = UsedLinks()
    assert is_good(used, shown())
    used.note(shown(), 0)
    assert is_good(used, shown())
    for other in (shown(holder="another"), shown(holder="")):
        with pytest.raises(LinkUsed):
            used.require_unused(other)
    used.note(shown(holder="another"), 0)
    assert not is_good(used, shown(holder="another"))


def test_whoever_drew_nothing_is_not_known_again() -> None:
    used = UsedLinks()
    used.note(shown(holder=""), 0)
    assert not is_good(used, shown(holder=""))
    assert not is_good(used, shown(holder="late"))


def test_a_token_for_many_pages_is_never_refused_and_not_kept() -> None:
    used = UsedLinks()
    used.note(shown(once=False), 0)
    assert len(used) == 0
    assert is_good(used, shown(holder="another", once=False))


def test_one_id_for_two_people_or_two_rooms_is_two_links() -> None:
    used = UsedLinks()
    used.note(shown(), 0)
    somebody = replace(shown(holder="x"), identity="somebody else")
    elsewhere = replace(shown(holder="x"), room=RoomId("another"))
    assert is_good(used, somebody)
    assert is_good(used, elsewhere)


def test_what_has_expired_and_the_oldest_of_too_many_are_forgotten_and_that_is_told() -> None:
    told: list[tuple[bool, int]] = []
    used = UsedLinks(max_kept=2)
    used.changed = lambda _, use: told.append((use is None, len(used)))
    for number in range(3):
        used.note(shown(f"t-{number}"), number)
    assert [is_good(used, shown(f"t-{number}", "x")) for number in range(3)] == [True, False, False]
    used.forget_old(ns_of_seconds(KEPT_S) + 2)
    assert [is_good(used, shown(f"t-{number}", "x")) for number in range(3)] == [True, True, False]
    assert [is_gone for is_gone, _ in told] == [False, False, False, True, True]


@given(st.text(max_size=5), st.text(max_size=5), st.text(max_size=5), st.text(max_size=5))
def test_no_two_links_are_taken_for_one(token: str, identity: str, other: str, who: str) -> None:
    used = UsedLinks()
    used.note(replace(shown(token), identity=identity), 0)
    second = replace(shown(other, "x"), identity=who)
    assert is_good(used, second) is ((token, identity) != (other, who))


tokens = st.sampled_from(["t-1", "t-2", "t-3"])
holders = st.sampled_from(["", "h-1", "h-2"])


class Uses(RuleBasedStateMachine):
    """Joins and restarts in any order, against the plainest model: who was first."""

    def __init__(self) -> None:
        super().__init__()
        self.disk: dict[str, Use] = {}
        self.first: dict[str, str] = {}
        self.now_ns = 0
        self.used = self.started()

    def started(self) -> UsedLinks:
        """Begin a life of the relay with what the disk holds."""
        used = UsedLinks()
        for use in list(self.disk.values()):
            used.restore(use, self.now_ns)
        used.changed = self.write
        return used

    def write(self, link: str, use: Use | None) -> None:
        assert use is not None, "nothing has expired"
        self.disk[link] = use

    @rule(token=tokens, holder=holders)
    def join(self, token: str, holder: str) -> None:
        self.now_ns += 1
        may = token not in self.first or (bool(holder) and self.first[token] == holder)
        assert is_good(self.used, shown(token, holder)) is may
        if may:
            self.used.note(shown(token, holder), self.now_ns)
            self.first.setdefault(token, holder)

    @rule()
    def restart(self) -> None:
        self.used = self.started()

    @invariant()
    def as_many_are_kept_as_were_used(self) -> None:
        assert len(self.used) == len(self.disk) == len(self.first)


test_joins_and_restarts_in_any_order = Uses.TestCase
