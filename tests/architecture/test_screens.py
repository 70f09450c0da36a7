"""The pictures of pages and states in docs/: all there, small, and shown."""

from __future__ import annotations

from tests.endtoend.screenshots import (
    MOST_BYTES,
    MOST_BYTES_IN_ALL,
    NAMES,
    PAGE,
    SCREENS,
    page,
)


def test_every_page_and_state_has_a_small_picture() -> None:
    sizes = {path.stem: path.stat().st_size for path in SCREENS.glob("*")}
    assert set(sizes) == set(NAMES), "`make screenshots` takes them"
    assert {name: size for name, size in sizes.items() if size > MOST_BYTES} == {}
    assert sum(sizes.values()) <= MOST_BYTES_IN_ALL


def test_the_page_of_pictures_is_the_one_that_was_written() -> None:
    assert PAGE.read_text() == page(), "`make screenshots` writes it"
