"""What receivers are told of how much they are sent of each picture a second."""

from __future__ import annotations

from relay.rooms.permissions import Source
from relay.units import NS_PER_S
from tests.unit.relay.subscribed import camera_of, counts, slot_of, three, told
from tests.unit.relay.surgery import Surgery


async def test_what_was_sent_is_measured_and_told_when_it_moves_by_a_step(surgery: Surgery) -> None:
    practitioner, patient = await three(surgery)
    surgery.carries(patient, 3_000_000)
    slot, total_bytes = slot_of(patient, practitioner), 0
    heard: list[int | None] = []
    for bytes_a_second in (0, 50_000, 50_000, 55_000, 45_000, *[100_000] * 8):
        total_bytes += bytes_a_second
        counts(surgery, slot, practitioner, total_bytes)
        surgery.passes()
        camera = practitioner.track(Source.CAMERA)
        heard += [
            each.bps for said in told(patient) for each in said.pictures if each.track == camera
        ]
    steps = [bps for before, bps in zip([-1, *heard], heard, strict=False) if bps != before]
    assert steps[0] is None, "the first count is no rate"
    assert steps[1] == 400_000
    assert all(bps is not None and 500_000 <= bps <= 800_000 for bps in steps[2:])
    assert 1 <= len(steps[2:]) <= 3


async def test_a_report_that_comes_late_or_twice_is_no_rate(surgery: Surgery) -> None:
    practitioner, patient = await three(surgery)
    surgery.carries(patient, 3_000_000)
    slot = slot_of(patient, practitioner)
    for at_s in range(12):
        if at_s % 4 != 3:
            counts(surgery, slot, practitioner, 50_000 * at_s)
        surgery.passes()
    camera = practitioner.track(Source.CAMERA)
    rates = {each.bps for said in told(patient) for each in said.pictures if each.track == camera}
    assert rates == {None, 400_000}


async def test_a_rate_is_by_when_the_slot_was_reported_not_its_track(surgery: Surgery) -> None:
    practitioner, patient = await three(surgery)
    surgery.carries(patient, 3_000_000)
    slot, camera = slot_of(patient, practitioner), camera_of(practitioner)
    for at_s in range(12):
        counts(surgery, slot, practitioner, 50_000 * at_s)
        # The worker reports it in another eighth of the second.
        surgery.reports.filed_ns[camera] += at_s % 2 * NS_PER_S // 8
        surgery.passes()
    track = practitioner.track(Source.CAMERA)
    rates = {each.bps for said in told(patient) for each in said.pictures if each.track == track}
    assert rates == {None, 400_000}
