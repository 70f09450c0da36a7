"""Names in order: a set like any other, and a page of it costs its length."""

from __future__ import annotations

from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st

from relay.rooms.names_in_order import NamesInOrder

names = st.text("abc", max_size=3)


@given(changes=st.lists(st.tuples(st.booleans(), names)), cursor=names, limit=st.integers(1, 5))
def test_it_is_a_set_and_its_pages_are_those_of_the_sorted_set(
    changes: list[tuple[bool, str]], cursor: str, limit: int
) -> None:
    kept, known = NamesInOrder(), set[str]()
    for is_added, name in changes:
        if is_added:
            kept.add(name)
            known.add(name)
        else:
            kept.remove(name)
            known.discard(name)
    assert len(kept) == len(known)
    assert kept.after(cursor, limit) == sorted(each for each in known if each > cursor)[:limit]


class Compared(str):
    """A name that counts how often it is held against another."""

    __slots__ = ()
    times: ClassVar[int] = 0

    def __lt__(self, other: str) -> bool:
        Compared.times += 1
        return str.__lt__(self, other)


def test_a_page_of_ten_thousand_looks_at_a_few() -> None:
    kept = NamesInOrder()
    for number in range(10_000):
        kept.add(Compared(f"room-{number:05}"))
    Compared.times = 0
    page = kept.after(Compared("room-05000"), 50)
    assert page[0] == "room-05001"
    assert len(page) == 50
    assert Compared.times <= 15, "ten thousand are halved fourteen times"
