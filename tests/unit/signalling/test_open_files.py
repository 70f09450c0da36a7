from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest
from structlog.testing import capture_logs

from signalling.open_files import raise_open_files_limit


@pytest.fixture(autouse=True)
def limits() -> Iterator[tuple[int, int]]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield before
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_soft_limit_becomes_the_hard_one(limits: tuple[int, int]) -> None:
    hard = limits[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (512, hard))
    assert raise_open_files_limit() == hard
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)


@pytest.mark.parametrize(("hard", "warned"), [(19_999, True), (20_000, False), (-1, False)])
def test_too_few_files_are_warned_of(
    hard: int, monkeypatch: pytest.MonkeyPatch, *, warned: bool
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (hard, hard))
    with capture_logs() as lines:
        assert raise_open_files_limit() == hard
    assert [line["log_level"] for line in lines] == ["warning"] * warned
