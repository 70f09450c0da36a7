"""What holds of a watch, whatever it is shown; its table is held in `test_state_tables`."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from relay.silence.flow_states import FLOW_TABLE, TOLD, FlowState
from relay.silence.judging import (
    Claim,
    Delivered,
    Nature,
    Published,
    judge_delivered,
    judge_published,
)
from relay.silence.repair import LADDERS, PATH_EVERY_MS, PathPace, Repair, Step
from relay.silence.watch import REFINED_AFTER_MS, SETTLED_AFTER_MS, Finding, Lack, Watch
from relay.trouble import Cause, Playing, Sending, Stage, Trouble
from relay.units import NS_PER_MS

PATIENCE_MS = 2_000
TROUBLES = st.builds(Trouble, st.sampled_from(Stage), st.sampled_from(Cause))
LACKS = st.builds(Lack, TROUBLES, st.integers(0, 5_000), st.just(PATIENCE_MS))
FINDINGS: st.SearchStrategy[Finding] = st.one_of(st.just("rest"), st.just("flow"), LACKS)
LOOKS = st.lists(st.tuples(FINDINGS, st.integers(0, 1_000)), max_size=60)
NATURES = st.sampled_from(
    [Nature(voice=True), Nature(voice=False), Nature(voice=False, screen=True)]
)
AGES = st.integers(-1, 20_000)


def test_every_state_of_a_flow_is_reached() -> None:
    assert {to for (at, _), to in FLOW_TABLE.items() if at is not to} == set(FlowState)


@given(LOOKS)
def test_what_is_told_begins_before_it_is_over_and_ends_once(
    looks: list[tuple[Finding, int]],
) -> None:
    watch, now_ms, is_told = Watch(), 0, False
    for finding, passed_ms in looks:
        now_ms += passed_ms
        change = watch.hear(finding, now_ms * NS_PER_MS)
        assert (change == "begun") <= (not is_told)
        assert (change in ("over", "refined")) <= is_told
        is_told = change == "begun" or (is_told and change != "over")
        assert is_told is (watch.state in TOLD) is (watch.trouble is not None)


@given(LOOKS)
def test_nothing_is_told_of_what_has_not_been_due_and_lacking_for_its_patience(
    looks: list[tuple[Finding, int]],
) -> None:
    watch, now_ms, due_ms = Watch(), 0, 0
    for finding, passed_ms in looks:
        now_ms += passed_ms
        if watch.state is FlowState.RESTING:
            due_ms = now_ms
        if watch.hear(finding, now_ms * NS_PER_MS) == "begun":
            assert isinstance(finding, Lack)
            assert finding.age_ms >= PATIENCE_MS
            assert now_ms - due_ms >= PATIENCE_MS


@given(LOOKS)
def test_what_clients_claim_cannot_make_a_flow_tell_more_than_once_a_second(
    looks: list[tuple[Finding, int]],
) -> None:
    watch, now_ms, told_ms = Watch(), 0, -REFINED_AFTER_MS
    for finding, passed_ms in looks:
        now_ms += passed_ms
        change = watch.hear(finding, now_ms * NS_PER_MS)
        if change in ("begun", "refined"):
            # A beginning is further apart still: its patience runs anew from what is due.
            assert now_ms - told_ms >= REFINED_AFTER_MS
            told_ms = now_ms


@given(st.integers(1, 5_000))
def test_a_flow_that_comes_and_goes_is_one_silence(step_ms: int) -> None:
    watch = Watch()
    lost = Lack(Trouble(Stage.NOT_RECEIVED, Cause.LOST), 5_000, PATIENCE_MS)
    changes = []
    for look in range(40):
        finding: Finding = "flow" if look % 2 else lost
        changes.append(watch.hear(finding, look * step_ms * NS_PER_MS))
    told = [change for change in changes if change is not None]
    if step_ms * 2 < SETTLED_AFTER_MS:
        assert told in ([], ["begun"])


@given(
    st.builds(
        Published,
        nature=NATURES,
        is_due=st.booleans(),
        is_still=st.booleans(),
        silent_ms=AGES,
        zero_ms=AGES,
        ended=st.booleans(),
        claim=st.none() | st.builds(Claim, st.sampled_from(Sending), st.integers(0, 20_000)),
    )
)
def test_what_is_not_due_lacks_nothing_and_a_voice_that_is_heard_is_not_silent(
    track: Published,
) -> None:
    finding = judge_published(track)
    if not track.is_due:
        assert finding == "rest"
    elif track.nature.voice and not track.is_still:
        assert finding == "flow", "whatever its client says"
    if isinstance(finding, Lack):
        assert finding.trouble.stage in (Stage.NOT_CAPTURED, Stage.NOT_ARRIVING)
        assert finding.patience_ms > 0


@given(
    st.builds(
        Delivered,
        nature=NATURES,
        is_due=st.booleans(),
        is_still=st.booleans(),
        sent_ms=AGES,
        unheard_ms=st.integers(0, 20_000),
        tells_arrivals=st.booleans(),
        is_heard=st.booleans(),
        claim=st.none() | st.builds(Claim, st.sampled_from(Playing), st.integers(0, 20_000)),
    )
)
def test_what_is_on_its_way_to_somebody_fails_behind_the_relay_only(track: Delivered) -> None:
    finding = judge_delivered(track)
    assert (finding == "rest") is (not track.is_due)
    if isinstance(finding, Lack):
        assert finding.trouble.stage in (
            Stage.NOT_FORWARDED,
            Stage.NOT_RECEIVED,
            Stage.NOT_PLAYED,
        )


@given(
    st.sampled_from(Stage),
    st.booleans(),
    st.lists(st.integers(0, 3_600_000), max_size=100),
)
def test_a_silence_is_repaired_in_few_steps_however_long_it_lasts(
    stage: Stage, voice: bool, ages_ms: list[int]
) -> None:
    repair = Repair()
    taken = [step for age_ms in sorted(ages_ms) for step in repair.due(stage, age_ms, voice=voice)]
    ladder = [step for _, step in LADDERS.get((stage, voice), ())]
    assert taken == ladder[: len(taken)]
    assert len(taken) <= 5
    if stage in (Stage.NOT_CAPTURED, Stage.NOT_PLAYED):
        assert taken == [], "a device or a player is its client's to mend"


@given(st.lists(st.integers(0, 60_000), max_size=50))
def test_paths_are_asked_for_seldom(times_ms: list[int]) -> None:
    pace = PathPace()
    asked = [at_ms for at_ms in sorted(times_ms) if pace.admits(at_ms * NS_PER_MS)]
    assert all(b - a >= PATH_EVERY_MS for a, b in pairwise(asked))
    assert len(asked) <= 4, "in a minute: at 0, 8, 24 and 56 s"
    assert bool(asked) is bool(times_ms)


def test_only_pictures_have_key_frames_and_only_slots_routes() -> None:
    for (stage, voice), ladder in LADDERS.items():
        steps = {step for _, step in ladder}
        assert (Step.KEY_FRAME in steps) <= (not voice)
        assert (Step.ROUTE in steps) <= (stage in (Stage.NOT_FORWARDED, Stage.NOT_RECEIVED))
        assert [at for at, _ in ladder] == sorted(at for at, _ in ladder)
