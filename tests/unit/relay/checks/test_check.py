"""Legs of a check: opened, measured over, and gone again, whatever whoever checks sends."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.checks.check import MOST_TRIES, Check
from relay.checks.desk import LEGS_OF_ONE, MEASUREMENTS_A_MINUTE, MOST_LEGS
from relay.checks.flow import MESSAGE_BYTES, START_BYTES
from relay.checks.traffic import MOST_RECEIVED_BYTES, Measured, acknowledged_untrusted
from relay.engine import Event
from relay.errors import Conflict, InvalidOffer, LimitReached, NotFound, Overloaded
from relay.ids import RoomId
from relay.precall import PathKind
from tests.polling import until
from tests.unit.relay.checks.conftest import Surgery
from tests.unit.relay.conftest import CHROMIUM
from tests.unit.relay.fakes import FakeTransport, settle

FILLING = "0" * MESSAGE_BYTES
WITHOUT_DATA = CHROMIUM[: CHROMIUM.rindex("m=application")].replace(" 7\r\n", "\r\n", 1)


async def ended(task: asyncio.Task[Measured], surgery: Surgery) -> Measured:
    """Let time pass by ticks until a measurement is over."""
    for _ in range(400):
        if task.done():
            break
        surgery.house.clock.move(0.01)
        await settle()
    return await task


def measuring(
    check: Check, *, towards: bool, path: PathKind = PathKind.UDP
) -> asyncio.Task[Measured]:
    """Begin to measure beside the test."""
    measurement = check.measure(path, towards=towards)
    return asyncio.create_task(measurement, name="measurement")


async def opened(surgery: Surgery, check: Check, path: PathKind = PathKind.UDP) -> FakeTransport:
    """Try a way whose data channel opens."""
    transport = await surgery.up(check, path)
    leg, _ = check._legs[path]
    await until(lambda: leg.channels is transport.channels)
    return transport


async def test_a_way_is_answered_by_a_leg_without_media(surgery: Surgery) -> None:
    check = surgery.begins()
    sdp = check.answer(PathKind.UDP, CHROMIUM)
    ufrag, password = (each.decode() for each in surgery.leg.credentials)
    assert f"a=ice-ufrag:{ufrag}" in sdp
    assert f"a=ice-pwd:{password}" in sdp
    assert "192.0.2.1 7882" in sdp
    assert "m=application 9" in sdp
    assert surgery.leg.published == {}
    assert surgery.leg.lines == {}
    assert surgery.house.seating.rooms == {}
    check.close()
    await settle()
    assert surgery.leg.removed
    assert surgery.checks._legs.total() == 0


async def test_an_offer_without_a_data_channel_is_refused_and_opens_nothing(
    surgery: Surgery,
) -> None:
    check = surgery.begins()
    for offer in (WITHOUT_DATA, "v=0", ""):
        with pytest.raises(InvalidOffer):
            check.answer(PathKind.UDP, offer)
    assert surgery.house.engine.legs == []
    assert surgery.checks._legs.total() == 0


async def test_a_way_that_is_tried_again_ends_the_try_before(surgery: Surgery) -> None:
    check = surgery.begins()
    await opened(surgery, check)
    first = surgery.leg
    check.answer(PathKind.UDP, CHROMIUM)
    await settle()
    assert first.removed
    assert not surgery.leg.removed
    assert surgery.checks._legs.total() == 1


async def test_legs_are_bounded_by_check_and_in_all(
    surgery: Surgery, monkeypatch: pytest.MonkeyPatch
) -> None:
    check = surgery.begins()
    for _ in range(MOST_TRIES):
        check.answer(PathKind.TCP, CHROMIUM)
        await settle()
    with pytest.raises(LimitReached):
        check.answer(PathKind.TCP, CHROMIUM)
    assert surgery.checks._legs.total() == 1
    others = Counter({(RoomId("elsewhere"), "x"): MOST_LEGS})
    monkeypatch.setattr(surgery.checks, "_legs", others)
    with pytest.raises(Overloaded) as refused:
        surgery.begins("c").answer(PathKind.UDP, CHROMIUM)
    assert refused.value.retry_after_s


async def test_one_person_has_so_many_legs_by_however_many_checks(surgery: Surgery) -> None:
    checks = [surgery.begins(), surgery.begins()]
    assert len(checks) * len(PathKind) == LEGS_OF_ONE
    for check in checks:
        for path in PathKind:
            check.answer(path, CHROMIUM)
    with pytest.raises(Overloaded):
        surgery.begins().answer(PathKind.UDP, CHROMIUM)
    surgery.begins("c").answer(PathKind.UDP, CHROMIUM)
    checks[0].close()
    await settle()
    surgery.begins().answer(PathKind.UDP, CHROMIUM)
    assert surgery.checks._legs.total() == len(PathKind) + 2


async def test_what_the_participant_sends_is_counted_and_acknowledged(surgery: Surgery) -> None:
    check = surgery.begins()
    transport = await opened(surgery, check)
    task = measuring(check, towards=False)
    await settle()
    for _ in range(210):
        for _ in range(3):
            transport.channels.incoming.put_nowait(("visavis", FILLING))
        surgery.house.clock.move(0.01)
        await settle()
    measured = await ended(task, surgery)
    assert measured.kbps == pytest.approx(3 * 100 * 1_093 * 8 / 1_000, rel=0.05)
    assert measured.duration_ms == pytest.approx(2_000, abs=50)
    begin, *totals = [int(text) for text in transport.channels.sent]
    assert (begin, totals[0]) == (0, MESSAGE_BYTES)
    assert totals == sorted(totals)
    assert totals[-1] <= measured.received_bytes


async def test_somebody_who_sends_nothing_is_waited_for_two_seconds(surgery: Surgery) -> None:
    check = surgery.begins()
    transport = await opened(surgery, check)
    measured = await ended(measuring(check, towards=False), surgery)
    assert measured == Measured(0, 0, None)
    assert transport.channels.sent == ["0"], "they were asked to begin, once"


async def test_the_participant_is_sent_as_much_as_they_acknowledge(surgery: Surgery) -> None:
    check = surgery.begins()
    transport = await opened(surgery, check)
    task = measuring(check, towards=True)
    await settle()
    for _ in range(250):
        received = MESSAGE_BYTES * len(transport.channels.sent)
        transport.channels.incoming.put_nowait(("visavis", str(received)))
        surgery.house.clock.move(0.01)
        await settle()
    measured = await ended(task, surgery)
    wire_bps = len(transport.channels.sent) * 1_093 * 8 / 2
    assert wire_bps == pytest.approx(check.most_kbps * 1_000, rel=0.1)
    assert measured.kbps is None
    assert measured.received_bytes <= MESSAGE_BYTES * len(transport.channels.sent)


async def test_whoever_acknowledges_nothing_is_sent_next_to_nothing(surgery: Surgery) -> None:
    check = surgery.begins()
    transport = await opened(surgery, check)
    measured = await ended(measuring(check, towards=True), surgery)
    assert sum(map(len, transport.channels.sent)) == START_BYTES
    assert measured.received_bytes == 0


async def test_one_direction_of_one_person_is_measured_at_a_time(surgery: Surgery) -> None:
    check = surgery.begins()
    await opened(surgery, check)
    task = measuring(check, towards=False)
    await settle()
    other = surgery.begins()
    await opened(surgery, other)
    for each in (check, other):
        with pytest.raises(Conflict):
            await each.measure(PathKind.UDP, towards=True)
    await ended(task, surgery)


async def test_more_at_once_than_the_machine_is_to_carry_are_refused(surgery: Surgery) -> None:
    checks = [surgery.begins(name) for name in ("b", "c", "d")]
    for check in checks:
        await opened(surgery, check)
    tasks = [measuring(check, towards=False) for check in checks[:2]]
    await settle()
    with pytest.raises(Overloaded) as refused:
        await checks[2].measure(PathKind.UDP, towards=False)
    assert refused.value.retry_after_s
    for task in tasks:
        await ended(task, surgery)
    assert (await ended(measuring(checks[2], towards=False), surgery)).kbps is None
    counted = surgery.house.counted("visavis_check_measurements")
    assert counted == {("measured",): 3, ("overloaded",): 1}


async def test_a_person_is_measured_so_many_times_a_minute_by_however_many_checks(
    surgery: Surgery,
) -> None:
    for _ in range(MEASUREMENTS_A_MINUTE):
        with surgery.checks._measuring(surgery.begins().who):
            pass
    check = surgery.begins()
    await opened(surgery, check)
    with pytest.raises(LimitReached) as refused:
        await check.measure(PathKind.UDP, towards=True)
    assert refused.value.retry_after_s == 60.0
    surgery.house.clock.move(61.0)
    await ended(measuring(check, towards=False), surgery)


async def test_nothing_is_measured_over_what_is_not_up(surgery: Surgery) -> None:
    check = surgery.begins()
    with pytest.raises(NotFound):
        await check.measure(PathKind.UDP, towards=True)
    check.answer(PathKind.UDP, CHROMIUM)
    await settle()
    with pytest.raises(Conflict):
        await ended(measuring(check, towards=True), surgery)
    assert surgery.checks._measured == set()


async def test_a_channel_that_opens_here_a_moment_later_is_waited_for(surgery: Surgery) -> None:
    check = surgery.begins()
    transport = await surgery.up(check)
    transport.channels.is_open = False
    task = measuring(check, towards=True)
    for _ in range(20):
        surgery.house.clock.move(0.01)
        await settle()
    assert transport.channels.sent == []
    transport.channels.is_open = True
    await ended(task, surgery)
    assert transport.channels.sent


async def test_a_leg_that_goes_while_it_is_measured_ends_the_measurement(surgery: Surgery) -> None:
    check = surgery.begins()
    await opened(surgery, check)
    task = measuring(check, towards=False)
    await settle()
    surgery.leg.happens(Event.WorkerFailed(worker=0))
    await settle()
    surgery.house.clock.move(0.01)
    await settle()
    assert isinstance(task.exception(), Conflict)
    assert surgery.checks._measured == set()


async def test_whoever_sends_far_too_much_loses_the_leg(surgery: Surgery) -> None:
    check = surgery.begins()
    transport = await opened(surgery, check)
    large = "0" * 60_000
    for _ in range(MOST_RECEIVED_BYTES // len(large) + 1):
        transport.channels.incoming.put_nowait(("visavis", large))
    await until(lambda: surgery.leg.removed)


@given(st.one_of(st.binary(max_size=40), st.text(max_size=40), st.from_regex(r"[0-9]{1,20}")))
def test_an_acknowledgement_is_a_number_and_nothing_else(text: str | bytes) -> None:
    total = acknowledged_untrusted(text)
    if total is not None:
        assert isinstance(text, str)
        assert 0 <= total < 10**9
