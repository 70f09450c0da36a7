"""One leg's task tree: what is left when it ends, however it ends."""

from __future__ import annotations

import gc
from types import SimpleNamespace
from typing import Any, Never

import pytest

from relay.engine import Event
from relay.errors import HandshakeFailed, Malformed
from relay.ids import WorkerIndex
from relay.legs.leg import Leg
from relay.rooms.events import ConnectionChanged
from relay.rooms.leg_states import LegState
from relay.session import contain, supervise
from tests.unit.relay.conftest import CHROMIUM, House, Person
from tests.unit.relay.fakes import KEYS, FakeEngine, FakeTransport, settle


def connections(person: Person) -> list[tuple[LegState, str | None]]:
    """What somebody was told of their leg."""
    return [(e.state, e.reason) for e in person.hears() if isinstance(e, ConnectionChanged)]


async def test_keys_reach_the_engine_when_the_handshake_is_done(house: House) -> None:
    person = house.enters("a")
    await person.offer()
    assert person.leg.keys is None
    assert person.transport.timeout_s == 15.0
    person.transport.handshake.set_result(KEYS)
    await settle()
    assert person.leg.keys is KEYS
    assert connections(person) == [(LegState.CONNECTING, None), (LegState.CONNECTED, None)]


async def test_cancelling_removes_the_leg_then_closes_the_transport(house: House) -> None:
    person = house.enters("a")
    await person.connect()
    number = person.leg.id
    assert person.place.leg is not None
    assert person.place.leg.task is not None
    person.place.leg.task.cancel()
    await settle()
    assert house.engine.journal[:2] == [f"remove leg {number}", "close transport"]


async def test_a_session_cancelled_before_its_first_step_leaves_no_leg(house: House) -> None:
    person = house.enters("a")
    await person.seat.negotiate(CHROMIUM, {}, fresh=True)
    leg = person.leg
    await person.seat.leave("left")
    await settle()
    assert leg.removed


async def test_a_handshake_that_fails_is_told_counted_and_nobody_elses(house: House) -> None:
    person, other = house.enters("a"), house.enters("b")
    await other.connect()
    await person.offer()
    leg = person.leg
    leg.happens(Event.Connected(leg=leg.id))
    await settle()
    person.transport.handshake.set_exception(HandshakeFailed("fingerprint_mismatch"))
    await settle()
    assert connections(person)[-1] == (LegState.FAILED, "fingerprint_mismatch")
    assert house.counted("visavis_dtls_failures") == {("fingerprint_mismatch",): 1}
    assert leg.removed
    assert leg.keys is None
    assert person.place.leg is None
    assert other.place.leg is not None
    assert not other.leg.removed


async def test_a_handshake_without_a_path_is_a_failure_of_ice(house: House) -> None:
    person = house.enters("a")
    await person.offer()
    person.transport.handshake.set_exception(HandshakeFailed("timeout"))
    await settle()
    assert connections(person)[-1] == (LegState.FAILED, "no_path")
    assert house.counted("visavis_ice_failures") == {("no_path",): 1}


async def test_a_goodbye_ends_the_leg_without_a_failure(house: House) -> None:
    person = house.enters("a")
    await person.connect()
    leg = person.leg
    person.hears()
    person.transport.goodbye.set()
    await settle()
    assert leg.removed
    assert connections(person) == []
    assert person.place.leg is None


async def test_a_peer_that_passes_a_bound_loses_its_leg_with_a_reason(house: House) -> None:
    person = house.enters("a")
    await person.connect()
    await person.transport.channels.incoming.put(Malformed("too_fast"))
    await settle()
    assert connections(person)[-1] == (LegState.FAILED, "too_fast")
    assert house.counted("visavis_leg_failures") == {("too_fast",): 1}


async def test_a_bug_met_by_one_participant_stays_with_them(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    person, other = house.enters("a"), house.enters("b")
    await other.connect()
    await person.connect()
    await person.transport.channels.incoming.put(RuntimeError("a bug"))
    await settle()
    assert connections(person)[-1] == (LegState.FAILED, "internal")
    assert house.counted("visavis_leg_failures") == {("internal",): 1}
    assert other.place.leg is not None
    assert "a session failed" in capsys.readouterr().out


async def test_after_a_failure_a_fresh_offer_connects_again(house: House) -> None:
    person = house.enters("a")
    await person.offer()
    person.transport.handshake.set_exception(HandshakeFailed("timeout"))
    await settle()
    await person.connect()
    assert connections(person)[-1] == (LegState.CONNECTED, None)


async def test_a_transport_that_cannot_be_closed_is_a_bug_and_stays_with_its_leg(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What cleaning up raises comes alone, and not in a group with what the leg ended by."""

    async def fail(_: FakeTransport) -> None:
        raise RuntimeError

    monkeypatch.setattr(FakeTransport, "aclose", fail)
    person = house.enters("a")
    await person.connect()
    person.transport.goodbye.set()
    await settle()
    assert connections(person)[-1] == (LegState.FAILED, "internal")
    assert house.counted("visavis_leg_failures") == {("internal",): 1}
    assert "a session failed" in capsys.readouterr().out


def test_a_room_whose_round_fails_does_not_stop_the_rounds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> None:
        raise ValueError

    contain(fail)
    assert "round failed" in capsys.readouterr().out


async def test_the_log_of_a_bug_quotes_nothing_the_participant_sent(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    person = house.enters("a")
    await person.connect()
    await person.transport.channels.incoming.put(RuntimeError("what the patient said"))
    await settle()
    logged = capsys.readouterr().out
    assert "RuntimeError" in logged
    assert "what the patient said" not in logged
    assert person.seat.participant not in logged


class Untold:
    """A transport that fails, and a witness that fails when it is told."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    async def connect(self, _: float) -> Never:
        raise self.failure

    async def aclose(self) -> None:
        """Nothing is open."""

    def handle_state(self, *_: object) -> Never:
        raise RuntimeError


async def test_a_failure_that_cannot_be_told_is_let_go_of_all_the_same() -> None:
    failure = HandshakeFailed("timeout")
    both: Any = Untold(failure)
    leg: Any = SimpleNamespace(id=1, engine=FakeEngine().leg(WorkerIndex(0)))
    with pytest.raises(RuntimeError):
        await supervise(leg, both, both, connect_timeout_s=1.0)
    assert failure.__traceback__ is None


async def test_what_served_a_leg_that_failed_is_gone_with_it(house: House) -> None:
    """Without the collector's help, which stops the event loop for everybody."""
    person = house.enters("a")
    await person.offer()
    gc.collect()
    gc.disable()
    try:
        person.transport.handshake.set_exception(HandshakeFailed("fingerprint_mismatch"))
        await settle()
        await person.seat.leave("left")
        await settle()
        del person
        assert not [each for each in gc.get_objects() if isinstance(each, Leg)]
    finally:
        gc.enable()


async def test_what_served_a_leg_that_was_closed_is_gone_with_it(house: House) -> None:
    """As above: most legs are closed, while they wait for messages."""
    person = house.enters("a")
    await person.connect()
    assert person.transport.started == 1
    gc.collect()
    gc.disable()
    try:
        await person.seat.leave("left")
        await settle()
        del person
        assert not [each for each in gc.get_objects() if isinstance(each, Leg)]
    finally:
        gc.enable()
