"""Offers that change a leg: refused ones change nothing, good ones bring everything back."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from relay.errors import HandshakeFailed, InvalidOffer, LimitReached, NegotiationFailed, Overloaded
from relay.ids import Mid, PublicationId
from relay.rooms.events import ConnectionChanged, MessageRefused, SlotCarries, TrackPublished
from relay.rooms.leg_states import LegState
from relay.rooms.permissions import Role, Source
from tests.unit.relay.conftest import CHROMIUM, House, Person, restarted
from tests.unit.relay.fakes import FakeLeg, settle

SECTIONS = CHROMIUM.split("\r\nm=")
"""The session part, then the m-lines: 1 is the microphone, 2 the camera."""


def without_vp8(sdp: str) -> str:
    return sdp.replace(" VP8/90000", " NONE/90000")


def with_line(index: int, section: str) -> str:
    """Give the offer with one m-line written otherwise."""
    lines = [*SECTIONS[:index], section, *SECTIONS[index + 1 :]]
    return "\r\nm=".join(lines)


def with_camera(mid: str) -> str:
    """Give the offer with another mid on the camera's m-line."""
    renamed = with_line(2, SECTIONS[2].replace("a=mid:1\r", f"a=mid:{mid}\r"))
    return renamed.replace("BUNDLE 0 1", f"BUNDLE 0 {mid}")


def shown_to(person: Person) -> set[PublicationId]:
    """What somebody was told last that their slots carry."""
    told = person.place.slots
    assert told is not None
    return {each.track for each in told.bindings if isinstance(each, SlotCarries)}


