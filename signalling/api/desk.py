"""What the API's operations work with: the relay, the rooms that were created, keys, reports, time.

Holds and decides nothing. Made by `signalling.platform`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from relay.config import RelayConfig
from relay.moderation.room_desk import RoomDesk
from relay.moderation.steering import Steering
from signalling.api.register import Register
from signalling.consultations import Consultations
from signalling.keys import KeyRing
from signalling.reports.keeper import ReportKeeper

if TYPE_CHECKING:
    from relay.service import Relay


@dataclass(frozen=True, slots=True)
class Desk:
    """One relay's."""

    config: RelayConfig
    relay: Relay
    rooms: RoomDesk
    consultations: Consultations
    signing_keys: KeyRing
    register: Register
    reports: ReportKeeper
    unix_now_s: Callable[[], float]

    @property
    def steering(self) -> Steering:
        """Open rooms."""
        return self.relay.steering

    def now(self) -> datetime:
        """Give the wall-clock time."""
        return datetime.fromtimestamp(self.unix_now_s(), UTC)
