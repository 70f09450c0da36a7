"""Reports on consultations that are open, and on those that ended a while ago.

A relay keeps no history of patients: what is over is forgotten after its time, and lies in memory
unless it is configured to be kept on the disk (`signalling.reports.store`). With nothing to be kept
or delivered nothing is written down at all. Hears what happens (`signalling.consultations`) and
changes nothing. Made by `signalling.platform`.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from relay.charts.chart import Chart
from relay.clock import Clock
from relay.ids import ConsultationId, RoomId
from relay.metrics.of_reports import REPORTS_KEPT
from relay.metrics.tally import Tally
from signalling.api.schemas import Report
from signalling.consultations import REPORT_READY, Observe, Occurrence
from signalling.reports.keeping import Keeping
from signalling.reports.record import Record
from signalling.reports.store import Store
from signalling.reports.telling import document_of, in_sentences, report_of, so_far

MAX_CLOSED_BYTES: Final = 1 << 30
"""Of ended consultations in memory: 42,000 of two people for a quarter of an hour, at 25,000 bytes
each at most. Four workers that hold 250 at once each in the busiest hour end 29,000 on that day, as
docs/planning.md counts."""
_NEARLY_FULL: Final = 0.9
"""Of that: where less is kept, there is room again."""
FORGET_EVERY_S: Final = 60.0
"""What is over its time stays in memory that much longer at most; nobody is given it."""


def _tells_nobody(_: Occurrence) -> None:
    """Whom a relay without webhooks tells that a report is ready."""


class ReportKeeper:
    """Every consultation that is open, and those that ended a while ago."""

    def __init__(
        self,
        now: Callable[[], datetime],
        monotonic_ns: Callable[[], int],
        tally: Tally,
        *,
        keep_s: float,
        delivers: bool = False,
        store: Store | None = None,
        max_closed_bytes: int = MAX_CLOSED_BYTES,
    ) -> None:
        """Begin with none.

        Args:
            now: Wall-clock time.
            monotonic_ns: The time of charts.
            tally: Where reports are counted.
            keep_s: How long reports are kept after the end; with 0 none is.
            delivers: Whether whom `ready` tells takes reports themselves: then they are made
                although none is kept.
            store: Where they lie; `None` is in memory.
            max_closed_bytes: At most so much of them lies there.

        """
        self.ready: Observe = _tells_nobody
        """Told when a consultation is over and its report may be fetched, or is delivered."""
        self._now = now
        self._monotonic_ns = monotonic_ns
        self._tally = tally
        self._keep = timedelta(seconds=keep_s)
        self._delivers = delivers
        self._store = store
        self._max_closed_bytes = max_closed_bytes
        self._closed_bytes = 0
        self._keeping = Keeping(tally, self._keep) if store is None else store.keeping
        self._open: dict[ConsultationId, Record] = {}
        self._by_room: dict[RoomId, Record] = {}
        self._closed: OrderedDict[ConsultationId, Record] = OrderedDict()

    def observe(self, occurrence: Occurrence) -> None:
        """Write down what happened."""
        if not self._keep and not self._delivers:
            return
        now_ns = self._monotonic_ns()
        record = self._open.get(occurrence.consultation)
        if record is None:
            name, room = occurrence.consultation, occurrence.room
            record = Record(name, room, occurrence.at, Chart(now_ns))
            self._open[record.consultation] = self._by_room[record.room] = record
        record.note(occurrence, now_ns)
        if record.closed_at is not None:
            self._put_aside(record, occurrence)

    def chart_of(self, room: RoomId) -> Chart | None:
        """Give the chart of the consultation that goes on in a room, to be filled."""
        record = self._by_room.get(room)
        return None if record is None else record.chart

    async def find(self, consultation: ConsultationId, *, utc_offset_min: int = 0) -> Report | None:
        """Report on a consultation; `None` where it is unknown or forgotten.

        Raises:
            StoreUnavailable: It may be on the disk, which cannot be read.

        """
        now = self._now()
        self._forget_old(now)
        record = self._open.get(consultation) or self._closed.get(consultation)
        if record is not None and record.closed_at is None:
            # Whoever takes part can make much to tell: that is no work for the event loop.
            return await asyncio.to_thread(in_sentences, so_far(record), utc_offset_min)
        if record is not None:
            # Hours take some tens of milliseconds, and nothing changes any more.
            return await asyncio.to_thread(report_of, record, utc_offset_min=utc_offset_min)
        if self._store is None:
            return None
        kept = await self._store.find(consultation, ended_after=now - self._keep)
        if kept is None:
            return None
        return await asyncio.to_thread(in_sentences, kept, utc_offset_min)

    async def keep_forgetting(self, clock: Clock) -> None:
        """Forget what is over its time, also while nothing happens.

        *Cancellation:* nothing is left behind.
        """
        while True:
            await clock.sleep(FORGET_EVERY_S)
            self._forget_old(self._now())

    def _put_aside(self, record: Record, occurrence: Occurrence) -> None:
        del self._open[record.consultation]
        if self._by_room.get(record.room) is record:
            del self._by_room[record.room]
        if self._store is not None:
            self._store.put(record)
        elif self._keep:
            self._closed[record.consultation] = record
            self._closed_bytes += record.size_bytes
            self._tally.adjust(REPORTS_KEPT, 1)
            self._forget_old(occurrence.at)
        self.ready(
            replace(
                occurrence,
                type=REPORT_READY,
                reason=None,
                kept_until=occurrence.at + self._keeping.lasts if self._keep else None,
                write_document=partial(document_of, record),
            )
        )

    def _forget_old(self, now: datetime) -> None:
        """Forget what is over its time, and the oldest where there is too much."""
        while self._closed:
            oldest = next(iter(self._closed.values()))
            assert oldest.closed_at is not None
            lasted = now - oldest.closed_at
            is_over = lasted > self._keep
            if not is_over and self._closed_bytes <= self._max_closed_bytes:
                break
            del self._closed[oldest.consultation]
            self._closed_bytes -= oldest.size_bytes
            self._tally.adjust(REPORTS_KEPT, -1)
            if not is_over:
                self._keeping.gave_up(1, lasted)
        if self._store is None and self._closed_bytes < _NEARLY_FULL * self._max_closed_bytes:
            self._keeping.has_room()
