"""What a camera sends towards the relay, encoding by encoding, over time. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.adaptation.endtoend.call import Sample
from benchmarks.adaptation.endtoend.scenarios import Floats

HEADERS_BYTES: Final = 28
"""Of a packet, IPv4 and UDP; a browser counts RTP's own as `headerBytesSent`."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """One encoding of one camera; what is counted grows from the beginning on."""

    height: Floats
    wire_bytes: Floats
    """IP bytes without retransmissions; NaN before it was first told of."""


def encodings_of(
    samples: Sequence[Sample], held: Callable[[Callable[[Sample], float]], Floats]
) -> tuple[Encoding, ...]:
    """Tell a sender's encodings apart.

    Args:
        samples: What its browser counted.
        held: Puts a figure of every sample on a grid of time.

    """
    rids = dict.fromkeys(e.get("rid") for sample in samples for e in pictures_sent(sample))

    def of(rid: str | None, figure: Callable[[Any], float]) -> Callable[[Sample], float]:
        def value(sample: Sample) -> float:
            return sum(figure(e) for e in pictures_sent(sample) if e.get("rid") == rid)

        return value

    return tuple(
        Encoding(held(of(rid, lambda e: e.get("frameHeight", 0))), held(of(rid, _wire_bytes)))
        for rid in rids
    )


def pictures_sent(sample: Sample) -> Iterator[Any]:
    """Give what a browser says of each encoding that it sends."""
    for entry in sample["entries"]:
        if entry["type"] == "outbound-rtp" and entry.get("kind") == "video":
            yield entry


def _wire_bytes(entry: Any) -> float:
    once = entry.get("bytesSent", 0) - entry.get("retransmittedBytesSent", 0)
    headers = entry.get("headerBytesSent", 0) + HEADERS_BYTES * entry.get("packetsSent", 0)
    return float(once + headers)
