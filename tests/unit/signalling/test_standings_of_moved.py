"""Whoever is moved to another room, after the relay was started again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from relay.ids import RoomId
from relay.rooms.permissions import Source
from relay.rooms.standing import Standing
from signalling.keys import KeyRing
from tests.unit.signalling.test_refusals import ROOM, Times, a_grant, a_life, enter
from tests.unit.signalling.test_standings import DOCTOR, muted_of, who_waits


async def test_whoever_was_moved_is_in_after_a_restart_there_and_waits_elsewhere(
    tmp_path: Path, keys: KeyRing
) -> None:
    times, other = Times(), RoomId("other")
    async with a_life(tmp_path, times, keys) as relay:
        doctor = await enter(relay, DOCTOR)
        await enter(relay, replace(DOCTOR, room=other))
        patient = await enter(relay, who_waits("patient"))
        await enter(relay, replace(who_waits("next"), room=other))
        doctor.moderation().admit(patient.participant)
        relay.desk().moderation(ROOM).move(patient.participant, other)
    for _ in range(2):  # and after the next
        times.start_anew()
        async with a_life(tmp_path, times, keys) as relay:
            there = replace(who_waits("patient"), room=other)
            assert (await enter(relay, there)).standing is Standing.ADMITTED
            after = replace(who_waits("next"), room=other)
            assert (await enter(relay, after)).standing is Standing.WAITING
            assert (await enter(relay, who_waits("patient"))).standing is Standing.WAITING


async def test_a_mute_goes_along_to_another_room_and_over_a_restart_there(
    tmp_path: Path, keys: KeyRing
) -> None:
    times = Times()
    async with a_life(tmp_path, times, keys) as relay:
        patient = await enter(relay, a_grant("patient", age_s=5))
        await enter(relay, replace(DOCTOR, room=RoomId("other")))
        desk = relay.desk()
        desk.moderation(ROOM).mute(patient.participant)
        desk.moderation(ROOM).move(patient.participant, RoomId("other"))
    times.start_anew()
    async with a_life(tmp_path, times, keys) as relay:
        await enter(relay, replace(a_grant("patient", age_s=5), room=RoomId("other")))
        assert muted_of(relay, "patient", RoomId("other")) == {Source.MICROPHONE}


async def test_what_holds_of_somebody_is_known_to_the_room_they_are_brought_to(
    tmp_path: Path, keys: KeyRing
) -> None:
    times, other = Times(), RoomId("other")
    here = [replace(a_grant(who, age_s=5), room=other) for who in ("muted", "sent back")]
    async with a_life(tmp_path, times, keys) as relay:
        doctor = await enter(relay, replace(DOCTOR, room=other))
        muted, sent_back = [await enter(relay, each) for each in here]
        doctor.moderation().mute(muted.participant)
        doctor.moderation().send_back(sent_back.participant)
    times.start_anew()
    async with a_life(tmp_path, times, keys) as relay:
        await enter(relay, replace(DOCTOR, room=other))
        for identity in ("muted", "sent back"):
            seat = await enter(relay, a_grant(identity, age_s=5))
            relay.desk().moderation(ROOM).move(seat.participant, other)
        assert muted_of(relay, "muted", other) == {Source.MICROPHONE}
        assert relay.desk().summary(other).waiting == 1
