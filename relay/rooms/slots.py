"""Which of a participant's slots carries which track.

Pure. Slots come in groups: audio slot k and video slot k share a stream id, because a browser
keeps in step only tracks of one stream (lip-sync); so a group carries one person's voice and face,
and only theirs. A screen takes a video slot that no face uses. `relay.routing.bindings` asks and
tells the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from relay.ids import Mid, ParticipantId, PublicationId
from relay.rooms.permissions import Source
from relay.rooms.track import Publication


@dataclass(frozen=True, slots=True)
class Shortage:
    """How many slots of each kind are missing."""

    audio: int
    video: int

    def __bool__(self) -> bool:
        return self.audio > 0 or self.video > 0


NO_SHORTAGE: Final = Shortage(0, 0)


@dataclass(frozen=True, slots=True)
class Allocation:
    """The outcome: every slot with what it carries, and what found no place."""

    bindings: Mapping[Mid, PublicationId | None]
    shortage: Shortage


@dataclass(slots=True)
class SlotTable:
    """The slots of one leg, and who sits where.

    People stay where they are as long as anything of them is wanted: a face that jumps to another
    place is worse than a gap.
    """

    audio: tuple[Mid | None, ...]
    """The audio slot of each group; `None` where its m-line carries nothing just now."""
    video: tuple[Mid | None, ...]
    owners: dict[int, ParticipantId] = field(default_factory=dict)
    """Who has which group; carried over to the table of a fresh leg."""
    screens: dict[Mid, PublicationId] = field(default_factory=dict)
    _audio_lines: tuple[Mid, ...] = ()
    _video_lines: tuple[Mid, ...] = ()

    def allocate(self, wanted: Sequence[Publication]) -> Allocation:
        """Give every wanted track a slot, as far as there are slots.

        Args:
            wanted: What the participant is to receive, publishers in the order they joined.

        Returns:
            A binding for every slot of the leg. A shortage counts what the participant has to add
            so that everything fits.

        """
        people = _people(wanted)
        screens = [track.id for track in wanted if track.source is Source.SCREEN]
        self._seat(people)
        bindings: dict[Mid, PublicationId | None] = dict.fromkeys(
            (*_open(self.audio), *_open(self.video))
        )
        for group, owner in self.owners.items():
            tracks = people[owner]
            ear, eye = _at(self.audio, group), _at(self.video, group)
            if tracks.voice is not None and ear is not None:
                bindings[ear] = tracks.voice
            if tracks.face is not None and eye is not None:
                bindings[eye] = tracks.face
        self._place(screens, bindings)
        return Allocation(bindings, self._shortage(people, len(screens)))

    def hold(self, audio: Sequence[Mid], video: Sequence[Mid]) -> None:
        """Take over which m-lines are slots now; those that were keep their groups.

        An m-line that stops for a while finds its group again, unless another has come for it.
        """
        self._audio_lines = _held(self._audio_lines, audio)
        self._video_lines = _held(self._video_lines, video)
        self.audio = tuple(mid if mid in audio else None for mid in self._audio_lines)
        self.video = tuple(mid if mid in video else None for mid in self._video_lines)

    def _seat(self, people: Mapping[ParticipantId, _Tracks]) -> None:
        """Keep who is seated, then seat the others in the order they joined."""
        places = self._groups()
        self.owners = {
            group: owner
            for group, owner in self.owners.items()
            if owner in people and group in places and self._fits(group, people[owner])
        }
        seated = set(self.owners.values())
        for participant, tracks in people.items():
            if participant in seated:
                continue
            free = (g for g in places if g not in self.owners)
            group = next((g for g in free if self._fits(g, tracks)), None)
            if group is not None:
                self.owners[group] = participant

    def _groups(self) -> list[int]:
        """A place needs an audio slot, for a voice alone is better than a face alone.

        A face may join the voice later, when the participant has added a video slot. Without any
        audio slot on the leg, faces alone are what was asked for.
        """
        line = self.audio if any(self.audio) else self.video
        return [group for group, mid in enumerate(line) if mid is not None]

    def _fits(self, group: int, tracks: _Tracks) -> bool:
        """Whether a group has a slot for anything of a person."""
        return (tracks.voice is not None and _at(self.audio, group) is not None) or (
            tracks.face is not None and _at(self.video, group) is not None
        )

    def _place(
        self, screens: Sequence[PublicationId], bindings: dict[Mid, PublicationId | None]
    ) -> None:
        """Leave screens where they are, then fill from the last video slot, away from faces."""
        self.screens = {
            mid: screen
            for mid, screen in self.screens.items()
            if screen in screens and mid in bindings and bindings[mid] is None
        }
        placed = set(self.screens.values())
        free = [m for m in _open(self.video) if bindings[m] is None and m not in self.screens]
        for screen in screens:
            if screen not in placed and free:
                self.screens[free.pop()] = screen
        bindings.update(self.screens)

    def _shortage(self, people: Mapping[ParticipantId, _Tracks], screens: int) -> Shortage:
        """Count what is missing; a kind without any slot was left out on purpose."""
        audio, video = len(_open(self.audio)), len(_open(self.video))
        unseen = sum(
            people[owner].face is not None and _at(self.video, group) is None
            for group, owner in self.owners.items()
        )
        return Shortage(
            audio=max(0, len(people) - audio) if audio else 0,
            video=max(unseen, len(people) + screens - video) if video else 0,
        )


def _open(line: Sequence[Mid | None]) -> list[Mid]:
    return [mid for mid in line if mid is not None]


def _at(line: Sequence[Mid | None], group: int) -> Mid | None:
    return line[group] if group < len(line) else None


def _held(known: Sequence[Mid], now: Sequence[Mid]) -> tuple[Mid, ...]:
    """Give each m-line its group: new ones take those of m-lines that carry nothing, in order."""
    lines = list(known)
    for mid in now:
        if mid in lines:
            continue
        gap = next((group for group, held in enumerate(lines) if held not in now), None)
        if gap is None:
            lines.append(mid)
        else:
            lines[gap] = mid
    return tuple(lines)


@dataclass(slots=True)
class _Tracks:
    voice: PublicationId | None = None
    face: PublicationId | None = None


def _people(wanted: Sequence[Publication]) -> dict[ParticipantId, _Tracks]:
    """Collect voices and faces by person, in the order the people came."""
    people: dict[ParticipantId, _Tracks] = {}
    for track in wanted:
        if track.source is Source.SCREEN:
            continue
        tracks = people.setdefault(track.publisher, _Tracks())
        if track.source is Source.MICROPHONE:
            tracks.voice = track.id
        else:
            tracks.face = track.id
    return people
