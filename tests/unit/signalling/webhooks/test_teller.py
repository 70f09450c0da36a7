"""From a happening to a platform that hears it: durable, retried, bounded, and in nobody's way."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from relay.config import parse_config
from relay.ids import RoomId, new_consultation_id, new_participant_id
from relay.metrics.of_platforms import WEBHOOK_DELAY, WEBHOOKS, WEBHOOKS_QUEUED
from relay.metrics.tally import Tally
from relay.rooms.permissions import Role
from signalling.audit import Audit, opaque
from signalling.consultations import Occurrence
from signalling.database import Database, StoreUnavailable
from signalling.webhooks.teller import Teller
from tests.polling import until
from tests.unit.relay.fakes import HandClock
from tests.unit.signalling.webhooks.conftest import SECRET, Receiver

DAY_S = 24 * 3_600
CONSULTATION = new_consultation_id()


@dataclass
class Relay:
    """Everything of one life of a relay that webhooks are made of."""

    teller: Teller
    tally: Tally
    clock: HandClock
    folder: Path

    def tell(self, what: str, room: str = "a") -> None:
        at = datetime.fromtimestamp(self.clock.now_ns() / 1e9, UTC)
        self.teller.observe(
            Occurrence(
                type=what,
                at=at,
                consultation=CONSULTATION,
                room=RoomId(room),
                participant=new_participant_id(),
                identity="somebody",
                role=Role.PATIENT,
            )
        )

    def counted(self, outcome: str) -> float:
        return self.tally.counters.get(WEBHOOKS, {}).get((outcome,), 0)

    def queued(self) -> float:
        return self.tally.gauges.get(WEBHOOKS_QUEUED, {}).get((), 0)

    async def until(self, is_so: Callable[[], bool], *, step_s: float = 0.0) -> None:
        """Let time pass until something is so; it stands while a try is under way."""

        def look() -> bool:
            if not (is_it_so := is_so()) and not self.teller._sender._busy:
                self.clock.move(step_s)
            return is_it_so

        await until(look, within_s=50)

    def audited(self) -> list[str]:
        path = self.folder / "audit.jsonl"
        return path.read_text().splitlines() if path.exists() else []


@asynccontextmanager
async def running(
    folder: Path, url: str, clock: HandClock | None = None, more: str = ""
) -> AsyncIterator[Relay]:
    """Run webhooks on a state folder, and stop them in good order."""
    secrets = folder / "webhook-secrets"
    secrets.touch(mode=0o600)
    secrets.write_text(SECRET)
    clock, tally = clock or HandClock(), Tally()

    def unix_now_s() -> float:
        return clock.now_ns() / 1e9

    def now() -> datetime:
        return datetime.fromtimestamp(unix_now_s(), UTC)

    database = Database(folder / "platform.sqlite3")
    audit = Audit(folder / "audit.jsonl", max_bytes=1 << 20, keep_days=1, now=now)
    config = parse_config(
        f'[keys]\nstate_dir = "{folder}"\n[webhooks]\nurl = "{url}"\nallow_http = true\n'
        f"allow_private = true\n{more}"
    )
    teller = Teller(
        config,
        database=database,
        audit=audit,
        tally=tally,
        clock=clock,
        unix_now_s=unix_now_s,
        now=now,
    )
    try:
        await teller.load()
        async with teller.running():
            yield Relay(teller, tally, clock, folder)
    finally:
        await audit.close()
        await database.close()


async def test_what_happens_is_heard_in_order_with_who_and_where(
    tmp_path: Path, receiver: Receiver
) -> None:
    async with running(tmp_path, receiver.url) as relay:
        relay.tell("room.opened")
        relay.tell("participant.joined")
        relay.tell("silence.refined")
        relay.tell("participant.left")
        await relay.until(lambda: relay.counted("heard") == 3)
        await relay.until(lambda: relay.queued() == 0)
    assert receiver.types == ["room.opened", "participant.joined", "participant.left"]
    joined = receiver.heard[1]
    assert joined["data"]["room"] == "a"
    assert joined["data"]["consultation"] == CONSULTATION
    assert joined["data"]["identity"] == "somebody"
    assert joined["data"]["role"] == "patient"
    assert "reason" not in joined["data"]
    assert relay.tally.histograms[WEBHOOK_DELAY][()].counts[0] == 3


async def test_what_was_not_heard_is_told_again_with_the_same_name_and_nothing_overtakes_it(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.answers += [500, 503, 404]
    async with running(tmp_path, receiver.url) as relay:
        relay.tell("participant.joined")
        relay.tell("participant.left")
        await relay.until(lambda: relay.counted("heard") == 2, step_s=0.1)
    assert receiver.types == ["participant.joined", "participant.left"]
    names = [headers["webhook-id"] for headers in receiver.tries]
    assert len(set(names[:4])) == 1
    assert relay.counted("refused") == 3


async def test_a_room_whose_event_is_refused_does_not_hold_up_another(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.answers += [500]
    async with running(tmp_path, receiver.url) as relay:
        relay.tell("participant.joined", "a")
        await relay.until(lambda: relay.counted("refused") == 1)
        relay.tell("participant.joined", "b")
        await relay.until(lambda: relay.counted("heard") == 1)
        assert receiver.heard[0]["data"]["room"] == "b"
        await relay.until(lambda: relay.counted("heard") == 2, step_s=0.1)


async def test_what_was_not_heard_is_told_after_a_restart(
    tmp_path: Path, receiver: Receiver
) -> None:
    async with running(tmp_path, "http://127.0.0.1:1/") as relay:
        relay.tell("room.opened")
        await relay.until(lambda: relay.counted("unreachable") == 1)
        relay.tell("participant.joined")
    later = relay.clock
    later.move(60)
    async with running(tmp_path, receiver.url, later) as relay:
        assert relay.queued() == 2
        await relay.until(lambda: relay.queued() == 0, step_s=0.1)
    assert receiver.types == ["room.opened", "participant.joined"]
    async with running(tmp_path, receiver.url, later) as relay:
        assert relay.queued() == 0
    assert (tmp_path / "platform.sqlite3").stat().st_mode & 0o777 == 0o600


async def test_after_a_day_an_event_is_given_up_and_that_is_written_down(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.answers += [500] * 100
    async with running(tmp_path, receiver.url) as relay:
        relay.tell("participant.joined")
        began_ns = relay.clock.now_ns()
        await relay.until(lambda: relay.counted("given_up") == 1, step_s=60)
        assert DAY_S - 2 * 3_600 < (relay.clock.now_ns() - began_ns) / 1e9 < DAY_S + 3_600
        await relay.until(lambda: relay.queued() == 0)
        receiver.answers.clear()
        relay.tell("participant.left")
        await relay.until(lambda: relay.counted("heard") == 1, step_s=0.1)
    assert 20 <= relay.counted("refused") <= 40
    (line,) = relay.audited()
    assert '"did":"dropWebhooks"' in line
    assert '"outcome":"given_up"' in line
    assert opaque("a") in line
    assert "somebody" not in line


async def test_a_receiver_that_wants_no_more_is_left_alone(
    tmp_path: Path, receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver.answers += [410]
    async with running(tmp_path, receiver.url) as relay:
        relay.tell("participant.joined")
        await relay.until(lambda: relay.counted("gone") == 1)
        relay.tell("participant.left")
        await relay.until(lambda: relay.queued() == 2)
        for _ in range(20):
            relay.clock.move(600)
            await relay.teller._outbox.count()  # behind whatever the sender has asked for
        assert len(receiver.tries) == 1
    assert "410" in capsys.readouterr().out


async def test_what_nobody_wants_any_more_is_kept_for_a_day_and_not_for_ever(
    tmp_path: Path, receiver: Receiver
) -> None:
    receiver.answers += [410]
    async with running(tmp_path, receiver.url) as relay:
        relay.tell("participant.joined", "a")
        await relay.until(lambda: relay.counted("gone") == 1)
        relay.clock.move(DAY_S / 2)
        relay.tell("participant.joined", "b")
        await relay.until(lambda: relay.queued() == 2)
        relay.clock.move(DAY_S / 2)
        await relay.until(lambda: relay.queued() == 1, step_s=60)
        relay.clock.move(DAY_S / 2 - 7_200)
        await relay.until(lambda: relay.queued() == 0, step_s=60)
        assert relay.counted("given_up") == 2
        await relay.until(lambda: len(relay.audited()) == 2)
    assert all('"outcome":"given_up"' in line for line in relay.audited())
    assert len(receiver.tries) == 1
    async with running(tmp_path, receiver.url, relay.clock) as again:
        assert again.queued() == 0


async def test_beyond_the_bound_the_oldest_go_and_that_is_written_down(
    tmp_path: Path, receiver: Receiver
) -> None:
    async with running(tmp_path, "http://127.0.0.1:1/", more="max_queued = 3") as relay:
        for number in range(5):
            relay.tell("participant.joined", f"room-{number}")
        await relay.until(lambda: relay.counted("displaced") == 2)
        assert relay.queued() == 3
        await relay.until(lambda: len(relay.audited()) == 1)
    later = relay.clock
    later.move(7_200)
    async with running(tmp_path, receiver.url, later) as relay:
        await relay.until(lambda: relay.counted("heard") == 3, step_s=0.1)
    rooms = {event["data"]["room"] for event in receiver.heard}
    assert rooms == {"room-2", "room-3", "room-4"}


async def test_nobody_waits_for_the_disk(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = threading.Event()
    with monkeypatch.context() as slow:
        slow.setattr("signalling.webhooks.teller.MAX_UNSTORED", 3)
        async with running(tmp_path, receiver.url) as relay:
            held = asyncio.create_task(relay.teller._outbox._database.do(lambda _: stuck.wait()))
            for _ in range(5):
                relay.tell("participant.joined")  # returns, though nothing can be written
            assert relay.counted("lost") == 2
            assert receiver.heard == []
            stuck.set()
            await held
            await relay.until(lambda: relay.counted("heard") == 3)


async def test_a_disk_that_refuses_is_tried_again(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, receiver.url) as relay:
        with monkeypatch.context() as full:
            full.setattr(relay.teller._outbox._database, "_do", fails_as_the_database_does)
            relay.tell("participant.joined")
            for _ in range(5):
                relay.clock.move(0.1)
                await asyncio.to_thread(int)
            assert receiver.heard == []
        await relay.until(lambda: relay.counted("heard") == 1, step_s=1.0)


def fails_as_the_database_does(*_: object, **__: object) -> None:
    raise StoreUnavailable


async def test_secrets_may_be_changed_while_it_runs(tmp_path: Path, receiver: Receiver) -> None:
    new = f"whsec_{base64.b64encode(b'n' * 32).decode()}"
    async with running(tmp_path, receiver.url) as relay:
        (tmp_path / "webhook-secrets").write_text(f"{new}\n{SECRET}\n")
        await relay.teller._secrets.look_once()
        relay.tell("participant.joined")
        await relay.until(lambda: relay.counted("heard") == 1)
    assert len(receiver.tries[0]["webhook-signature"].split()) == 2
