"""What changes is written down behind whoever changes it: the latest, in order, and again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from signalling.database import StoreUnavailable
from signalling.write_behind import STORE_PAUSE_S, WriteBehind
from tests.polling import until
from tests.unit.relay.fakes import HandClock


@dataclass
class Disk:
    """Writes when it is let, and refuses while it is full."""

    written: list[dict[str, int]] = field(default_factory=list)
    is_full: bool = False
    tries: int = 0
    free: asyncio.Event = field(default_factory=asyncio.Event)

    async def write(self, batch: Mapping[str, int]) -> None:
        self.tries += 1
        await self.free.wait()
        if self.is_full:
            raise StoreUnavailable
        self.written.append(dict(batch))


async def nothing_else() -> None:
    await asyncio.Event().wait()


@asynccontextmanager
async def running(behind: WriteBehind[str, int]) -> AsyncIterator[None]:
    async with behind.running("tests", nothing_else()):
        yield


async def test_the_latest_of_each_is_written_and_what_comes_meanwhile_afterwards() -> None:
    disk = Disk()
    behind: WriteBehind[str, int] = WriteBehind(disk.write, HandClock(), most=10)
    async with running(behind):
        for name, item in (("a", 1), ("b", 2), ("a", 3)):
            behind.put(name, item)
        await until(lambda: disk.tries == 1)
        behind.put("a", 4)
        assert (behind.waiting("a"), behind.waiting("b"), behind.waiting("c")) == (4, 2, None)
        disk.free.set()
        await until(lambda: len(disk.written) == 2)
    assert disk.written == [{"b": 2, "a": 3}, {"a": 4}]
    assert behind.waiting("a") is None


async def test_where_the_disk_refuses_it_is_tried_again_after_a_pause() -> None:
    disk, clock = Disk(is_full=True), HandClock()
    disk.free.set()
    behind: WriteBehind[str, int] = WriteBehind(disk.write, clock, most=10)
    async with running(behind):
        behind.put("a", 1)
        await until(lambda: disk.tries == 1)
        disk.is_full = False

        def is_written() -> bool:
            clock.move(STORE_PAUSE_S)
            return bool(disk.written)

        await until(is_written)
    assert disk.written == [{"a": 1}]


async def test_of_too_many_the_oldest_is_given_up_and_that_is_told() -> None:
    disk, given_up = Disk(), 0
    disk.free.set()

    def lose() -> None:
        nonlocal given_up
        given_up += 1

    behind: WriteBehind[str, int] = WriteBehind(disk.write, HandClock(), most=2, given_up=lose)
    for name, item in (("a", 1), ("b", 2), ("a", 3), ("c", 4)):
        behind.put(name, item)
    async with running(behind):
        await until(lambda: bool(disk.written))
    assert (disk.written, given_up) == ([{"a": 3, "c": 4}], 1)


async def test_what_waits_when_it_ends_is_written_unless_the_disk_refuses() -> None:
    for is_full in (False, True):
        disk = Disk(is_full=is_full)
        disk.free.set()
        behind: WriteBehind[str, int] = WriteBehind(disk.write, HandClock(), most=2)
        async with running(behind):
            behind.put("a", 1)
        assert disk.written == ([] if is_full else [{"a": 1}])
