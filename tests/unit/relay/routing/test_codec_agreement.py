"""Who is asked to change codec, how often, and what is told where nothing suits everybody."""

from __future__ import annotations

from relay.engine import Event
from relay.ids import Mid
from relay.rooms.events import RenegotiationNeeded, SlotCarries, SlotIdle, SlotsChanged
from relay.rooms.permissions import Role
from relay.rooms.seat_states import SeatInput
from relay.routing.bindings import NO_COMMON_CODEC, rebind, tell_again
from tests.unit.relay.conftest import CHROMIUM, House, Person
from tests.unit.relay.fakes import settle

ASKED = RenegotiationNeeded("codec")
VOICE, FACE = Mid("2"), Mid("4")
UNSEEN = SlotIdle(FACE, NO_COMMON_CODEC)


def only(*names: str) -> str:
    """Give the offer of a browser that knows no other video codecs."""
    sdp = CHROMIUM
    for name in {"VP8", "VP9", "H264", "AV1"} - set(names):
        sdp = sdp.replace(f" {name}/90000", " NONE/90000")
    return sdp


def asked(person: Person) -> int:
    """How often somebody has been asked since the last time."""
    return person.hears().count(ASKED)


def slot(person: Person, mid: Mid) -> SlotCarries | SlotIdle:
    """What somebody was told last of one slot."""
    person.hears()
    told = [event for event in person.told if isinstance(event, SlotsChanged)]
    return next(each for each in told[-1].bindings if each.mid == mid)


async def test_a_mere_offer_makes_nobody_change_codec(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.offer(only("H264"), tracks={})
    assert asked(practitioner) == 0


async def test_a_publisher_is_asked_at_most_once_in_five_seconds(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect(only("H264"), tracks={})
    assert asked(practitioner) == 1
    for name in ("VP8", "H264") * 10:
        await practitioner.offer(fresh=False)
        await patient.offer(only(name), tracks={}, fresh=False)
    assert asked(practitioner) == 0
    await practitioner.offer(fresh=False)
    await patient.offer(only("VP8"), tracks={}, fresh=False)
    room = practitioner.place.room
    assert room.unsettled
    house.clock.move(5)
    rebind(room)
    assert asked(practitioner) == 1
    assert not room.unsettled


async def test_a_request_survives_the_loss_of_the_publishers_socket(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    practitioner.seat.detach()
    await patient.connect(only("H264"), tracks={})
    practitioner.place.attach(SeatInput.RESUME)
    again = house.holds(practitioner.place)
    tell_again(practitioner.place)
    assert asked(again) == 1
    await again.offer(fresh=False)
    again.hears()
    tell_again(practitioner.place)
    assert asked(again) == 0


async def test_a_picture_nobody_can_agree_on_is_said_and_counted(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect(only("VP8"))
    await patient.connect(only("H264"))
    for person in (practitioner, patient):
        assert slot(person, FACE) == UNSEEN
        assert isinstance(slot(person, VOICE), SlotCarries)
        assert not person.leg.carried_by_mid()[FACE]
    assert house.counted("visavis_no_common_codecs") == {(): 2}
    await patient.offer(only("VP8", "H264"), fresh=False)
    assert isinstance(slot(practitioner, FACE), SlotCarries)
    assert isinstance(slot(patient, FACE), SlotCarries)


async def test_somebody_who_is_gone_for_now_decides_no_codec(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect(only("VP8"), tracks={})
    patient.leg.happens(Event.ConsentLost(leg=patient.leg.id))
    patient.seat.detach()
    await settle()
    newcomer = house.enters("c")
    await newcomer.connect(only("H264"), tracks={})
    assert asked(practitioner) == 1
    await practitioner.offer(fresh=False)
    patient.leg.happens(Event.Connected(leg=patient.leg.id))
    await settle()
    assert patient.place.slots is not None
    assert UNSEEN in patient.place.slots.bindings


async def test_whoever_joins_again_learns_what_is_muted(house: House) -> None:
    person = house.enters("a")
    await person.connect()
    microphone = next(iter(person.seat.tracks()))
    person.seat.mute(microphone.id, True)
    again = house.enters("a", takeover=True)
    assert [each.muted for each in again.seat.tracks() if each.id == microphone.id] == [True]
