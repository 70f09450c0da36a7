"""The fake engine with the parts that only the service touches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

from relay.engine import EngineConfig
from relay.ids import LegId, WorkerIndex
from relay.workers.engine_leg import Reports
from tests.unit.relay.fakes import FakeEngine


class WholeEngine(FakeEngine):
    """Stands where `relay.engine.MediaEngine` does."""

    failure: OSError | None = None
    running = 0
    pause_ns = 0
    granted_bytes = 4 << 20

    def __init__(self, config: EngineConfig) -> None:
        super().__init__()
        self.config = config
        self.reports = Reports()
        self.heed: Callable[[list[LegId]], None] | None = None

    async def __aenter__(self) -> Self:
        if self.failure:
            raise self.failure
        WholeEngine.running += 1
        return self

    async def __aexit__(self, *_: object) -> None:
        WholeEngine.running -= 1

    def addresses(self, worker: WorkerIndex) -> list[tuple[str, int]]:
        assert worker == 0
        return [(self.config.listen[0], 7882)]

    def heeds_estimates(self, heed: Callable[[list[LegId]], None]) -> None:
        self.heed = heed

    def receive_buffer_bytes(self) -> list[int]:
        return [self.granted_bytes]

    def counters(self) -> dict[str, int]:
        return {"ingress_audio_packets": 5}

    def healthy(self, now_ns: int, *, within_ns: int = 1_000_000_000) -> bool:
        return now_ns > 0 and self.pause_ns < within_ns
