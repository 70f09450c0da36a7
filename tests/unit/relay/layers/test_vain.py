"""Encodings that are asked for in vain."""

from __future__ import annotations

from relay.layers.vain import ASK_US, FIRST_WAIT_US, MOST_WAIT_US, Vain

SECOND_US = 1_000_000
BEST, SMALLEST = 0, 2
PIXELS = 640 * 360


def asked_s(vain: Vain, for_us: int) -> list[tuple[int, int]]:
    """Give the spans in which the smallest was asked for, in seconds, while it never came."""
    spans: list[tuple[int, int]] = []
    for now_us in range(0, for_us, SECOND_US):
        overdue = {SMALLEST} if SMALLEST in vain.wanted or now_us == 0 else set()
        assert vain.update(overdue, {BEST}, PIXELS, now_us) == {SMALLEST}
        if SMALLEST in vain.wanted:
            now_s = now_us // SECOND_US
            if spans and spans[-1][1] == now_s:
                spans[-1] = (spans[-1][0], now_s + 1)
            else:
                spans.append((now_s, now_s + 1))
    return spans


def test_it_is_asked_for_a_while_and_again_after_waits_that_grow() -> None:
    ask_s, wait_s = ASK_US // SECOND_US, FIRST_WAIT_US // SECOND_US
    spans = asked_s(Vain(), 20 * FIRST_WAIT_US)
    begins = [begin for begin, _ in spans]
    assert all(end - begin == ask_s for begin, end in spans)
    waits = [later - end for (_, end), later in zip(spans, begins[1:], strict=False)]
    assert waits == [wait_s, 2 * wait_s, 4 * wait_s, 8 * wait_s]


def test_the_waits_are_bounded() -> None:
    spans = asked_s(Vain(), 8 * MOST_WAIT_US)
    assert spans[-1][0] - spans[-2][1] == MOST_WAIT_US // SECOND_US


def test_what_comes_is_counted_on_and_begins_anew_when_it_ceases() -> None:
    vain = Vain()
    assert vain.update({SMALLEST}, {BEST}, PIXELS, 0) == {SMALLEST}
    assert vain.update({BEST, SMALLEST}, {BEST, SMALLEST}, PIXELS, SECOND_US) == frozenset()
    assert vain.wanted == frozenset()
    assert vain.update({SMALLEST}, {BEST}, PIXELS, 2 * SECOND_US) == {SMALLEST}
    assert vain.wanted == {SMALLEST}


def test_while_a_publisher_is_away_nothing_is_vain() -> None:
    vain = Vain()
    assert vain.update({BEST, SMALLEST}, (), PIXELS, 0) == frozenset()
    vain.update({SMALLEST}, {BEST}, PIXELS, SECOND_US)
    assert vain.update({SMALLEST}, (), PIXELS, 2 * SECOND_US) == frozenset()


def test_it_is_since_one_was_given_up_that_a_picture_has_to_grow() -> None:
    """However large it was before: it was that size at which the encoding did not come."""
    vain = Vain()
    vain.update((), {BEST, SMALLEST}, 4 * PIXELS, 0)
    vain.update({SMALLEST}, {BEST}, PIXELS, SECOND_US)
    vain.update({SMALLEST}, {BEST}, PIXELS, SECOND_US + ASK_US)
    assert vain.wanted == frozenset()
    vain.update((), {BEST}, 2 * PIXELS, SECOND_US + ASK_US + 1)
    assert vain.wanted == {SMALLEST}
    vain.update({SMALLEST}, {BEST}, 2 * PIXELS, SECOND_US + 2 * ASK_US + 1)
    vain.update((), {BEST}, 2 * PIXELS, SECOND_US + 2 * ASK_US + 2)
    assert vain.wanted == frozenset()


def test_a_picture_that_has_grown_is_asked_for_more_at_once_and_nobody_counts_on_it() -> None:
    vain = Vain()
    vain.update({SMALLEST}, {BEST}, PIXELS, 0)
    vain.update({SMALLEST}, {BEST}, PIXELS, ASK_US)
    assert vain.wanted == frozenset()
    assert vain.update((), {BEST}, PIXELS // 4, ASK_US + 1) == {SMALLEST}
    assert vain.wanted == frozenset()
    assert vain.update((), {BEST}, PIXELS * 4, ASK_US + 2) == {SMALLEST}
    assert vain.wanted == {SMALLEST}
