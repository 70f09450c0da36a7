"""One stage of a load run: what its participants saw, and what the server did meanwhile.

Time is cut into windows, and a window in which the generator was late, or in which the hypervisor
took a core away, is void. Figures are of the other windows ("clean") where nothing else is said;
the share of void windows and the figures over all of them are told beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.harness.readings import MEDIA_THREADS, Between

MOST_LATE: Final = 0.5
"""Late in more of the windows that the host left, a generator sends nothing like real traffic."""

LEAST_CLEAN: Final = 0.1
"""Fewer clean windows say nothing: at 50 consultations this is 9,000 packets in 5 s."""

TOO_LATE_US: Final = 500_000.0
"""More than any jitter buffer of a conversation waits: such a packet is as good as lost."""

WITHHELD_SHARE: Final = 0.01
"""Less than this an adapting server may keep back of what cameras send. What paths on loopback
carry, nobody has reason to; bursts and their answers are not always in time for each packet."""

GENERATOR_IS_FULL: Final = 0.9
"""Share of its core from which the generator can no longer be trusted to keep its pace."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Of all windows, those that are void, and why; one can be so for both reasons."""

    void: float
    stolen: float
    """The host took a core away in them or beside them: nobody's fault here."""
    late: float
    """The generator sent more than a millisecond behind its plan in them."""

    @classmethod
    def of(cls, measurement: Mapping[str, Any]) -> Shares:
        """Take them from a program's `Measurement`."""
        return cls(*(float(measurement[f"{name}_share"]) for name in ("void", "stolen", "late")))

    @property
    def generator_was_late(self) -> bool:
        """Whether it was, in most of what the host left to it."""
        return self.void - self.stolen > MOST_LATE * (1.0 - self.stolen)

    @property
    def host_left_too_little(self) -> bool:
        """Whether hardly a window is clean, and not by the generator's fault."""
        return 1.0 - self.void < LEAST_CLEAN and not self.generator_was_late

    @property
    def words(self) -> str:
        """Say it."""
        return f"void {self.void:.0%}, stolen {self.stolen:.0%}, generator late {self.late:.0%}"

    def row(self) -> dict[str, float]:
        """Give it as JSON has it."""
        return {
            "void_share": round(self.void, 4),
            "stolen_share": round(self.stolen, 4),
            "late_share": round(self.late, 4),
        }


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage's outcome (`StageOutcome` of the program `load`) between two readings."""

    found: Mapping[str, Any]
    server: Between
    running: int
    """Consultations that went on while it was measured, this stage's included."""

    @property
    def shares(self) -> Shares:
        """Which windows say nothing, and whose fault it is."""
        return Shares.of(self.found)

    @property
    def void_share(self) -> float:
        """Share of windows that say nothing."""
        return self.shares.void

    @property
    def generator_share(self) -> float:
        """Share of its core that the generator used."""
        return float(self.found["generator_core_share"])

    @property
    def generator_was_limit(self) -> bool:
        """Whether the generator, not the server, limited this stage."""
        return self.shares.generator_was_late or self.generator_share > GENERATOR_IS_FULL

    @property
    def host_was_limit(self) -> bool:
        """Whether the host left too few windows for a judgement."""
        return self.shares.host_left_too_little

    @property
    def is_trusted(self) -> bool:
        """Whether the server, neither generator nor host, shaped it."""
        return not (self.generator_was_limit or self.host_was_limit)

    @property
    def offered_per_s(self) -> float:
        """Packets a second that were to arrive through the server."""
        return float(self.found["relayed"]["expected"]) / float(self.found["measured_s"])

    @property
    def relayed_per_s(self) -> float:
        """Packets a second that arrived through the server."""
        return float(self.found["relayed"]["received"]) / float(self.found["measured_s"])

    def path(self, name: str, *, clean: bool = True) -> Mapping[str, Any]:
        """Give what was seen of the `relayed` or the `bare` consultations."""
        path: Mapping[str, Any] = self.found[f"{name}_clean" if clean else name]
        return path

    def delay_ms(self, quantile: str, name: str = "relayed", *, clean: bool = True) -> float:
        """Give a quantile (`p50`, `p95`, `p99`, `p999`, `max`) of the one-way delay."""
        return float(self.path(name, clean=clean)["delay"][f"{quantile}_us"]) / 1_000

    def added_ms(self, quantile: str, *, clean: bool = True) -> float:
        """Give the same less the bare loopback's of the same windows: what the server added."""
        bare_ms = self.delay_ms(quantile, "bare", clean=clean)
        return self.delay_ms(quantile, clean=clean) - bare_ms

    def loss_share(self, *, clean: bool = True) -> float:
        """Give the share of packets that never arrived; of clean windows, also of those too late.

        What the host held up for long is not lost; what is late without it is as good as lost.
        """
        path = self.path("relayed", clean=clean)
        lost = float(path["lost"])
        if clean:
            lost += sum(
                count for upto_us, count in path["delay"]["buckets"] if upto_us > TOO_LATE_US
            )
        return lost / max(1.0, float(path["expected"]))

    def withheld_share(self, *, clean: bool = True) -> float:
        """Give the share of what cameras sent that an adapting server did not pass on, on purpose.

        It is not lost: nobody is told of a number that does not come.
        """
        path = self.path("relayed", clean=clean)
        return float(path["withheld"]) / max(1.0, float(path["withheld"] + path["expected"]))

    @property
    def joins(self) -> Mapping[str, Any]:
        """Give what became of the stage's joins."""
        joins: Mapping[str, Any] = self.found["joins"]
        return joins

    @property
    def failed_joins(self) -> int:
        """Count the joins that did not succeed, for a reason of their own or with nobody to see."""
        return int(sum(self.joins["failed"].values()) + self.joins["alone"])

    @property
    def ended(self) -> int:
        """Count the participants who had joined and whose signalling failed."""
        return sum(self.found["ended"].values())

    def join_ms(self, quantile: str) -> float:
        """Give a quantile of the time from a socket's opening to media both ways."""
        return float(self.joins["join_ms"][f"{quantile}_us"]) / 1_000

    @property
    def packets(self) -> float:
        """Packets the server sent on between the readings, by its own count if it has one."""
        return self.server.relayed or self.relayed_per_s * self.server.seconds

    def cpu_ns_per_packet(self, threads: str = "") -> float:
        """Give the server's processor time for each packet it sent on."""
        return self.server.cpu_ns(threads) / max(1.0, self.packets)

    def row(self) -> dict[str, Any]:
        """Give what is kept of it in a result."""
        relayed, every = self.path("relayed"), self.path("relayed", clean=False)
        return {
            "name": self.found["name"],
            "consultations": self.running,
            "relayed_packets_per_s": round(self.relayed_per_s),
            "expected": relayed["expected"],
            "lost": relayed["lost"],
            "lost_all_windows": every["lost"],
            "withheld": relayed["withheld"],
            "delay_ms": _quantiles(self, "relayed", clean=True),
            "delay_all_windows_ms": _quantiles(self, "relayed", clean=False),
            "bare_ms": _quantiles(self, "bare", clean=True),
            **self.shares.row(),
            "generator_core_share": round(self.generator_share, 3),
            "generator_was_late": self.found["generator_is_bottleneck"],
            "generator_was_limit": self.generator_was_limit,
            "host_was_limit": self.host_was_limit,
            "joins": self._joins_row(),
            "consultations_p99_ms": self._consultations_p99_ms(),
            "worst_loss_share": self.found["consultations_clean"]["worst_loss_share"],
            "freezes": self.found["consultations_clean"]["freezes"],
            "frozen_ms": self.found["consultations_clean"]["frozen_ms"],
            "server": self._server_row(),
            "ended": self.found["ended"],
            "feedback": self.found["feedback"],
            "overflowed": self.found["overflowed"],
        }

    def _consultations_p99_ms(self) -> dict[str, float]:
        """Say how the consultations' own 99th percentiles differ among them."""
        spread = self.found["consultations_clean"]["delay_p99_us"]
        return {name: round(value / 1_000, 3) for name, value in spread.items()}

    def _joins_row(self) -> dict[str, Any]:
        joins = self.joins
        row = {name: joins[name] for name in ("asked", "succeeded", "failed", "alone")}
        row["began_late_p95_ms"] = round(joins["began_late"]["p95_us"] / 1_000, 2)
        if not joins["succeeded"]:
            return row
        return row | {
            "p50_ms": round(self.join_ms("p50"), 1),
            "p95_ms": round(self.join_ms("p95"), 1),
            "max_ms": round(self.join_ms("max"), 1),
            "parts_p50_ms": {
                name: round(part["p50_us"] / 1_000, 2) for name, part in joins["parts"].items()
            },
        }

    def _server_row(self) -> dict[str, Any]:
        server, process = self.server, self.server.after.process
        return {
            "core_share": round(server.core_share(), 4),
            "media_core_share": round(server.core_share(MEDIA_THREADS), 4),
            "cpu_ns_per_packet": round(self.cpu_ns_per_packet()),
            "media_cpu_ns_per_packet": round(self.cpu_ns_per_packet(MEDIA_THREADS)),
            "packets_per_message": round(server.packets_per_message, 2),
            "resident_bytes": process.resident_bytes,
            "proportional_bytes": process.proportional_bytes,
            "cached_bytes": round(server.after.cached_bytes),
            "open_files": process.open_files,
            "threads": len(process.threads),
            "kernel_drops": round(server.kernel_drops),
            "drops": server.drops,
            "loop_lag_p99_ms": server.loop_lag_p99_ms,
        }


def _quantiles(stage: Stage, name: str, *, clean: bool) -> dict[str, float]:
    if not stage.found.get(name):
        return {}
    wanted: Sequence[str] = ("p50", "p95", "p99", "p999", "max")
    return {q: round(stage.delay_ms(q, name, clean=clean), 4) for q in wanted}
