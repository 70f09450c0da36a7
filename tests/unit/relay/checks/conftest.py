"""A media plane in which people check before they come."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from relay.checks.check import Check
from relay.checks.desk import Checks
from relay.config import ChecksConfig
from relay.precall import Checked, CheckResult, Finding, Outcome, PathKind, PrecallVerdict
from relay.rooms.happenings import Happening
from tests.unit.relay.conftest import CHROMIUM, House, grant
from tests.unit.relay.fakes import KEYS, FakeLeg, FakeTransport, settle

LIMITED = CheckResult(
    verdict=PrecallVerdict.LIMITED,
    findings=(Finding(of=Checked.CAMERA, outcome=Outcome.BAD, code="device_busy"),),
    from_kbps=800,
)


@dataclass
class Surgery:
    """A house, and what happened in it."""

    house: House
    checks: Checks
    happened: list[Happening] = field(default_factory=list)

    def begins(self, identity: str = "b") -> Check:
        """Let somebody begin a check."""
        return self.checks.begin(grant(identity))

    async def up(self, check: Check, path: PathKind = PathKind.UDP) -> FakeTransport:
        """Try a way, which comes up."""
        check.answer(path, CHROMIUM)
        transport = self.transport
        await settle()
        transport.handshake.set_result(KEYS)
        await settle()
        return transport

    @property
    def transport(self) -> FakeTransport:
        """The transport opened last."""
        return self.house.transports.opened[-1]

    @property
    def leg(self) -> FakeLeg:
        """The leg opened last."""
        return self.house.engine.legs[-1]


@pytest.fixture
def surgery(house: House) -> Surgery:
    """A house in which checks are made."""
    config = ChecksConfig(measured_at_once=2)
    surgery = Surgery(house, Checks(house.seating, house.means, config))
    house.seating.happened = surgery.happened.append
    return surgery
