"""What the engine is still to be told of one room's layers, until it has taken it.

A command that the engine has no room for has changed nothing; it is told again in a later round,
and what was taken is not. Decides nothing, starts no task. Called by `relay.adaptation.adapting`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import structlog

from relay.errors import ServerError
from relay.ids import LegId, SlotId
from relay.layers.changes import Changes
from relay.layers.receiver import Carried, Choice
from relay.layers.state import Pause
from relay.metrics.table import LAYER_SWITCHES, PICTURES_PAUSED
from relay.metrics.tally import Tally
from relay.places.open_rooms import Place
from relay.rooms.events import PauseReason
from relay.routing.bindings import tell_slots
from relay.routing.picture_routes import PictureRoutes

_Key = TypeVar("_Key")
_Wish = TypeVar("_Wish")

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Wishes:
    """One room's."""

    _choices: dict[SlotId, Choice] = field(default_factory=dict)
    _distances: dict[LegId, int] = field(default_factory=dict)
    _useful_bps: dict[LegId, float] = field(default_factory=dict)
    _remb_bps: dict[LegId, int] = field(default_factory=dict)
    _taken: dict[SlotId, Choice] = field(default_factory=dict)
    """What each slot sends, as far as the engine has taken it."""
    _is_refused: bool = False

    def add(self, changes: Changes) -> None:
        """Wish for what has been decided; it takes the place of what was wished for before."""
        self._choices |= changes.choices
        self._distances |= changes.distances
        self._useful_bps |= changes.useful_bps
        self._remb_bps |= changes.remb_bps

    def forget(self, slot: SlotId) -> None:
        """Wish for nothing in a slot: it carries another track, or none."""
        self._choices.pop(slot, None)
        self._taken.pop(slot, None)

    def tell(self, routes: PictureRoutes, tally: Tally) -> None:
        """Tell the engine, and whose pictures pause or go on; what is refused stays wished.

        Of a leg that has gone nothing is wished any more.
        """
        if not (self._choices or self._distances or self._useful_bps or self._remb_bps):
            return
        legs = routes.legs
        for wishes in (self._distances, self._useful_bps, self._remb_bps):
            for gone in wishes.keys() - legs.keys() if wishes else ():
                del wishes[gone]
        shown_anew: set[Place] = set()
        refused = [
            _tell(self._choices, partial(self._show, routes, tally, shown_anew)),
            _tell(self._distances, lambda leg, distance: legs[leg][1].repeat_sound(distance)),
            _tell(
                self._useful_bps, lambda leg, bps: legs[leg][1].engine.set_useful_rate(round(bps))
            ),
            _tell(self._remb_bps, lambda leg, bps: legs[leg][1].engine.limit_publisher(bps)),
        ]
        for place in shown_anew:
            tell_slots(place)
        errors = [error for error in refused if error is not None]
        if errors and not self._is_refused:
            # Once, and not in each of twenty rounds a second.
            _log.warning("layers wait for the engine", code=errors[0].code)
        self._is_refused = bool(errors)

    def _show(
        self,
        routes: PictureRoutes,
        tally: Tally,
        shown_anew: set[Place],
        slot: SlotId,
        choice: Choice,
    ) -> None:
        if choice is Pause.NOT_SENT:
            # Nothing comes that could be paused; what comes may be shown at once.
            return
        line = routes.lines[slot]
        if isinstance(choice, Carried):
            line.leg.engine.set_layer(slot, choice.encoding, choice.spatial, choice.temporal)
        line.leg.pause(line.mid, _reason(choice))
        shown_anew.add(line.place)
        _count(tally, self._taken.get(slot), choice)
        self._taken[slot] = choice


def _tell(wishes: dict[_Key, _Wish], tell: Callable[[_Key, _Wish], None]) -> ServerError | None:
    """Tell each; give the last refusal. One leg's is not another's: those behind it are told."""
    refused = None
    for key, wish in list(wishes.items()) if wishes else ():
        try:
            tell(key, wish)
        except ServerError as error:
            refused = error
        else:
            del wishes[key]
    return refused


def _count(tally: Tally, before: Choice | None, choice: Choice) -> None:
    if isinstance(choice, Pause):
        if not isinstance(before, Pause):
            tally.count(PICTURES_PAUSED, reason=choice.value)
    elif isinstance(before, Carried):
        tally.count(LAYER_SWITCHES)


def _reason(choice: Choice) -> PauseReason | None:
    if choice is Pause.LOW_RATE:
        return "low_rate"
    return "no_room" if choice is Pause.NO_ROOM else None
