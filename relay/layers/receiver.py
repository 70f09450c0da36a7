"""One receiver: its rate comes in, what its slots carry comes out.

Called by `room_layers` in every tick. While the rate stays where nothing changes, that is a few
comparisons; otherwise everything is decided anew, in a few dozen steps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from relay.ids import SlotId
from relay.layers.allocation import UNREACHABLE_BPS, Spent, most_bps, spend
from relay.layers.audio import MOST_DISTANCE, OPUS_BPS, Sound
from relay.layers.demand import Demand, Followed
from relay.layers.following import (
    BRIDGE_TIMES,
    FOLLOW_SHARE,
    FOLLOWED_LEAST_BPS,
    FOLLOWED_MOST_BPS,
    bridging_layer,
    media_share,
    shares_bps,
)
from relay.layers.hysteresis import MARGIN, PAUSE_BPS, RISEN_TIMES, Restraint
from relay.layers.ladder import ALL_LAYERS, cost_at
from relay.layers.marks import Marks
from relay.layers.planned import Plan, planned, withheld_bps
from relay.layers.state import Pause, State, state_of
from relay.layers.trust import Trust
from relay.layers.wire_cost import audio_wire_bps


@dataclass(frozen=True, slots=True)
class Carried:
    """What a slot sends on."""

    encoding: int
    temporal: int
    """The highest layer, or `ladder.ALL_LAYERS`."""
    cost_bps: int = field(compare=False)
    """On the wire; of an encoder that follows, the least."""
    spatial: int = ALL_LAYERS


Choice: TypeAlias = Carried | Pause


@dataclass(frozen=True, slots=True)
class Allocation:
    """What one receiver's rate is spent on."""

    choices: Mapping[SlotId, Choice]
    wanted: Mapping[SlotId, frozenset[int]]
    """For each slot the encodings that its publisher should send: those it carries, would carry if
    they came, or may carry with its next step."""
    wishes_bps: Mapping[SlotId, int]
    """For each slot what it could take of a track of one encoding."""
    audio_bps: int
    """Reserved; pictures get what is left."""
    video_bps: int
    useful_bps: float
    """Above which rate nothing could be added: for `Estimator.limit_use`."""
    next_rate_bps: float
    """From which on something could; infinite where everything is at its best."""
    state: State


MOST_VOICE_BPS: Final = audio_wire_bps(OPUS_BPS[0], MOST_DISTANCE)

NOTHING_YET: Final = Allocation({}, {}, {}, 0, 0, 0.0, math.inf, State.AUDIO_ONLY)


