"""Requests that come again, in any order, against the plainest model of what should become of them.

The model keeps everything for ever and asks the clock; the store is bounded and forgets.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from signalling.api.errors import IdempotencyKeyReused, StillInProgress
from signalling.api.idempotency import Idempotency, KeptAnswer

KEPT_S = 100.0
MAX_PER_KEY, MAX_BYTES = 4, 64

api_keys = st.sampled_from(["clinic", "other"])
keys = st.sampled_from(["k-1", "k-2", "k-3"])
fingerprints = st.sampled_from([b"one", b"other"])


@dataclass
class Known:
    fingerprint: bytes
    begun_s: float
    answer: KeptAnswer | None = None


@dataclass
class Model:
    known: dict[tuple[str, str], Known] = field(default_factory=dict)


class Requests(RuleBasedStateMachine):
    """Three keys of two platforms: below every bound, so that nothing may be forgotten early."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Idempotency(kept_s=KEPT_S, max_per_key=MAX_PER_KEY)
        self.model = Model()
        self.now_s = 0.0

    @rule(duration_s=st.floats(0, 60))
    def wait(self, duration_s: float) -> None:
        self.now_s += duration_s

    @rule(api_key=api_keys, key=keys, fingerprint=fingerprints)
    def begin(self, api_key: str, key: str, fingerprint: bytes) -> None:
        known = self.model.known.get((api_key, key))
        if known is not None and self.now_s - known.begun_s >= KEPT_S:
            known = None
        if known is None:
            assert self.store.begin(api_key, key, fingerprint, self.now_s) is None
            self.model.known[api_key, key] = Known(fingerprint, self.now_s)
        elif known.fingerprint != fingerprint:
            with pytest.raises(IdempotencyKeyReused):
                self.store.begin(api_key, key, fingerprint, self.now_s)
        elif known.answer is None:
            with pytest.raises(StillInProgress):
                self.store.begin(api_key, key, fingerprint, self.now_s)
        else:
            assert self.store.begin(api_key, key, fingerprint, self.now_s) == known.answer

    @rule(api_key=api_keys, key=keys, done=st.booleans(), status=st.integers(200, 299))
    def end(self, api_key: str, key: str, status: int, *, done: bool) -> None:
        known = self.model.known.get((api_key, key))
        if known is None or known.answer is not None:
            return
        if done:
            known.answer = KeptAnswer(status, "application/json", str(status).encode())
            self.store.finish(api_key, key, known.answer)
        else:
            del self.model.known[api_key, key]
            self.store.abandon(api_key, key)

    @invariant()
    def bytes_are_counted_right(self) -> None:
        for drawer in self.store._drawers.values():
            answers = [each.answer for each in drawer.attempts.values()]
            assert drawer.held_bytes == sum(len(each.body) for each in answers if each)


TestRequests = Requests.TestCase


@given(requests=st.lists(st.tuples(api_keys, st.integers(0, 50), st.integers(0, 40)), max_size=200))
@settings(deadline=None)
def test_a_flood_stays_bounded_and_makes_nobody_else_forget(
    requests: list[tuple[str, int, int]],
) -> None:
    store = Idempotency(max_per_key=MAX_PER_KEY, max_bytes_per_key=MAX_BYTES)
    kept = KeptAnswer(200, "application/json", b"first")
    store.begin("quiet", "k", b"f", 0.0)
    store.finish("quiet", "k", kept)
    for api_key, number, size in requests:
        key = f"k-{number}"
        try:
            if store.begin(api_key, key, b"f", 0.0) is not None:
                continue
        except StillInProgress:
            continue
        store.finish(api_key, key, KeptAnswer(200, "application/json", b"x" * size))
        drawer = store._drawers[api_key]
        assert len(drawer.attempts) <= MAX_PER_KEY
        assert drawer.held_bytes <= MAX_BYTES
    assert store.begin("quiet", "k", b"f", 0.0) == kept
