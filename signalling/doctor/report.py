"""Findings as people read them, and as programs do.

Pure text, without colour. Called by `signalling.__main__`.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from typing import Any, Final

import msgspec

from signalling.doctor.finding import Finding, Verdict, most_serious_first

_WIDTH: Final = 100
_VERDICTS: Final = {Verdict.TROUBLE: "TROUBLE", Verdict.WARNING: "WARNING", Verdict.OK: "ok"}
_VERDICT_WIDTH: Final = 9


def report(findings: list[Finding]) -> str:
    """Write the findings, the most serious first, and a line of totals.

    Sentences are wrapped; an action never is, so that a command can be copied.
    """
    indent = _VERDICT_WIDTH + max(len(finding.check) for finding in findings) + 2
    lines: list[str] = []
    for finding in most_serious_first(findings):
        head = _VERDICTS[finding.verdict].ljust(_VERDICT_WIDTH) + finding.check
        lines += textwrap.wrap(
            finding.words,
            _WIDTH,
            initial_indent=head.ljust(indent),
            subsequent_indent=" " * indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
        if finding.who:
            lines += [f"{'':{indent}}Who: {finding.who}", f"{'':{indent}}Do:  {finding.action}"]
    counts = _counts(findings)
    plural = "s" * (counts[Verdict.WARNING] != 1)
    totals = (
        f"{counts[Verdict.TROUBLE]} trouble, {counts[Verdict.WARNING]} warning{plural}, "
        f"{counts[Verdict.OK]} ok"
    )
    return "\n".join([*lines, "", totals])


def document(findings: list[Finding]) -> str:
    """Write the same as JSON: the worst verdict, totals, and every finding with all its fields."""
    sorted_findings = most_serious_first(findings)
    content: dict[str, Any] = {
        "verdict": sorted_findings[0].verdict,
        "counts": _counts(findings),
        "findings": sorted_findings,
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=1).decode()


def exit_code(findings: list[Finding]) -> int:
    """Give 1 where there is trouble, else 0."""
    return int(any(finding.verdict is Verdict.TROUBLE for finding in findings))


def _counts(findings: list[Finding]) -> dict[Verdict, int]:
    found = Counter(finding.verdict for finding in findings)
    return {verdict: found[verdict] for verdict in Verdict}
