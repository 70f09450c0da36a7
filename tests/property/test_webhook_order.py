"""Whatever fails and whenever the relay is restarted, each room is told in order, and all of it."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from relay.metrics.tally import Tally
from signalling.database import Database
from signalling.webhooks.delivery import Answer, Outcome
from signalling.webhooks.outbox import Event, Outbox
from signalling.webhooks.sender import Sender
from tests.unit.relay.fakes import HandClock

rooms = st.sampled_from(["a", "b", "c"])
outcomes = st.sampled_from([Outcome.HEARD, Outcome.HEARD, Outcome.REFUSED, Outcome.UNREACHABLE])


class Platform:
    """Hears what it is told, and fails as the example says."""

    def __init__(self, failing: list[Outcome]) -> None:
        self.failing = failing
        self.heard: defaultdict[str, list[str]] = defaultdict(list)
        self.telling: set[str] = set()

    async def __call__(self, event: Event) -> Answer:
        assert event.room not in self.telling, "one event of a room at a time"
        self.telling.add(event.room)
        try:
            await asyncio.sleep(0)
            outcome = self.failing.pop() if self.failing else Outcome.HEARD
            if outcome is Outcome.HEARD:
                self.heard[event.room].append(event.id)
            return Answer(outcome)
        finally:
            self.telling.discard(event.room)


async def no_one(_: Event) -> None:
    raise AssertionError("nothing is given up within a day")


async def tell(path: Path, told: list[tuple[str, bool]], platform: Platform) -> None:
    """Queue events one by one, and start a new relay where the example says so."""
    clock = HandClock()
    numbers = iter(range(len(told)))
    lives: list[list[str]] = [[]]
    for room, dies in told:
        lives[-1].append(room)
        if dies:
            lives.append([])
    for number, life in enumerate(lives):
        database = Database(path)
        outbox = Outbox(database, max_queued=1_000)
        sender = Sender(
            outbox,
            platform,
            clock=clock,
            unix_now_s=lambda: clock.now_ns() / 1e9,
            tally=Tally(),
            given_up=no_one,
        )
        running = asyncio.create_task(sender.run())
        for room in life:
            name = f"e-{next(numbers)}"
            await outbox.put([Event(name, room, b"{}", clock.now_ns() / 1e9)])
            sender.wake()
            await asyncio.sleep(0)
        if number == len(lives) - 1:
            while await outbox.count():
                clock.move(10)
                await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await database.close()


@given(
    told=st.lists(st.tuples(rooms, st.booleans()), min_size=1, max_size=12),
    failing=st.lists(outcomes, max_size=12),
)
@settings(deadline=None, max_examples=25)
def test_each_room_is_told_in_order_and_all_of_it(
    told: list[tuple[str, bool]], failing: list[Outcome]
) -> None:
    platform = Platform(list(failing))
    with TemporaryDirectory() as folder:
        asyncio.run(tell(Path(folder) / "outbox.sqlite3", told, platform))
    expected: defaultdict[str, list[str]] = defaultdict(list)
    for number, (room, _) in enumerate(told):
        expected[room].append(f"e-{number}")
    # A relay that dies after it was heard and before it has noted so tells the event again.
    heard = {room: list(dict.fromkeys(names)) for room, names in platform.heard.items()}
    assert heard == dict(expected)
