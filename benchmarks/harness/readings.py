"""What a server did between two moments: its clocks from outside, its counters from `/metrics`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from benchmarks.harness import processes, scrapes
from benchmarks.harness.processes import ProcessReading
from benchmarks.harness.scrapes import Scrape

MEDIA_THREADS: Final = "media-"
"""How `codecs/engine` names its workers; every other thread is Python's or a library's."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A server's clocks and counters at one moment; one without `/metrics` has no counters."""

    process: ProcessReading
    scrape: Scrape = field(default_factory=lambda: Scrape({}))

    @property
    def cached_bytes(self) -> float:
        """What the retransmission caches hold, all publishers together."""
        return self.scrape.total("visavis_retransmission_cache_bytes")


@dataclass(frozen=True, slots=True)
class Between:
    """What happened from one reading to a later one."""

    before: Reading
    after: Reading

    @property
    def seconds(self) -> float:
        """How long it was."""
        return (self.after.process.taken_ns - self.before.process.taken_ns) / 1e9

    def cpu_ns(self, threads: str = "") -> int:
        """Say what the threads whose names begin so used; all threads by default."""
        return processes.cpu_ns(self.before.process, self.after.process, threads)

    def core_share(self, threads: str = "") -> float:
        """Say how many cores those threads kept busy."""
        return processes.core_share(self.before.process, self.after.process, threads)

    @property
    def relayed(self) -> float:
        """Packets of sound and picture that left, retransmissions excluded."""
        return self.grown("visavis_rtp_packets_total", direction="egress")

    @property
    def kernel_drops(self) -> float:
        """Datagrams that found the server's receive buffers full."""
        return self.grown("visavis_engine_events_total", event="kernel_drops")

    @property
    def packets_per_message(self) -> float:
        """Datagrams that shared one trip through the UDP stack (`UDP_SEGMENT`), on average."""
        sent = self.grown("visavis_engine_events_total", event="segments_sent")
        return sent / max(1.0, self.grown("visavis_engine_events_total", event="messages_sent"))

    @property
    def drops(self) -> dict[str, int]:
        """Packets dropped, by reason."""
        name = "visavis_dropped_packets_total"
        return scrapes.counted(self.before.scrape, self.after.scrape, name, "reason")

    @property
    def loop_lag_p99_ms(self) -> float:
        """How late Python's event loop woke up: the edge of the 99th of 100's bucket."""
        name = "visavis_event_loop_lag_seconds"
        return 1_000 * scrapes.quantile(self.before.scrape, self.after.scrape, name, 0.99)

    def grown(self, name: str, **labels: str) -> float:
        """Say by how much a counter grew."""
        total = self.after.scrape.total(name, **labels)
        return total - self.before.scrape.total(name, **labels)
