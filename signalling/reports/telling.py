"""From a record to the report that a platform reads.

Pure. Called by `signalling.reports.keeper`.
"""

from __future__ import annotations

from typing import Final, cast

import msgspec

from relay.charts.growth import FlowKey
from relay.charts.rows import Rows
from relay.rooms.events import ReceiverState
from signalling.api.schemas import (
    Attendance,
    Course,
    Report,
    ReportedAdaptation,
    ReportedCut,
    ReportedNetwork,
    ReportedPrecall,
    ReportedSilence,
    Slots,
    Summary,
)
from signalling.consultations import Document
from signalling.reports.record import Record
from signalling.reports.summary import summary_of
from signalling.reports.words import EN, FR

_THOUSAND: Final = 1_000
_HUNDRED: Final = 100


def report_of(record: Record, *, utc_offset_min: int = 0) -> Report:
    """Tell what is known of a consultation, while it goes on or after its end.

    Args:
        record: As it is written down by now.
        utc_offset_min: By how much the times in its sentences are ahead of UTC; moments are UTC.

    """
    return in_sentences(so_far(record), utc_offset_min)


def so_far(record: Record) -> Report:
    """Give what is written down by now, without a summary; it does not change with the record."""
    return Report(
        consultation=record.consultation,
        room=record.room,
        opened_at=record.opened_at,
        closed_at=record.closed_at,
        summary=Summary(en=(), fr=()),
        participants=_participants(record),
        silences=_silences(record),
        cuts=_cuts(record),
        networks=_networks(record),
        adaptations=_adaptations(record),
        precalls=_precalls(record),
        incidents=tuple(record.incidents),
        slots=Slots(
            begins_at=record.opened_at, width_s=record.chart.slot_s, count=record.chart.count
        ),
        courses=tuple(_course(flow, rows) for flow, rows in record.chart.flows.items()),
        left_out=record.left_out,
    )


def in_sentences(report: Report, utc_offset_min: int) -> Report:
    """Give a report with its summary in the times of a place."""
    report.summary = Summary(
        en=summary_of(report, EN, utc_offset_min), fr=summary_of(report, FR, utc_offset_min)
    )
    return report


def document_of(record: Record, max_bytes: int) -> Document:
    """Write the report on a consultation that is over as JSON, its sentences in UTC.

    Args:
        record: Of it; nothing changes in it any more.
        max_bytes: Where it would be larger its courses are left out, and else all of it.

    """
    report = report_of(record)
    whole = msgspec.json.encode(report)
    if len(whole) <= max_bytes:
        return Document(whole)
    report.courses = ()
    short = msgspec.json.encode(report)
    if len(short) <= max_bytes:
        return Document(short, lacks="courses")
    return Document(b"", lacks="document")


def _participants(record: Record) -> tuple[Attendance, ...]:
    return tuple(
        Attendance(
            identity=stay.identity,
            participant=stay.participant,
            role=stay.role,
            waited_from=stay.waited_from,
            joined_at=stay.joined_at,
            left_at=stay.left_at,
            reason=stay.reason,
        )
        for stay in record.stays()
    )


def _silences(record: Record) -> tuple[ReportedSilence, ...]:
    return tuple(
        ReportedSilence(
            participant=spell.who.participant,
            source=spell.who.source,
            receiver=spell.who.receiver,
            began_at=spell.began_at,
            ended_at=spell.ended_at,
            stage=spell.stage,
            cause=spell.cause,
        )
        for spell in record.spells()
    )


def _cuts(record: Record) -> tuple[ReportedCut, ...]:
    return tuple(
        ReportedCut(
            participant=cut.participant,
            began_at=record.moment(cut.began_ns),
            ended_at=None if cut.ended_ns is None else record.moment(cut.ended_ns),
            cause=cut.cause,
        )
        for cut in record.chart.cuts.every()
    )


def _networks(record: Record) -> tuple[ReportedNetwork, ...]:
    return tuple(
        ReportedNetwork(
            participant=each.participant,
            at=record.moment(each.at_ns),
            transport=each.network.transport,
            relayed=each.network.relayed,
            ip=each.network.ip,
        )
        for each in record.chart.passed
    )


def _adaptations(record: Record) -> tuple[ReportedAdaptation, ...]:
    return tuple(
        ReportedAdaptation(
            participant=each.participant,
            at=record.moment(each.at_ns),
            # As the relay told the participant; a chart knows of no room.
            state=cast("ReceiverState", each.state),
        )
        for each in record.chart.adapted
    )


def _precalls(record: Record) -> tuple[ReportedPrecall, ...]:
    return tuple(
        ReportedPrecall(
            participant=each.participant, at=record.moment(each.at_ns), result=each.result
        )
        for each in record.chart.checked
    )


def _course(flow: FlowKey, rows: Rows) -> Course:
    slots = list(rows)
    return Course(
        participant=flow.participant,
        direction=flow.direction,
        medium=flow.medium,
        first=rows.first,
        kbps=tuple(row.kbps for row in slots),
        loss_ratio=tuple(_ratio(row.lost_permille, _THOUSAND) for row in slots),
        jitter_ms=tuple(row.jitter_ms for row in slots),
        flawed_ratio=tuple(_ratio(row.flawed_percent, _HUNDRED) for row in slots),
    )


def _ratio(parts: int | None, of: int) -> float | None:
    return None if parts is None else parts / of
