"""What there is just now."""

from __future__ import annotations

from collections import Counter

from relay.metrics import of_paths, of_platforms, of_reports, table
from relay.monitoring.gauges import gauges, status
from relay.rooms.permissions import Role
from tests.unit.relay.conftest import House


async def test_an_empty_relay_shows_zeros(house: House) -> None:
    values = gauges(house.seating, Counter(), Counter())
    all_gauges = {metric for metric in table.METRICS if metric.type == "gauge"}
    counted_elsewhere = {
        table.WEBSOCKETS,  # by signalling
        of_platforms.WEBHOOKS_QUEUED,  # as well
        table.RETRANSMISSION_CACHE,  # by the engine
        of_paths.LEG_TRANSPORTS,  # as well
        of_paths.TCP_CONNECTIONS,  # as well
        of_reports.REPORTS_KEPT,  # by signalling
    }
    assert set(values) == all_gauges - counted_elsewhere
    assert all(value == 0 for series in values.values() for value in series.values())
    assert values[table.PARTICIPANTS].keys() == {(role.value,) for role in Role}


async def test_a_consultation_is_counted_by_role_state_and_kind(house: House) -> None:
    practitioner, patient = house.enters("a"), house.enters("b", Role.PATIENT)
    await practitioner.connect()
    await patient.offer()
    patient.seat.detach()
    values = gauges(house.seating, Counter(), Counter())
    assert values[table.ROOMS][()] == 1
    assert values[table.PARTICIPANTS]["patient",] == 1
    assert values[table.SEATS_KEPT][()] == 1
    assert values[table.LEGS] == {("connecting",): 1, ("connected",): 1, ("interrupted",): 0}
    assert values[table.TRACKS] == {
        ("ingress", "audio"): 2,
        ("ingress", "video"): 2,
        ("egress", "audio"): 2,
        ("egress", "video"): 2,
    }
    assert status(values)["participants"] == 2
