"""The media plane, assembled: its tasks, its end, and what it shows of itself."""

from __future__ import annotations

import errno

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from structlog.testing import capture_logs

from relay import Relay
from relay.config import parse_config
from relay.errors import ConfigurationError, SeatTaken, WrongSecret
from relay.places.open_rooms import OpenRoom
from relay.rooms.closings import Closing
from relay.rooms.events import ParticipantLeft
from relay.rooms.permissions import Role
from relay.service import ROOMS_AT_ONCE, ROUND_S
from relay.transports.sdp import Candidate
from tests.unit.relay.conftest import CHROMIUM, grant
from tests.unit.relay.fakes import HandClock, settle
from tests.unit.relay.whole_engine import WholeEngine


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch) -> Relay:
    """A relay over a fake engine and a clock that a test moves."""
    monkeypatch.setattr("relay.service.MediaEngine", WholeEngine)
    monkeypatch.setattr(WholeEngine, "failure", None)
    config = parse_config('[media]\nlisten = ["192.0.2.7"]\n[rooms]\nseat_keep_s = 30')
    return Relay(config, clock=HandClock())


def clock_of(relay: Relay) -> HandClock:
    assert isinstance(relay._clock, HandClock)
    return relay._clock


async def test_it_is_ready_while_it_runs_and_takes_people_in(relay: Relay) -> None:
    assert not relay.ready()
    async with relay:
        assert relay.ready()
        relay.drain()
        assert not relay.ready()
    assert not relay.ready()
    assert WholeEngine.running == 0


@pytest.mark.parametrize("adaptation", [False, True])
async def test_pictures_follow_what_paths_carry_only_where_that_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, *, adaptation: bool
) -> None:
    monkeypatch.setattr("relay.service.MediaEngine", WholeEngine)
    config = parse_config(f"[media]\nadaptation = {str(adaptation).lower()}")
    async with Relay(config, clock=HandClock()) as relay:
        engine = relay._engine
        assert isinstance(engine, WholeEngine)
        assert (engine.heed is not None) is adaptation
        followed: list[OpenRoom] = []
        monkeypatch.setattr(relay._adapting, "follow", followed.append)
        await (await relay.join(grant("a"))).leave("left")
        assert bool(followed) is adaptation


@pytest.mark.parametrize("tcp", [False, True])
async def test_the_relays_addresses_are_told_by_tcp_only_where_it_listens(
    monkeypatch: pytest.MonkeyPatch, *, tcp: bool
) -> None:
    monkeypatch.setattr("relay.service.MediaEngine", WholeEngine)
    config = parse_config(f'[media]\nlisten = ["192.0.2.7"]\ntcp = {str(tcp).lower()}')
    async with Relay(config, clock=HandClock()) as relay:
        engine = relay._engine
        assert isinstance(engine, WholeEngine)
        assert engine.config.tcp is tcp
        (of_worker,) = relay._candidates
        by_udp, by_tcp = (Candidate("192.0.2.7", 7882, name) for name in ("udp", "tcp"))
        assert of_worker == ((by_udp, by_tcp) if tcp else (by_udp,))


