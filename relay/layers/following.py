"""A consultation of two: the publisher's encoder makes what the one receiver's path carries.

Nothing is chosen then but how a receiver's rate is shared out, and what is sent on in the moment
before an encoder has followed a fall. `publishing` tells the publisher.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from relay.layers.demand import Followed, Priority
from relay.layers.ladder import ALL_LAYERS, Rung

FOLLOWED_ENCODING: Final = 0
"""The best one: its encoder makes every size below by itself."""

FOLLOWED_LEAST_BPS: Final = 60_000
"""A small picture at few frames, with headers: libwebrtc's encoders go down to 30 kbit/s
(`kDefaultMinVideoBitrateBps` in `rtc_base/experiments/min_video_bitrate_experiment.h`)."""

FOLLOWED_MOST_BPS: Final = 2_650_000
"""libwebrtc's own limit of a picture of 1280x720, 2.5 Mbit/s (`video/config/simulcast.cc`), with
headers."""

FOLLOW_SHARE: Final = 0.95
"""Of the receiver's rate: what is left lets a queue empty, and carries retransmissions."""

MOST_REPAIR_SHARE: Final = 1 / 3
"""Of what is left for pictures, for those lost to be sent again: the engine sends half of what it
sends again at the most (`Retransmission::earn` in `codecs/forward/src/slots/slot.rs`)."""

FOLLOW_LEAST_SHARE: Final = 0.9
"""Of what a path is thought to carry: encoders are told no less. While a queue empties the
rate is lower for half a second, but libwebrtc takes a REMB for a fall of its own estimate and rises
by 8 % a second from it (measured in Chromium: two seconds at half of what the path carried)."""

BRIDGE_TIMES: Final = 2.0
"""Times its share that an encoder still sends, for temporal layers to be left out: twice what a
wobble of 15 % and an encoder that is a second late make it, with sound taken off (1.7)."""


def followed_rung(followed: Followed) -> Rung:
    """Give the one rung there is: whatever the encoder makes, at the least it can make."""
    return Rung(followed.encoding, ALL_LAYERS, FOLLOWED_LEAST_BPS, 0, 0.0)


def shares_bps(total_bps: float, priorities: Sequence[Priority]) -> list[float]:
    """Share out what is left for pictures whose encoders follow.

    Args:
        total_bps: Without sound, and without pictures that are chosen by layers.
        priorities: Of each picture.

    Returns:
        For each: the least, and of the rest by priority, as far as an encoder can use it.

    """
    shares = [float(FOLLOWED_LEAST_BPS)] * len(priorities)
    rest_bps = total_bps - sum(shares)
    hungry = list(range(len(priorities)))
    while hungry and rest_bps >= 1.0:
        unit_bps = rest_bps / sum(1 + priorities[which] for which in hungry)
        for which in hungry:
            wanted_bps = unit_bps * (1 + priorities[which])
            added_bps = min(wanted_bps, FOLLOWED_MOST_BPS - shares[which])
            shares[which] += added_bps
            rest_bps -= added_bps
        still = [which for which in hungry if shares[which] < FOLLOWED_MOST_BPS]
        if still == hungry:
            break
        hungry = still
    return shares


def media_share(loss_ratio: float) -> float:
    """Give how much of what `FOLLOW_SHARE` leaves for pictures an encoder may make of it.

    Of a share p that is lost, p / (1 - p) is sent again until it has arrived. libwebrtc takes that
    off its own encoders too (`FecControllerDefault::UpdateFecRates`).

    Args:
        loss_ratio: Of what the receiver is sent.

    """
    return min(1.0, (1.0 - min(loss_ratio, MOST_REPAIR_SHARE)) / FOLLOW_SHARE)


def bridging_layer(followed: Followed, share_bps: float) -> int:
    """Give the highest temporal layer to send until the encoder has followed; the lowest stays."""
    fitting = sum(sent_bps <= share_bps for sent_bps in followed.sent_bps)
    return ALL_LAYERS if fitting == len(followed.sent_bps) else max(fitting - 1, 0)
