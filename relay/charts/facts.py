"""What a chart notes besides figures: cuts, ways through the network, adaptation, checks before.

Pure data; words of closed sets, no address and no name.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from relay.precall import CheckResult

Direction = Literal["from", "towards"]
"""Of whose media: what comes from the participant, or what goes towards them."""
Medium = Literal["sound", "picture"]

CutCause = Literal["network", "device", "new_connection", "gone"]
"""The packets stopped and came again; likewise, and their client says that its devices gave
nothing or that its page stood still; a new connection was made, as after a reload; they did not
come back. A client that says nothing of a page that stood still leaves it at the network."""

Transport = Literal["udp", "tcp", "tls"]


class Network(NamedTuple):
    """By which way somebody's media go, as their browser says."""

    transport: Transport
    relayed: bool
    """Whether through a TURN server; the transport is then the one that leads there."""
    ip: Literal[4, 6] | None = None
    """The family of addresses; `None` where the browser does not say, and through TURN."""


class Cut(NamedTuple):
    """For how long nothing came from somebody, monotonic ns."""

    participant: str
    began_ns: int
    ended_ns: int | None
    """`None` while it lasts."""
    cause: CutCause


class Stood(NamedTuple):
    """From when to when somebody's page stood still, as it says, monotonic ns."""

    began_ns: int
    ended_ns: int


class Passed(NamedTuple):
    """From when on somebody's media went by which way."""

    participant: str
    at_ns: int
    network: Network


class Adapted(NamedTuple):
    """From when on somebody was sent how much of what they subscribe to."""

    participant: str
    at_ns: int
    state: str
    """As `relay.rooms.events.ReceiverState`."""


class Checked(NamedTuple):
    """What somebody's check before the consultation came to, and from when on that was known."""

    participant: str
    at_ns: int
    result: CheckResult
