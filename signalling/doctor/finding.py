"""What a check says: a verdict, what is the matter, who must act, and what to do.

Pure. Used by every check and by the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

OPERATOR: Final = "the relay's operator"
"""Whoever writes the relay's configuration and starts it."""

ADMINISTRATOR: Final = "the machine's administrator (root)"
"""Whoever may change the kernel's settings, or those of the service manager."""


class Verdict(StrEnum):
    """How serious a finding is, the most serious first."""

    TROUBLE = "trouble"
    """The relay does not start, or people cannot use it, or lose packets."""
    WARNING = "warning"
    """It works, and will not in a case that the finding names."""
    OK = "ok"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found."""

    check: str
    """Which check: a stable name in words, for people and for programs."""
    verdict: Verdict
    words: str
    who: str = ""
    """Who must act; empty where nobody needs to."""
    action: str = ""
    """What they do: a command where there is one, or a key to set; empty where `who` is."""


def ok(check: str, words: str) -> Finding:
    """Say that something is in order."""
    return Finding(check, Verdict.OK, words)


def warning(check: str, words: str, *, who: str, action: str) -> Finding:
    """Say what will go wrong in some case."""
    return Finding(check, Verdict.WARNING, words, who, action)


def trouble(check: str, words: str, *, who: str, action: str) -> Finding:
    """Say what is wrong."""
    return Finding(check, Verdict.TROUBLE, words, who, action)


def most_serious_first(findings: list[Finding]) -> list[Finding]:
    """Sort by verdict; equals stay in the order in which they were examined."""
    ranks = list(Verdict)
    return sorted(findings, key=lambda finding: ranks.index(finding.verdict))
