"""Reports on their way to the disk: none is lost because many end at once."""

from __future__ import annotations

from relay.config import RoomsConfig
from signalling.reports.store import MAX_UNWRITTEN


def test_the_reports_of_all_rooms_can_wait_for_the_disk_when_a_relay_stops() -> None:
    assert RoomsConfig().max_rooms <= MAX_UNWRITTEN
