"""Whether tracks may be published as they are announced. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from relay.errors import Conflict, NotAllowed, NotFound
from relay.ids import Mid
from relay.rooms.participant import Participant
from relay.rooms.permissions import Kind, Source


def require_publishable(participant: Participant, source: Source) -> None:
    """Hold a source against what its publisher may do.

    Raises:
        NotAllowed: The participant may not publish this source.

    """
    if source not in participant.permissions.publish:
        raise NotAllowed(f"Your role in this room does not permit publishing a {source.value}.")


def require_matching(tracks: Mapping[Mid, Source], kinds: Mapping[Mid, Kind]) -> None:
    """Hold announced sources against the m-lines they name.

    Args:
        tracks: Source by m-line, as announced.
        kinds: Kind by m-line on which the participant may send.

    Raises:
        NotFound: There is no such m-line, or nothing may be sent on it.
        Conflict: The m-line is of the other kind, or two m-lines claim one source.

    """
    for mid, source in tracks.items():
        if mid not in kinds:
            raise NotFound("The track names a media line on which nothing can be sent.")
        if kinds[mid] is not source.kind:
            raise Conflict(f"A {source.value} cannot be sent on a media line for {kinds[mid]}.")
    if len(set(tracks.values())) != len(tracks):
        raise Conflict("Two media lines cannot carry the same source.")
