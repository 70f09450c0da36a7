"""When a run says nothing of a relay or of browsers, because the machine had too little for them.

Such a run is marked, made again a few times, and never counted: no median and no bar has it. Pure.
"""

from __future__ import annotations

from typing import Final

MOST_CPU_LIMITED: Final = 0.05
"""Of the time, with `qualityLimitationReason` = cpu: an encoder that cannot measures no link."""
MOST_STOLEN: Final = 0.02
"""Of all processors' time (/proc/stat): a pause of 50 ms in 2.5 s is a queue that no link had."""


def why_void(*, cpu_limited_share: float, stolen_share: float) -> str:
    """Say why a run is not to be counted; nothing if it is.

    Args:
        cpu_limited_share: Of the time, how long some sender's encoder was short of processor.
        stolen_share: Of the processors' time, what the host took away meanwhile.

    """
    reasons = []
    if cpu_limited_share > MOST_CPU_LIMITED:
        reasons.append(f"an encoder was short of processor for {cpu_limited_share:.0%} of the time")
    if stolen_share > MOST_STOLEN:
        reasons.append(f"the host took away {stolen_share:.1%} of the processors")
    return "; ".join(reasons)
