"""What the relay believes a link carries, from what `telling_relay` wrote. Pure.

What it sends down the link is read by `layers`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable


def relay_estimates(lines: Iterable[str], receiving: Collection[int]) -> list[tuple[int, float]]:
    """Give the estimates, each with when it was made.

    Args:
        lines: Of the file; the last may be cut off.
        receiving: Whose paths lie on the link: places in the order in which legs were prepared.

    Returns:
        When (monotonic ns), and what all of those paths together carry (bit/s), wherever one moved.

    """
    prepared: list[str] = []
    latest: dict[str, float] = {}
    found: list[tuple[int, float]] = []
    for line in lines:
        if not line.endswith("\n"):
            break
        at, leg, *told = line.split()
        if not told:
            prepared.append(leg)
        elif told[0].isdecimal() and prepared.index(leg) in receiving:
            _rate_bps, estimate_bps = told
            latest[leg] = float(estimate_bps)
            found.append((int(at), sum(latest.values())))
    return found
