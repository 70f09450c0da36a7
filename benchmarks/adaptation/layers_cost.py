"""What the spending of rates costs: one receiver of three cameras, in microseconds.

`python -m benchmarks.adaptation.layers_cost`. Medians of rounds in which the cases take turns, so
that whatever else runs on the machine meets all of them alike.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Final

from relay.ids import LegId, SlotId, TrackId
from relay.layers.demand import Demand, Priority
from relay.layers.ladder import Keeps
from relay.layers.offered import TrackLayers
from relay.layers.receiver import Receiver
from relay.layers.room_layers import RoomLayers

CAMERA: Final = (
    (0, 0, 1280, 720, 30, (600, 900, 1500)),
    (1, 0, 640, 360, 30, (200, 300, 500)),
    (2, 0, 320, 180, 30, (60, 90, 150)),
)
"""Three encodings of three temporal layers."""

ROUNDS: Final = 40
CALLS: Final = 200
TICK_US: Final = 100_000
RATE_BPS: Final = 2_000_000.0


def camera() -> TrackLayers:
    """Give a camera all of whose encodings arrive."""
    layers = TrackLayers(len(CAMERA))
    for encoding in range(len(CAMERA)):
        layers.start(encoding)
    layers.announce_untrusted(CAMERA)
    return layers


def receiver() -> Receiver:
    """Give a receiver of three cameras and two voices."""
    offer = camera().offer(Keeps.BOTH)
    made = Receiver(RATE_BPS, 0)
    made.speak(2)
    made.want([Demand(SlotId(slot), offer, Priority(slot)) for slot in range(3)])
    made.update(RATE_BPS, 0)
    return made


def steady() -> Callable[[int], object]:
    """Nothing changes."""
    made = receiver()
    return lambda turn: made.update(RATE_BPS, turn * TICK_US)


def anew() -> Callable[[int], object]:
    """All is decided anew: somebody begins to speak, or ceases."""
    made = receiver()

    def turn_to(turn: int) -> None:
        made.speak(1 + turn % 2)
        made.update(RATE_BPS, turn * TICK_US)

    return turn_to


def planned() -> Callable[[int], object]:
    """What is offered has changed, too."""
    made = receiver()
    offers = [camera().offer(Keeps.BOTH), camera().offer(Keeps.MOTION)]
    wishes = [
        [Demand(SlotId(slot), offer, Priority(slot)) for slot in range(3)] for offer in offers
    ]

    def turn_to(turn: int) -> None:
        made.want(wishes[turn % 2])
        made.update(RATE_BPS, turn * TICK_US)

    return turn_to


def rooms() -> Callable[[int], object]:
    """A tick of a room of three, each of whom receives the other two."""
    room, legs = RoomLayers(), [LegId(number) for number in range(1, 4)]
    for leg in legs:
        room.admit(leg, RATE_BPS, 0)
        room.speak(leg, 2)
        room.publish(leg, TrackId(leg), 0, encodings=3)
        for encoding in range(3):
            room.start(TrackId(leg), encoding)
        room.announce_untrusted(TrackId(leg), CAMERA)
    for leg in legs:
        for other in legs:
            if other != leg:
                room.bind(leg, SlotId(10 * leg + other), TrackId(other))
    rates_bps = dict.fromkeys(legs, RATE_BPS)
    return lambda turn: room.update(rates_bps, turn * TICK_US)


CASES: Final = {
    "a tick in which nothing changes": steady,
    "everything decided anew": anew,
    "and planned anew": planned,
    "a tick of a room of three": rooms,
}


def main() -> None:
    """Measure, and print a line for each case."""
    cases = {name: make() for name, make in CASES.items()}
    spent_us: dict[str, list[float]] = {name: [] for name in cases}
    for each_round in range(ROUNDS):
        for name, call in cases.items():
            begin_ns = time.thread_time_ns()
            for turn in range(each_round * CALLS + 1, (each_round + 1) * CALLS + 1):
                call(turn)
            spent_us[name].append((time.thread_time_ns() - begin_ns) / 1e3 / CALLS)
    for name, times_us in spent_us.items():
        print(f"{name:34} {median(times_us):7.2f} us")


if __name__ == "__main__":
    main()