class Receiver:
    """The state of one receiver."""

    def __init__(self, rate_bps: float, now_us: int) -> None:
        self.sound = Sound()
        self.allocation = NOTHING_YET
        self.rate_bps = rate_bps
        self.owed_bps = 0.0
        """Of the rate, for what waits in the relay already; over in a moment."""
        self.restraint = Restraint.begin(rate_bps, now_us)
        self._demands: tuple[Demand, ...] = ()
        self._now, self._possible = Plan(), Plan()
        self._most_bps, self._followed_most_bps = 0, 0.0
        self._followed: list[tuple[Demand, Followed]] = []
        self._marks = Marks()
        self._is_bridged = False
        self._trust = Trust()
        self._is_stale = True

    def want(self, demands: Sequence[Demand]) -> None:
        """Say what its slots are to carry, in the order in which they were bound."""
        wanted = tuple(demands)
        if wanted == self._demands:
            return
        self._demands, self._is_stale = wanted, True
        self._now = planned(wanted, [demand.offer.now for demand in wanted])
        self._possible = self._now
        followed = sum(demand.followed is not None for demand in wanted)
        self._followed_most_bps = followed * FOLLOWED_MOST_BPS / FOLLOW_SHARE
        if any(demand.offer.now is not demand.offer.possible for demand in wanted):
            self._possible = planned(wanted, [demand.offer.possible for demand in wanted])
        self._most_bps = most_bps(self._possible.ladders) - followed * FOLLOWED_LEAST_BPS
        self._most_bps += sum(map(withheld_bps, wanted, self._possible.ladders))

    def speak(self, voices: int, *, repeats: bool) -> None:
        """Say how many of its slots carry sound, and whether packets may repeat it."""
        self.sound.repeats = repeats
        if voices != self.sound.voices:
            self.sound.voices, self._is_stale = voices, True

    def hear(self, loss_ratio: float | None, now_us: int) -> bool:
        """Take in what it lost of its sound; whether that should be sent otherwise."""
        changed = self.sound.hear(loss_ratio, self.rate_bps, now_us)
        self._is_stale |= changed
        return changed

    def update(self, rate_bps: float, now_us: int) -> Allocation | None:
        """Take in what may be sent; give what to send where that may have changed."""
        self.rate_bps = told_bps = rate_bps
        believed_bps = self._trust.believed_bps(told_bps, now_us, is_idle=not self._demands)
        if not self._followed_most_bps:  # An encoder that follows would be seconds in coming back.
            rate_bps = believed_bps
        marks, restraint = self._marks, self.restraint
        restraint.note(rate_bps, marks.rise_bps, now_us)
        bridges_as_before = self._bridges(rate_bps) == self._is_bridged
        within_marks = marks.alarm_bps <= rate_bps < marks.wake_bps
        if not self._is_stale and within_marks and bridges_as_before:
            return None
        changed = self.sound.shrink(told_bps, now_us)
        held_bps = self._held_anew_bps() if self._is_stale else self._held_bps()
        if restraint.falls(rate_bps, held_bps, now_us):
            changed = True
        elif self._is_stale:
            if marks.rise_bps == math.inf:
                restraint.grant(rate_bps)
            # What is carried may go on at its new cost, as far as the rate goes.
            restraint.budget_bps = max(restraint.budget_bps, held_bps)
            changed = True
        elif restraint.rises(rate_bps, marks.rise_bps, now_us):
            changed = True
        if changed or not bridges_as_before:
            return self._allocate(rate_bps)
        return None

    def follow_bps(self, least_bps: float = 0.0) -> dict[SlotId, float]:
        """Give what encoders that follow this receiver may send, by slot; none for what is paused.

        Args:
            least_bps: Of what they may be told, with sound; the rate may be lower for a moment.

        The estimator's bursts of padding do not raise it: they are over before an encoder has heard
        of them.
        """
        if not self._followed:
            return {}
        left_bps = FOLLOW_SHARE * max(self.rate_bps, least_bps) - self._chosen_bps()
        left_bps *= media_share(self.sound.loss_ratio)
        shares = shares_bps(left_bps, [demand.priority for demand, _ in self._followed])
        slots = (demand.slot for demand, _ in self._followed)
        return dict(zip(slots, shares, strict=True))

    def _held_bps(self) -> int:
        video_bps = self.allocation.video_bps
        return video_bps + self.sound.cost_bps if video_bps else 0

    def _chosen_bps(self) -> int:
        """What goes to sound and to pictures whose encoders do not follow."""
        followed_bps = len(self._followed) * FOLLOWED_LEAST_BPS
        return self.allocation.audio_bps + self.allocation.video_bps - followed_bps

    def _held_anew_bps(self) -> int:
        """What is carried, of what is still wanted, at its new cost."""
        video_bps = 0
        for demand, ladder in zip(self._demands, self._now.ladders, strict=True):
            carried = self.allocation.choices.get(demand.slot)
            if isinstance(carried, Carried) and demand.followed is not None:
                # Of one rung, whatever of it is sent just now.
                video_bps += sum(rung.cost_bps for rung in ladder)
            elif isinstance(carried, Carried):
                video_bps += cost_at(ladder, carried.encoding, carried.spatial, carried.temporal)
        return video_bps + self.sound.cost_bps if video_bps else 0

    def _allocate(self, rate_bps: float) -> Allocation:
        count, audio_bps = len(self._demands), self.sound.cost_bps
        budget_bps = self.restraint.budget_bps - audio_bps if not self.restraint.paused else 0.0
        now = wish = spend(self._now.steps, count, budget_bps)
        if self._possible is not self._now:
            wish = spend(self._possible.steps, count, budget_bps)
        next_bps, next_rate_bps = min(now.next_bps, wish.next_bps), math.inf
        if next_bps != UNREACHABLE_BPS:
            next_rate_bps = self.restraint.rise_at(next_bps + audio_bps)
        bridges = self._bridge(now, audio_bps, rate_bps)
        choices = {
            demand.slot: self._choice(which, now, wish, budget_bps, bridges)
            for which, demand in enumerate(self._demands)
        }
        shown = sum(map(bool, now.levels))
        self.allocation = Allocation(
            choices,
            self._wanted(now, wish, is_near=next_rate_bps <= RISEN_TIMES * rate_bps),
            self._wishes_bps(wish),
            audio_bps,
            now.spent_bps,
            self._useful_bps(),
            next_rate_bps,
            state_of(
                pauses=[choice for choice in choices.values() if isinstance(choice, Pause)],
                shown=shown,
                at_best=next_bps == UNREACHABLE_BPS and shown == count,
                followed=len(self._followed) == shown,
            ),
        )
        self._is_stale = False
        self._mark(next_rate_bps)
        return self.allocation

    def _bridge(self, now: Spent, audio_bps: int, rate_bps: float) -> dict[SlotId, int]:
        """Give the layers to send of encoders that have yet to follow a fall."""
        self._followed = [
            (demand, demand.followed)
            for demand, level in zip(self._demands, now.levels, strict=True)
            if level and demand.followed is not None
        ]
        chosen_bps = audio_bps + now.spent_bps - len(self._followed) * FOLLOWED_LEAST_BPS
        sent_bps = sum(max(followed.sent_bps, default=0) for _, followed in self._followed)
        enough_bps = (sent_bps / BRIDGE_TIMES + chosen_bps) / FOLLOW_SHARE
        self._marks.bridge_bps = enough_bps if sent_bps else 0.0
        self._is_bridged = self._bridges(rate_bps)
        if not self._is_bridged:
            return {}
        priorities = [demand.priority for demand, _ in self._followed]
        shares = shares_bps(FOLLOW_SHARE * (rate_bps - self.owed_bps) - chosen_bps, priorities)
        return {
            demand.slot: bridging_layer(followed, share_bps)
            for (demand, followed), share_bps in zip(self._followed, shares, strict=True)
        }

    def _bridges(self, rate_bps: float) -> bool:
        """Whether upper layers are left out: by far too much is sent, or something waits still."""
        bridge_bps = self._marks.bridge_bps
        return rate_bps < bridge_bps or (self.owed_bps > 0 and bridge_bps > 0)

    def _choice(
        self, which: int, now: Spent, wish: Spent, budget_bps: float, bridges: Mapping[SlotId, int]
    ) -> Choice:
        level = now.levels[which]
        if level:
            rung = self._now.ladders[which][level - 1]
            temporal = bridges.get(self._demands[which].slot, rung.temporal)
            return Carried(rung.encoding, temporal, rung.cost_bps, rung.spatial)
        if self.restraint.paused:
            return Pause.LOW_RATE
        ladder, coming = self._possible.ladders[which], self._now.ladders[which]
        if not ladder:
            return Pause.NOT_SENT
        if wish.levels[which]:
            rung = ladder[wish.levels[which] - 1]
            if any(other.encoding == rung.encoding for other in coming):
                return Pause.NOT_SENT  # its encoder makes less of it as soon as it is told
            # Carried from its first frame on.
            return Carried(rung.encoding, rung.temporal, rung.cost_bps, rung.spatial)
        return Pause.LOW_RATE if ladder[0].cost_bps > budget_bps else Pause.NO_ROOM

    def _wanted(self, now: Spent, wish: Spent, *, is_near: bool) -> dict[SlotId, frozenset[int]]:
        wanted: dict[SlotId, frozenset[int]] = {}
        for which, demand in enumerate(self._demands):
            encodings = set()
            for plan_, spent in ((self._now, now), (self._possible, wish)):
                ladder, level = plan_.ladders[which], spent.levels[which]
                if level:
                    encodings.add(ladder[level - 1].encoding)
                if is_near and which == spent.next_ladder:
                    encodings.add(ladder[level].encoding)
            wanted[demand.slot] = frozenset(encodings)
        return wanted

    def _wishes_bps(self, wish: Spent) -> dict[SlotId, int]:
        bought = zip(self._demands, self._possible.ladders, wish.levels, strict=True)
        return {each.slot: ladder[level - 1].cost_bps for each, ladder, level in bought if level}

    def _useful_bps(self) -> float:
        sound_bps = self.sound.voices * MOST_VOICE_BPS
        return (self._most_bps + sound_bps) * MARGIN + self._followed_most_bps

    def _mark(self, next_rate_bps: float) -> None:
        marks = self._marks
        marks.rise_bps = marks.wake_bps = next_rate_bps
        marks.alarm_bps = max(self._held_bps(), self.sound.least_rate_bps)
        if not self.restraint.paused:
            marks.alarm_bps = max(marks.alarm_bps, PAUSE_BPS)
        if self._is_bridged:
            marks.wake_bps = min(marks.wake_bps, marks.bridge_bps)
        else:
            marks.alarm_bps = max(marks.alarm_bps, marks.bridge_bps)
