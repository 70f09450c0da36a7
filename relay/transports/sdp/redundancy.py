"""Sound that carries the frames before it once more: `audio/red` (RFC 2198) beside Opus.

Pure. Not a codec but another way of carrying one: it is negotiated with the Opus that it is about,
and nobody agrees on it. Called by `negotiate`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from relay.transports.sdp.codecs import Codec

REDUNDANT: Final = "red"
"""How an offer names it (RFC 2198 §5)."""


def with_redundancy(chosen: tuple[Codec, ...], offered: Sequence[Codec]) -> tuple[Codec, ...]:
    """Add the payload type in which the chosen Opus may be redundant, where one is offered.

    In the offer's order: a browser sends redundancy where it comes first, so that its page has the
    choice. The relay itself sends either, packet by packet.

    Args:
        chosen: What is accepted of an m-line so far.
        offered: All that the m-line offers.

    """
    opus = next((codec for codec in chosen if codec.name == "opus"), None)
    if opus is None:
        return chosen
    red = next((codec for codec in offered if _carries(codec, opus)), None)
    if red is None:
        return chosen
    # Nothing retransmits it: a packet of sound comes again as it was.
    alone = replace(red, rtx_payload_type=None)
    return (alone, *chosen) if _precedes(red, opus, offered) else (*chosen, alone)


def _carries(red: Codec, opus: Codec) -> bool:
    """Tell whether all of its frames are of that Opus: "111/111" (RFC 2198 §5)."""
    if (red.name, red.clock_hz, red.channels) != (REDUNDANT, opus.clock_hz, opus.channels):
        return False
    frames = rf"{opus.payload_type}(?:/{opus.payload_type}){{1,31}}"
    return len(red.parameters) == 1 and all(re.fullmatch(frames, key) for key in red.parameters)


def _precedes(red: Codec, opus: Codec, offered: Sequence[Codec]) -> bool:
    numbers = [codec.payload_type for codec in offered]
    return numbers.index(red.payload_type) < numbers.index(opus.payload_type)
