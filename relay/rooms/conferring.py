"""Who confers in private in one room: in groups, each known to its members alone by a key.

Pure. What somebody of a group sends reaches that group and nobody else. A group is kept by identity
as long as the room is open, so whoever was away comes back into it. A relay that was started again,
or another one, knows of no group: there the key that somebody brings makes one again, which reaches
only those who bring the same. So nobody who says that they conferred hears more by it. Called by
`relay.rooms.room` and `relay.rooms.moderation`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from relay.ids import ParticipantId
from relay.rooms.participant import Participant
from relay.rooms.permissions import Right
from relay.rooms.standing import Standing

MAX_OVER: Final = 64
"""Ends that are remembered. Who brings the key of one before these is private, and alone."""

Groups = Mapping[ParticipantId, str]
"""The keys of those who confer."""


def groups_of(people: Iterable[Participant]) -> dict[ParticipantId, str]:
    """Give the keys of those among some people who confer."""
    return {each.id: each.group for each in people if each.group}


def reaches(publisher: ParticipantId, receiver: ParticipantId, groups: Groups) -> bool:
    """Whether what somebody sends may reach another, as far as groups go."""
    group = groups.get(publisher)
    return group is None or group == groups.get(receiver)


@dataclass(slots=True)
class Conferring:
    """One room's groups."""

    groups: dict[str, str] = field(default_factory=dict, repr=False)
    """By identity, the key of their group: also of those who are away."""
    over: deque[str] = field(default_factory=lambda: deque(maxlen=MAX_OVER), repr=False)
    """Keys of conversations that were ended here: whoever brings one is as public as the rest."""

    def group_of(self, newcomer: Participant) -> str:
        """Give the group that a newcomer belongs to; `""` for none.

        What this room knows goes before what they bring.
        """
        if not newcomer.may(Right.CONFER):
            return ""
        known = self.groups.get(newcomer.identity, "")
        if not known and newcomer.group not in self.over:
            known = newcomer.group
        if known:
            self.groups[newcomer.identity] = known
        return known

    def change(
        self,
        everybody: Collection[Participant],
        members: Collection[ParticipantId],
        draw: Callable[[], str],
    ) -> tuple[Groups, Callable[[], None]] | None:
        """Have some of a room confer, and nobody else in it; of nobody, it ends wherever they are.

        Args:
            everybody: In the room, or waiting for it.
            members: Who are in it.
            draw: Gives a new key.

        Returns:
            Who conferred before, and what puts all back, should the engine not follow; `None` where
            it is so already.

        """
        inside = [each for each in everybody if each.standing is Standing.ADMITTED]
        before = groups_of(inside)
        is_so = before.keys() == set(members) and len(set(before.values())) <= 1
        if is_so and (members or not self.groups):
            return None
        put_back = self._as_it_is(everybody)
        if members:
            self._open(inside, members, draw())
        else:
            self._close(everybody)
        return before, put_back

    def forget(self, identity: str) -> None:
        """Have somebody come back public: they left of their own accord."""
        self.groups.pop(identity, None)

    def _open(
        self, inside: Iterable[Participant], members: Collection[ParticipantId], key: str
    ) -> None:
        """Whoever is away keeps the key they have.

        They come back private, and hear nothing of a conversation that was opened without them.
        """
        for each in inside:
            each.group = key if each.id in members else ""
            if each.group:
                self.groups[each.identity] = key
            else:
                self.groups.pop(each.identity, None)

    def _close(self, everybody: Iterable[Participant]) -> None:
        self.over.extend(dict.fromkeys(self.groups.values()))
        self.groups.clear()
        for each in everybody:
            each.group = ""

    def _as_it_is(self, everybody: Iterable[Participant]) -> Callable[[], None]:
        groups, over = dict(self.groups), tuple(self.over)
        held = [(each, each.group) for each in everybody]

        def put_back() -> None:
            self.groups = groups
            self.over = deque(over, MAX_OVER)
            for each, group in held:
                each.group = group

        return put_back