async def test_it_is_healthy_while_workers_and_rounds_turn(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not relay.healthy()
    async with relay:
        assert relay.healthy()
        relay.drain()
        assert relay.healthy(), "who leaves in good order is not to be killed"
        for pause_ns, healthy in ((2_000_000_000, True), (10_000_000_000, False), (0, True)):
            monkeypatch.setattr(WholeEngine, "pause_ns", pause_ns)
            assert relay.healthy() is healthy
        await settle()
        clock_of(relay).move(10.5)
        assert not relay.healthy(), "no round for ten seconds"
        await settle()
        assert relay.healthy()
    assert not relay.healthy()


@pytest.mark.parametrize(("granted", "lines"), [(32 << 20, 0), (40 << 20, 0), (425_984, 1)])
async def test_receive_buffers_that_the_kernel_caps_are_said_once_at_the_start(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, granted: int, lines: int
) -> None:
    monkeypatch.setattr(WholeEngine, "granted_bytes", granted)
    with capture_logs() as said:
        async with relay:
            pass
    capped = [line for line in said if "receive buffers" in line["event"]]
    assert len(capped) == lines
    for line in capped:
        assert (line["log_level"], line["granted_bytes"], line["asked_bytes"]) == (
            "warning",
            granted,
            32 << 20,
        )
        assert line["sysctl"] == "net.core.rmem_max=16777216"


@pytest.mark.parametrize(("granted", "lines"), [(32 << 20, 0), ((32 << 20) - 2, 1)])
async def test_receive_buffers_of_an_odd_size_are_whole_with_one_byte_less(
    relay: Relay, monkeypatch: pytest.MonkeyPatch, granted: int, lines: int
) -> None:
    monkeypatch.setattr(WholeEngine, "granted_bytes", granted)
    config = parse_config(
        f'[media]\nlisten = ["192.0.2.7"]\nreceive_buffer_bytes = {(32 << 20) + 1}'
    )
    with capture_logs() as said:
        async with Relay(config, clock=clock_of(relay)):
            pass
    sysctls = [line["sysctl"] for line in said if "receive buffers" in line["event"]]
    assert sysctls == ["net.core.rmem_max=16777216"] * lines


async def test_a_worker_that_is_behind_takes_no_new_consultations(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with relay:
        monkeypatch.setattr(WholeEngine, "pause_ns", 2_000_000_000)
        assert not relay.ready()
        assert relay.healthy()


async def test_people_join_resume_and_see_the_relays_address(relay: Relay) -> None:
    async with relay:
        seat = await relay.join(grant("a"))
        with pytest.raises(SeatTaken):
            await relay.join(grant("a"))
        answer = await seat.negotiate(CHROMIUM, {}, fresh=True)
        assert "192.0.2.7 7882 typ host" in answer.sdp
        with pytest.raises(WrongSecret):
            await relay.resume(seat.id, "guess")
        again = await relay.resume(seat.id, seat.resume_secret)
        assert again.participant == seat.participant
        assert relay.status()["participants"] == 1


async def test_a_round_a_second_expires_seats(relay: Relay) -> None:
    async with relay:
        stays, goes = await relay.join(grant("a")), await relay.join(grant("b", Role.PATIENT))
        goes.detach()
        await settle()
        for _ in range(30):
            clock_of(relay).move(1)
            await settle()
        stays.detach()
        events = [event async for event in stays.events()]
        assert events[-1] == ParticipantLeft(goes.participant, "expired")


async def test_rooms_are_looked_after_once_a_second_and_not_all_in_one_turn(relay: Relay) -> None:
    async with relay:
        await settle()
        for number in range(2 * ROOMS_AT_ONCE + 1):
            await relay.join(grant("a", room=f"room-{number}"))
        await settle()
        clock_of(relay).move(ROUND_S)  # the next round knows all of them
        await settle()
        rooms = list(relay._seating.rooms.values())
        for _ in range(2):
            for room in rooms:
                room.unsettled = True
            waiting = []
            for _ in range(3):
                clock_of(relay).move(ROUND_S / 3 + 1e-6)  # a third, rounded up
                await settle()
                waiting.append(sum(room.unsettled for room in rooms))
            assert waiting == [ROOMS_AT_ONCE + 1, 1, 0]


async def test_stopping_tells_everybody_and_leaves_no_leg(relay: Relay) -> None:
    async with relay:
        first, second = await relay.join(grant("a")), await relay.join(grant("b"))
        await first.negotiate(CHROMIUM, {}, fresh=True)
        await settle()
        engine = relay._engine
        assert isinstance(engine, WholeEngine)
    assert engine.legs[0].removed
    for seat in (first, second):
        events = [event async for event in seat.events()]
        assert isinstance(events[-1], Closing)
        assert events[-1].code == "draining"
        assert not [event for event in events if isinstance(event, ParticipantLeft)]
    assert WholeEngine.running == 0


async def test_the_caller_may_fail_and_the_relay_still_stops(relay: Relay) -> None:
    async def serve() -> None:
        async with relay:
            await relay.join(grant("a"))
            raise InterruptedError

    with pytest.raises(InterruptedError):
        await serve()
    assert WholeEngine.running == 0


async def test_a_port_in_use_is_an_error_of_configuration(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WholeEngine, "failure", OSError(errno.EADDRINUSE, "Address in use"))
    with pytest.raises(ConfigurationError, match="7882 cannot be opened: Address in use"):
        await relay.__aenter__()


async def test_everything_can_be_scraped(relay: Relay) -> None:
    registry = CollectorRegistry()
    for collector in relay.collectors():
        registry.register(collector)
    async with relay:
        await relay.join(grant("a"))
        await settle()
        clock_of(relay).move(1)
        await settle()
        text = generate_latest(registry).decode()
    assert 'visavis_participants{role="practitioner"} 1.0' in text
    assert 'visavis_rtp_packets_total{direction="ingress",kind="audio"} 5.0' in text
    assert "visavis_event_loop_lag_seconds_count 1.0" in text
    assert "visavis_build_info{" in text
