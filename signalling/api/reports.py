"""What a platform asks about a consultation, while it goes on and for a while after.

One function for each operation, as in `signalling.api.rooms`. Called through
`signalling.api.operations`.
"""

from __future__ import annotations

import asyncio

from relay.ids import ConsultationId
from relay.metrics.of_reports import REPORTS
from signalling.api import schemas as s
from signalling.api.desk import Desk
from signalling.api.errors import NoSuchConsultation
from signalling.api.html_page import HtmlPage
from signalling.reports.page import page_of
from signalling.reports.style import POLICY


async def show_report(desk: Desk, *, path: s.InConsultation, query: s.Reading) -> s.Report:
    """Report on a consultation, while it goes on or after its end."""
    report = await _find(desk, path.consultation, query.utc_offset_min)
    desk.relay.tally.count(REPORTS, outcome="json")
    return report


async def show_report_page(desk: Desk, *, path: s.InConsultation, query: s.PageReading) -> HtmlPage:
    """Report on a consultation as a page that can be read and printed."""
    report = await _find(desk, path.consultation, query.utc_offset_min)
    # An hour's figures are thousands of cells: the event loop has others to serve meanwhile.
    text = await asyncio.to_thread(page_of, report, query.lang, query.utc_offset_min)
    desk.relay.tally.count(REPORTS, outcome="html")
    return HtmlPage(text, POLICY)


async def _find(desk: Desk, consultation: str, utc_offset_min: int) -> s.Report:
    """Find a report.

    Raises:
        NoSuchConsultation: Nothing is known of it, or not any more.
        StoreUnavailable: It may be on the disk, which cannot be read.

    """
    name = ConsultationId(consultation)
    report = await desk.reports.find(name, utc_offset_min=utc_offset_min)
    if report is None:
        raise NoSuchConsultation
    return report
