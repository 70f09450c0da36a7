from __future__ import annotations

from relay.checks.kept import KeptChecks
from relay.ids import RoomId
from relay.precall import CheckResult, PrecallVerdict
from relay.units import NS_PER_S

READY = CheckResult(verdict=PrecallVerdict.READY, findings=())
LIMITED = CheckResult(verdict=PrecallVerdict.LIMITED, findings=())


def who(name: str) -> tuple[RoomId, str]:
    return RoomId("room"), name


def test_the_last_check_of_a_person_for_a_room_is_kept() -> None:
    kept = KeptChecks()
    kept.keep(who("a"), READY, 1)
    kept.keep(who("a"), LIMITED, 2)
    found = kept.of(who("a"), 3)
    assert found is not None
    assert (found.result, found.taken_ns) == (LIMITED, 2)
    assert kept.of(who("b"), 3) is None
    assert kept.of((RoomId("other"), "a"), 3) is None


def test_what_is_too_old_is_forgotten() -> None:
    kept = KeptChecks(keep_s=10.0)
    kept.keep(who("a"), READY, 0)
    kept.keep(who("b"), READY, 5 * NS_PER_S)
    assert kept.of(who("a"), 10 * NS_PER_S) is not None
    assert kept.of(who("a"), 11 * NS_PER_S) is None
    assert len(kept) == 1


def test_of_too_many_the_oldest_goes() -> None:
    kept = KeptChecks(max_kept=2)
    for at_ns, name in enumerate(("a", "b", "a", "c")):
        kept.keep(who(name), READY, at_ns)
    assert kept.of(who("b"), 9) is None
    assert kept.of(who("a"), 9) is not None
    assert kept.of(who("c"), 9) is not None
