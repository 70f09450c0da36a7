"""One flow over virtual time: told soon, told once, told when it is over."""

from __future__ import annotations

from dataclasses import dataclass, field

from relay.silence.flow_states import FlowState
from relay.silence.watch import Change, Finding, Lack, Watch
from relay.trouble import Cause, Stage, Trouble
from relay.units import NS_PER_MS

STOPPED = Trouble(Stage.NOT_ARRIVING, Cause.STOPPED)
NO_SOUND = Trouble(Stage.NOT_CAPTURED, Cause.NO_SOUND)
ENDED = Trouble(Stage.NOT_CAPTURED, Cause.DEVICE_ENDED)


@dataclass
class Watched:
    """A flow that is looked at every quarter of a second."""

    watch: Watch = field(default_factory=Watch)
    now_ms: int = 0

    def is_so(self, finding: Finding, for_ms: int) -> list[tuple[int, Change]]:
        """Let something be found for so long; give when what was told."""
        told = []
        for _ in range(for_ms // 250):
            change = self.watch.hear(finding, self.now_ms * NS_PER_MS)
            if change is not None:
                told.append((self.now_ms, change))
            self.now_ms += 250
        return told

    def lacks(self, trouble: Trouble, for_ms: int) -> list[tuple[int, Change]]:
        """Let packets fail to come, from an age of nothing on."""
        told: list[tuple[int, Change]] = []
        began_ms = self.now_ms
        while self.now_ms - began_ms < for_ms:
            told += self.is_so(Lack(trouble, self.now_ms - began_ms, 2_000), 250)
        return told


def test_a_silence_is_told_once_when_its_patience_is_over_and_its_end_when_it_has_settled() -> None:
    flow = Watched()
    assert flow.is_so("flow", 10_000) == []
    assert flow.lacks(STOPPED, 30_000) == [(12_000, "begun")]
    assert flow.watch.trouble == STOPPED
    assert flow.is_so("flow", 10_000) == [(41_500, "over")]
    assert flow.watch.trouble is None


def test_a_flow_that_comes_back_for_a_moment_is_one_silence() -> None:
    flow = Watched()
    flow.is_so("flow", 5_000)
    assert len(flow.lacks(STOPPED, 4_000)) == 1
    for _ in range(5):
        assert flow.is_so("flow", 1_000) == []
        assert flow.watch.state is FlowState.RETURNING
        assert flow.lacks(STOPPED, 1_000) == []
    assert flow.is_so("flow", 3_000) != []


def test_what_has_just_become_due_is_given_its_time_however_old_its_silence_is() -> None:
    flow = Watched()
    flow.is_so("rest", 60_000)
    assert flow.is_so(Lack(STOPPED, 60_000, 2_000), 5_000) == [(62_000, "begun")]


def test_what_is_muted_while_it_is_silent_is_told_to_be_over_at_once() -> None:
    flow = Watched()
    flow.is_so("flow", 1_000)
    flow.lacks(STOPPED, 5_000)
    assert flow.is_so("rest", 250) == [(6_000, "over")]


def test_a_better_cause_is_told_and_no_sooner_than_a_second_after_the_last() -> None:
    flow = Watched()
    flow.is_so("flow", 5_000)
    assert flow.lacks(STOPPED, 2_250) == [(7_000, "begun")]
    assert flow.is_so(Lack(ENDED, 5_000, 750), 2_000) == [(8_000, "refined")]
    assert flow.watch.trouble == ENDED
    assert flow.watch.since_ns == 7_000 * NS_PER_MS


def test_a_microphone_that_comes_back_by_itself_is_doubted_ever_later() -> None:
    flow = Watched()
    flow.is_so("flow", 5_000)
    assert flow.lacks(NO_SOUND, 4_000) != [], "after two seconds, the first time"
    flow.is_so("flow", 5_000)
    assert flow.lacks(NO_SOUND, 15_000) == [], "not within a listener's fifteen"
    flow.is_so("flow", 5_000)
    assert flow.lacks(NO_SOUND, 20_000) != []
    flow.is_so("flow", 5_000)
    assert flow.lacks(NO_SOUND, 59_000) == []
    flow.is_so("flow", 5_000)
    assert flow.lacks(NO_SOUND, 70_000) != [], "a minute at the most"
    assert flow.lacks(STOPPED, 4_000) != [], "packets that stop are another matter"


def test_a_microphone_that_is_muted_while_it_is_silent_is_doubted_as_soon_as_before() -> None:
    flow = Watched()
    flow.is_so("flow", 5_000)
    flow.lacks(NO_SOUND, 4_000)
    flow.is_so("rest", 5_000)
    flow.is_so("flow", 5_000)
    assert flow.lacks(NO_SOUND, 4_000) != []