async def test_a_refused_reoffer_touches_no_media(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect()
    shown = practitioner.leg.carried_by_mid()
    commands = list(patient.leg.commands)
    with pytest.raises(InvalidOffer):
        await patient.offer(with_camera("1."), fresh=False)
    assert patient.leg.commands == commands
    announced = "".join(f"\r\na=ssrc:{ssrc} cname:x" for ssrc in range(1, 6))
    await patient.offer(with_line(2, SECTIONS[2] + announced), fresh=False)
    camera = next(t for t in patient.leg.published.values() if t["mid"] == b"1")
    assert isinstance(camera["ssrcs"], list)
    assert len(camera["ssrcs"]) == 3
    await patient.offer(fresh=False)
    after = practitioner.leg.carried_by_mid()
    assert after["2"] == shown["2"]
    assert after["4"] in patient.leg.published


async def test_an_engine_without_room_for_a_change_completes_it_with_the_next_offer(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect()
    credentials = patient.leg.credentials
    changed = restarted(without_vp8(CHROMIUM))

    def refuse(*_: object, **__: object) -> int:
        raise Overloaded

    with monkeypatch.context() as patched:
        patched.setattr(FakeLeg, "publish", refuse)
        with pytest.raises(Overloaded):
            await patient.offer(changed, fresh=False)
    assert patient.leg.credentials == credentials, "a refused offer restarts nothing"
    await patient.offer(changed, {}, fresh=False)
    assert patient.leg.credentials != credentials
    assert practitioner.leg.carried_by_mid()["4"] in patient.leg.published


async def test_what_a_change_took_away_before_it_failed_is_gone_for_the_others_too(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect(tracks={Mid("1"): Source.CAMERA})
    camera = patient.track(Source.CAMERA)
    assert camera in shown_to(practitioner)
    stopped = with_line(2, re.sub(r"^video \d+", "video 0", SECTIONS[2]))

    def refuse(*_: object, **__: object) -> int:
        raise Overloaded

    with monkeypatch.context() as patched:
        patched.setattr(FakeLeg, "publish", refuse)
        with pytest.raises(Overloaded):
            await patient.offer(stopped, {Mid("0"): Source.MICROPHONE}, fresh=False)
    assert not patient.place.participant.publications
    assert camera not in shown_to(practitioner)


async def test_who_may_not_be_one_more_who_publishes_keeps_their_leg_as_it_is(
    house: House,
) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect(tracks={})
    model = patient.place.room.model
    model.settings = replace(model.settings, max_publishing=1)
    commands, credentials = list(patient.leg.commands), patient.leg.credentials
    with pytest.raises(LimitReached):
        await patient.offer(restarted(CHROMIUM), fresh=False)
    assert (patient.leg.commands, patient.leg.credentials) == (commands, credentials)


async def test_a_refused_fresh_offer_leaves_the_live_leg(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect(tracks={Mid("0"): Source.MICROPHONE})
    present = patient.place.leg
    practitioner.hears()

    def refuse(*_: object, **__: object) -> int:
        raise NegotiationFailed("refused_by_engine", "No.")

    with monkeypatch.context() as patched:
        patched.setattr(FakeLeg, "publish", refuse)
        with pytest.raises(NegotiationFailed):
            await patient.offer()
    assert patient.place.leg is present
    assert patient.place.previous is None
    assert house.engine.legs[-1].removed
    assert not [event for event in practitioner.hears() if isinstance(event, TrackPublished)]
    assert set(patient.place.participant.publications) == {Source.MICROPHONE}


async def test_when_the_new_leg_fails_the_one_before_goes_on(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.connect()
    shown, before = practitioner.leg.carried_by_mid(), patient.place.leg
    await patient.offer()
    patient.hears()
    patient.transport.handshake.set_exception(HandshakeFailed("timeout"))
    await settle()
    assert patient.place.leg is before
    states = [e.state for e in patient.hears() if isinstance(e, ConnectionChanged)]
    assert states == [LegState.FAILED, LegState.CONNECTED]
    assert practitioner.leg.carried_by_mid() == shown
    await patient.offer(fresh=False)


async def test_what_the_page_before_a_reload_says_is_delivered(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    heard = practitioner.transport.channels.sent
    await patient.connect()
    old = patient.transport
    await patient.offer()
    await old.channels.incoming.put(("visavis", '{"to": "all", "type": "x", "body": 1}'))
    await settle()
    assert len(heard) == 1
    assert not [event for event in patient.hears() if isinstance(event, MessageRefused)]


async def test_data_channels_may_be_added_later(house: House) -> None:
    person = house.enters("a")
    bare = "\r\nm=".join(SECTIONS[:-1]) + "\r\n"
    await person.connect(bare)
    assert person.transport.started == 0
    await person.offer(fresh=False)
    assert person.transport.started == 1
    assert person.place.leg is not None
    assert person.place.leg.channels is person.transport.channels
    await person.offer(fresh=False)
    assert person.transport.started == 1


@pytest.mark.parametrize(
    "changed",
    [
        with_line(2, SECTIONS[1].replace("a=mid:0\r", "a=mid:1\r")),
        with_camera("x"),
        "\r\nm=".join(SECTIONS[:-1]) + "\r\n",
    ],
    ids=["another kind", "another mid", "a line gone"],
)
async def test_an_m_line_in_use_stays_what_it_is(house: House, changed: str) -> None:
    person = house.enters("a")
    await person.connect()
    commands = list(person.leg.commands)
    with pytest.raises(InvalidOffer):
        await person.offer(changed, {}, fresh=False)
    assert person.leg.commands == commands


async def test_a_stopped_line_may_become_another(house: House) -> None:
    person = house.enters("a")
    await person.connect()
    stopped = with_line(2, re.sub(r"^video \d+", "video 0", SECTIONS[2]))
    await person.offer(stopped, {Mid("0"): Source.MICROPHONE}, fresh=False)
    assert {t["mid"] for t in person.leg.published.values()} == {b"0"}
    tracks = {Mid("0"): Source.MICROPHONE, Mid("x"): Source.CAMERA}
    await person.offer(with_camera("x"), tracks, fresh=False)
    assert {t["mid"] for t in person.leg.published.values()} == {b"0", b"x"}


async def test_a_slot_never_sends_by_an_ssrc_of_one_before_it(house: House) -> None:
    person = house.enters("a")
    await person.connect()
    used: set[object] = set()
    for turn in range(20):
        await person.offer(without_vp8(CHROMIUM) if turn % 2 == 0 else CHROMIUM, fresh=False)
        video = [each for each in person.leg.lines.values() if each["kind"] == "video"]
        ssrcs = {each[name] for each in video for name in ("ssrc", "rtx_ssrc")}
        assert len(ssrcs) == 2 * len(video)
        assert not ssrcs & used
        used |= ssrcs
