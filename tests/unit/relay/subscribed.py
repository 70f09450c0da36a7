"""What receivers are told of the pictures they are sent, as tests of it see and feed it."""

from __future__ import annotations

from relay.ids import SlotId, TrackId
from relay.rooms.events import SubscriptionsChanged
from relay.rooms.permissions import Role, Source
from tests.unit.relay.conftest import Person
from tests.unit.relay.layers.cameras import CAMERA
from tests.unit.relay.surgery import Surgery

SMALLEST = 2


def told(person: Person) -> list[SubscriptionsChanged]:
    """What somebody was told since the last time of the pictures they are sent."""
    return [event for event in person.hears() if isinstance(event, SubscriptionsChanged)]


def camera_of(person: Person) -> TrackId:
    """The engine's track of somebody's camera."""
    assert person.place.leg is not None
    return person.place.leg.track_of(person.track(Source.CAMERA))


def slot_of(person: Person, sender: Person) -> SlotId:
    """Where somebody is sent another's camera."""
    (slot,) = (slot for slot, track in person.leg.bound.items() if track == camera_of(sender))
    return slot


def counts(
    surgery: Surgery, slot: SlotId, sender: Person, total_bytes: int, fed_by: int = -1
) -> None:
    """Let the engine report what a slot has been sent so far, and of which encoding it is."""
    packets = total_bytes // 1_000
    surgery.reports.slots[slot] = (slot, packets, total_bytes, 0, 0, 0, -1, -1, 0, 0, fed_by)
    now_ns = surgery.house.clock.now_ns()
    surgery.reports.slots_filed_ns[slot] = now_ns
    surgery.reports.filed_ns[camera_of(sender)] = now_ns


def sends_three(surgery: Surgery, person: Person) -> None:
    """Let all encodings of somebody's camera come, as their browser says."""
    surgery.arrives(person, 0, 1, SMALLEST)
    surgery.reports.layers[camera_of(person)] = [(*row[:5], list(row[5])) for row in CAMERA]


async def three(surgery: Surgery) -> tuple[Person, Person]:
    """Give two of three people, of whom one alone sends their camera."""
    practitioner, patient = await surgery.two()
    await surgery.enters("c", Role.CARER)
    sends_three(surgery, practitioner)
    return practitioner, patient
