"""What changes in memory is written down behind whoever changes it: nobody waits for the disk.

Bounded, and tried again where the disk refuses; the relay goes on by what it holds in memory.
Called by `signalling.kept_rows` and `signalling.reports.store`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import islice
from typing import Final, Generic, TypeVar

from relay.clock import Clock
from signalling.database import StoreUnavailable

STORE_PAUSE_S: Final = 30.0
"""Between two tries where the disk refuses."""

Name = TypeVar("Name")
Item = TypeVar("Item")


class WriteBehind(Generic[Name, Item]):
    """What is not on the disk yet: the latest of each name."""

    def __init__(
        self,
        write: Callable[[Mapping[Name, Item]], Awaitable[None]],
        clock: Clock,
        *,
        most: int,
        at_once: int | None = None,
        given_up: Callable[[], None] | None = None,
    ) -> None:
        """Prepare it.

        Args:
            write: Writes some down, or raises `StoreUnavailable` and has changed nothing.
            clock: Waits where the disk refuses.
            most: How many may wait; of more, the oldest is given up.
            at_once: How many are given to `write`; `None` is all that wait.
            given_up: Told of each that is.

        """
        self._write = write
        self._clock = clock
        self._most = most
        self._at_once = at_once
        self._given_up = given_up
        self._waiting: dict[Name, Item] = {}
        self._something = asyncio.Event()

    def put(self, name: Name, item: Item) -> None:
        """Take something to be written down soon; never waits and never fails."""
        self._waiting.pop(name, None)  # its place is now the last
        self._waiting[name] = item
        if len(self._waiting) > self._most:
            del self._waiting[next(iter(self._waiting))]
            if self._given_up is not None:
                self._given_up()
        self._something.set()

    def waiting(self, name: Name) -> Item | None:
        """Give what is not on the disk yet; `None` where there is no such thing."""
        return self._waiting.get(name)

    @asynccontextmanager
    async def running(self, what: str, beside: Coroutine[None, None, None]) -> AsyncIterator[None]:
        """Write until the block ends; what was taken in it is written by then.

        Args:
            what: Names the tasks.
            beside: What else is to be done for as long, again and again.

        *Cancellation:* what the disk has not taken is lost.
        """
        async with asyncio.TaskGroup() as tasks:
            owned = (
                tasks.create_task(self._keep_writing(), name=f"{what} to disk"),
                tasks.create_task(beside, name=f"{what} looked after"),
            )
            try:
                yield
            finally:
                for task in owned:
                    task.cancel()
        with suppress(StoreUnavailable):  # the database has said why
            await self._write_once()

    async def _keep_writing(self) -> None:
        while True:
            await self._something.wait()
            self._something.clear()
            try:
                await self._write_once()
            except StoreUnavailable:
                await self._clock.sleep(STORE_PAUSE_S)
                self._something.set()

    async def _write_once(self) -> None:
        """Write down what waits; where the disk refuses, it goes on waiting."""
        while self._waiting:
            batch = dict(islice(self._waiting.items(), self._at_once))
            await self._write(batch)
            for name, item in batch.items():
                if name in self._waiting and self._waiting[name] is item:
                    del self._waiting[name]
