"""Runs of load whose figures would say nothing of the server: they end with a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.repetition import PeopleMissing, mean_shares
from benchmarks.harness.stage import Stage


def refuse_damage(stages: Sequence[Stage], *, opens_all: bool) -> None:
    """Refuse figures of media that came out wrong, or at the wrong place.

    Args:
        stages: Of one run.
        opens_all: Whether a datagram that could not be opened is wrong.

    Raises:
        BenchmarkFailed: There is some.

    """
    wrongs = {
        "payloads came out other than they went in": "damaged",
        "datagrams could not be opened": "unusable",
        "packets reached somebody of another consultation": "misdelivered",
    }
    for words, name in wrongs.items():
        if name == "unusable" and not opens_all:
            continue
        count = sum(stage.found[name] for stage in stages)
        if count:
            raise BenchmarkFailed(f"{count} {words}")


def refuse_absence(stages: Sequence[Stage], whole: Sequence[int]) -> None:
    """Refuse figures from which the participants that a server dropped would be missing.

    Args:
        stages: Of one run.
        whole: How many consultations are to be whole in each.

    Raises:
        PeopleMissing: Somebody is.
        BenchmarkFailed: Nothing arrived at all.

    """
    for stage, expected in zip(stages, whole, strict=True):
        name, found = stage.found["name"], int(stage.found["consultations"])
        if stage.ended:
            reasons = ", ".join(f"{count} {why}" for why, count in stage.found["ended"].items())
            words = f"«{name}»: signalling of participants ended ({reasons})"
            raise PeopleMissing(words, mean_shares(stages))
        if found < expected:
            words = (
                f"«{name}»: {found} of {expected} consultations were whole while it was measured; "
                "the others would be missing from its figures"
            )
            raise PeopleMissing(words, mean_shares(stages))
        if expected and not stage.path("relayed", clean=False)["received"]:
            raise BenchmarkFailed(f"«{name}»: not a packet of {expected} consultations arrived")
