"""A silence is sure only after a while: from when it was, and until when, is told all the same."""

from __future__ import annotations

from functools import partial

from relay.monitoring.silences import LOOK_S, SilenceNews
from relay.monitoring.telling_silences import pass_on
from relay.rooms.happenings import Happening
from relay.rooms.permissions import Source
from relay.units import NS_PER_S, ns_of_seconds
from tests.unit.relay.conftest import House
from tests.unit.relay.ward import Ward


async def test_it_began_with_the_last_packet_and_was_over_with_the_first(house: House) -> None:
    ward, turned = Ward(house), list[tuple[str, int]]()

    def note(news: SilenceNews) -> None:
        turned.append((news.change, house.clock.now_ns() - news.ago_ns))

    ward.silences.observe(note)
    _, patient = await ward.two()
    began_ns = house.clock.now_ns()
    ward.stops(patient, Source.MICROPHONE)
    ward.passes(6)
    back_ns = house.clock.now_ns()
    ward.comes_back()
    ward.passes(3)
    assert turned == [("begun", began_ns), ("over", back_ns + ns_of_seconds(LOOK_S))]


async def test_of_what_is_no_longer_due_it_is_over_at_once(house: House) -> None:
    ward = Ward(house)
    _, patient = await ward.two()
    ward.stops(patient, Source.MICROPHONE)
    ward.passes(4)
    patient.seat.mute(patient.track(Source.MICROPHONE), True)
    ward.passes(1)
    assert [(news.change, news.ago_ns) for news in ward.news[1:]] == [("over", 0)]


async def test_who_embeds_the_relay_hears_how_long_ago_it_was(house: House) -> None:
    happened: list[Happening] = []
    house.seating.happened = happened.append
    ward = Ward(house)
    ward.silences.observe(partial(pass_on, house.seating))
    _, patient = await ward.two()
    happened.clear()
    ward.stops(patient, Source.MICROPHONE)
    ward.passes(4)
    ward.comes_back()
    ward.passes(3)
    assert [each.kind for each in happened] == ["silence_began", "silence_ended"]
    assert all(NS_PER_S < each.ago_ns < 3 * NS_PER_S for each in happened)
