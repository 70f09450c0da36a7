"""Who was cut off: from when to when, and how it ended."""

from __future__ import annotations

import pytest

from relay.charts.cuts import MAX_CUTS, Cuts
from relay.charts.facts import Cut, Stood
from relay.units import NS_PER_S


def s(seconds: float) -> int:
    return round(seconds * NS_PER_S)


def test_packets_that_come_again_over_the_same_connection_are_the_network() -> None:
    cuts = Cuts()
    cuts.quiet("p-1", s(10), 4)
    cuts.quiet("p-1", s(11), 4)
    assert cuts.every() == [Cut("p-1", s(10), None, "network")]
    cuts.back("p-1", 4, s(16))
    cuts.back("p-1", 4, s(17))
    assert cuts.every() == [Cut("p-1", s(10), s(16), "network")]
    assert cuts.now == set()


def test_another_connection_is_told_apart_also_where_the_first_was_gone_at_once() -> None:
    cuts = Cuts()
    cuts.quiet("p-1", s(10), 4)
    cuts.back("p-1", 5, s(16))
    cuts.quiet("p-2", s(20), None)
    cuts.back("p-2", 6, s(22))
    assert [cut.cause for cut in cuts.every()] == ["new_connection", "new_connection"]


def test_a_packet_that_slips_through_does_not_end_it() -> None:
    cuts = Cuts()
    cuts.quiet("p-1", s(10), 4)
    cuts.back("p-1", 4, s(14))
    cuts.quiet("p-2", s(15), 8)
    cuts.quiet("p-1", s(16), 4)
    cuts.back("p-1", 4, s(20))
    cuts.back("p-2", 8, s(21))
    assert cuts.every() == [
        Cut("p-1", s(10), s(20), "network"),
        Cut("p-2", s(15), s(21), "network"),
    ]


def test_what_their_client_said_of_its_devices_is_why_and_stays_so() -> None:
    cuts = Cuts()
    cuts.quiet("p-1", s(10), 4)
    cuts.back("p-1", 4, s(14), withheld=True)
    assert cuts.every() == [Cut("p-1", s(10), s(14), "device")]
    cuts.quiet("p-1", s(15), 4)
    assert cuts.every() == [Cut("p-1", s(10), None, "device")]
    cuts.back("p-1", 4, s(18))
    assert cuts.every() == [Cut("p-1", s(10), s(18), "device")]


def test_over_another_connection_what_is_said_of_devices_explains_nothing() -> None:
    cuts = Cuts()
    cuts.quiet("p-1", s(10), 4)
    cuts.back("p-1", 5, s(16), withheld=True)
    assert [cut.cause for cut in cuts.every()] == ["new_connection"]


@pytest.mark.parametrize(
    ("began_s", "ended_s", "cause"),
    [
        (8, 15, "device"),
        (12, 15, "device"),
        (6, 15, "network"),
        (14, 15, "network"),
        (8, 5, "network"),
    ],
)
def test_a_page_that_stood_still_explains_a_cut_that_began_with_that(
    began_s: float, ended_s: float, cause: str
) -> None:
    cuts = Cuts()
    cuts.quiet("p-1", s(10), 4)
    cuts.stood_still("p-1", Stood(s(began_s), s(ended_s)))
    cuts.back("p-1", 4, s(16))
    cuts.stood_still("p-2", Stood(s(10), s(16)))
    assert [cut.cause for cut in cuts.every()] == ["network"], "of another, or before it was over"
    for _ in range(2):
        cuts.stood_still("p-1", Stood(s(began_s), s(ended_s)))
    assert [cut.cause for cut in cuts.every()] == [cause]


def test_two_with_a_while_between_them_are_two() -> None:
    cuts = Cuts()
    for began in (10, 30):
        cuts.quiet("p-1", s(began), 4)
        cuts.back("p-1", 4, s(began + 5))
    assert [cut.began_ns for cut in cuts.every()] == [s(10), s(30)]


def test_who_is_waited_for_no_longer_did_not_come_back() -> None:
    cuts = Cuts()
    cuts.gone("p-1", s(1))
    cuts.quiet("p-1", s(10), 4)
    cuts.gone("p-1", s(130))
    assert cuts.every() == [Cut("p-1", s(10), s(130), "gone")]


def test_they_are_bounded() -> None:
    cuts = Cuts()
    for n in range(MAX_CUTS + 7):
        cuts.quiet("p-1", s(20 * n), 4)
        cuts.back("p-1", 4, s(20 * n + 5))
    assert len(cuts.every()) == MAX_CUTS
    assert cuts.left_out == 7
