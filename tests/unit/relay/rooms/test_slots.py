"""Who sits in which slot."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from relay.ids import Mid, ParticipantId, PublicationId
from relay.rooms.permissions import Kind, Source
from relay.rooms.slots import Shortage, SlotTable
from relay.rooms.track import Publication

AUDIO = (Mid("a0"), Mid("a1"))
VIDEO = (Mid("v0"), Mid("v1"), Mid("v2"))


def track(who: str, source: Source) -> Publication:
    return Publication(PublicationId(f"{who}-{source.value}"), ParticipantId(who), source)


def person(who: str) -> list[Publication]:
    return [track(who, Source.MICROPHONE), track(who, Source.CAMERA)]


def carried(table: SlotTable, wanted: Sequence[Publication]) -> dict[str, str | None]:
    return {str(mid): pub for mid, pub in table.allocate(wanted).bindings.items()}


def test_a_voice_and_its_face_sit_in_one_group() -> None:
    table = SlotTable(AUDIO, VIDEO)
    assert carried(table, [*person("x"), *person("y")]) == {
        "a0": "x-microphone",
        "v0": "x-camera",
        "a1": "y-microphone",
        "v1": "y-camera",
        "v2": None,
    }


def test_a_screen_takes_the_last_free_video_slot() -> None:
    table = SlotTable(AUDIO, VIDEO)
    wanted = [*person("x"), track("x", Source.SCREEN)]
    assert carried(table, wanted)["v2"] == "x-screen"


def test_people_stay_where_they_are_when_others_leave() -> None:
    table = SlotTable(AUDIO, VIDEO)
    table.allocate([*person("x"), *person("y")])
    assert carried(table, person("y"))["v1"] == "y-camera"
    after = carried(table, [*person("y"), *person("z")])
    assert (after["v0"], after["v1"]) == ("z-camera", "y-camera")


def test_a_camera_switched_off_keeps_the_seat_for_its_return() -> None:
    table = SlotTable(AUDIO, VIDEO)
    table.allocate([*person("x"), *person("y")])
    table.allocate([*person("x"), track("y", Source.MICROPHONE)])
    assert carried(table, [*person("x"), *person("y")])["v1"] == "y-camera"


def test_too_many_people_are_counted_and_the_first_are_shown() -> None:
    table = SlotTable(AUDIO, VIDEO)
    wanted = [*person("x"), *person("y"), *person("z"), track("x", Source.SCREEN)]
    allocation = table.allocate(wanted)
    assert allocation.shortage == Shortage(audio=1, video=1)
    assert "z-microphone" not in allocation.bindings.values()


def test_added_slots_fill_and_a_screen_gives_way_to_a_face() -> None:
    table = SlotTable(AUDIO, VIDEO)
    wanted = [*person("x"), *person("y"), track("x", Source.SCREEN), *person("z")]
    assert carried(table, wanted)["v2"] == "x-screen"
    table.audio, table.video = (*AUDIO, Mid("a2")), (*VIDEO, Mid("v3"))
    after = carried(table, wanted)
    assert (after["a2"], after["v2"], after["v3"]) == ("z-microphone", "z-camera", "x-screen")
    assert not table.allocate(wanted).shortage


def test_a_leg_without_video_hears_everybody_and_misses_nothing() -> None:
    table = SlotTable(AUDIO, ())
    allocation = table.allocate([*person("x"), *person("y")])
    assert dict(allocation.bindings) == {"a0": "x-microphone", "a1": "y-microphone"}
    assert not allocation.shortage


def test_a_leg_without_audio_sees_everybody() -> None:
    table = SlotTable((), VIDEO)
    assert carried(table, [*person("x"), *person("y")]) == {
        "v0": "x-camera",
        "v1": "y-camera",
        "v2": None,
    }


def test_a_line_that_stops_for_a_while_finds_its_group_again() -> None:
    table = SlotTable((), ())
    table.hold(AUDIO, VIDEO)
    wanted = [*person("x"), *person("y")]
    before = carried(table, wanted)
    table.hold(AUDIO[1:], VIDEO)
    assert carried(table, wanted)["v1"] == before["v1"] == "y-camera"
    assert table.allocate(wanted).shortage == Shortage(audio=1, video=0)
    table.hold(AUDIO, VIDEO)
    assert carried(table, wanted) == before


def test_a_new_line_takes_the_group_of_one_that_carries_nothing() -> None:
    table = SlotTable((), ())
    table.hold(AUDIO, VIDEO[:2])
    table.hold(AUDIO, VIDEO[:1])
    wanted = [*person("x"), *person("y")]
    assert table.allocate(wanted).shortage == Shortage(audio=0, video=1)
    table.hold(AUDIO, (VIDEO[0], VIDEO[2]))
    assert carried(table, wanted)["v2"] == "y-camera"
    assert not table.allocate(wanted).shortage


PEOPLE = st.lists(st.sampled_from("pqrstu"), unique=True)


@st.composite
def rooms(draw: st.DrawFn) -> list[Publication]:
    """Some people, each with some of the three sources."""
    return [
        track(who, source)
        for who in draw(PEOPLE)
        for source in sorted(draw(st.sets(st.sampled_from(Source))))
    ]


@given(st.integers(0, 4), st.integers(0, 4), st.lists(rooms(), min_size=1, max_size=6))
def test_whatever_happens_each_track_has_one_fitting_slot_at_most(
    audio: int, video: int, history: list[list[Publication]]
) -> None:
    table = SlotTable(
        tuple(Mid(f"a{index}") for index in range(audio)),
        tuple(Mid(f"v{index}") for index in range(video)),
    )
    for wanted in history:
        allocation = table.allocate(wanted)
        by_id = {publication.id: publication for publication in wanted}
        shown = [publication for publication in allocation.bindings.values() if publication]
        assert len(shown) == len(set(shown))
        assert set(allocation.bindings) == {*table.audio, *table.video}
        for mid, publication in allocation.bindings.items():
            if publication is not None:
                kind = Kind.AUDIO if mid.startswith("a") else Kind.VIDEO
                assert by_id[publication].kind is kind
        for index in range(min(audio, video)):
            voice = allocation.bindings[Mid(f"a{index}")]
            face = allocation.bindings[Mid(f"v{index}")]
            if voice and face and by_id[face].source is Source.CAMERA:
                assert by_id[voice].publisher == by_id[face].publisher
        if audio and video and not allocation.shortage:
            assert set(shown) == set(by_id)
        assert table.allocate(wanted) == allocation, "nothing moves without a reason"


@given(rooms(), rooms())
def test_the_shortage_is_what_has_to_be_added(
    before: list[Publication], wanted: list[Publication]
) -> None:
    table = SlotTable(AUDIO, VIDEO)
    table.allocate(before)
    shortage = table.allocate(wanted).shortage
    table.audio += tuple(Mid(f"more-a{index}") for index in range(shortage.audio))
    table.video += tuple(Mid(f"more-v{index}") for index in range(shortage.video))
    allocation = table.allocate(wanted)
    assert not allocation.shortage
    shown = {publication for publication in allocation.bindings.values() if publication}
    assert shown == {publication.id for publication in wanted}
