"""Run the load generator against a server: consultations in stages, watched, read and judged.

A script is written first (`Script`), then run (`run`). The same script drives any server that
gives credentials and readings: this relay, and others beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from benchmarks.harness import oracle, programs, sockets
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.programs import Told
from benchmarks.harness.progress import Watch
from benchmarks.harness.readings import Between, Reading
from benchmarks.harness.refusals import refuse_absence, refuse_damage
from benchmarks.harness.repetition import MOST_STOLEN, mean_shares
from benchmarks.harness.stage import Shares, Stage

RELAY_CORE: Final = 0
GENERATOR_CORE: Final = 1
AES_GCM: Final = "AEAD_AES_128_GCM"

BARE_CONSULTATIONS: Final = 2
"""Enough for 7,500 delays without a relay in 10 s, and too few to disturb the others."""

SAMPLES: Final = 8
WINDOW_MS: Final = 100
SETTLE_S: Final = 1.5
"""Key frames at the start of a picture are ten times its other frames; they are over by then."""

ADAPTED_SETTLE_S: Final = 10.0
"""A path is thought to carry 300 kbit/s at first, and is asked for more step by step."""

JOIN_PATIENCE_S: Final = 15.0
"""After which the program gives a join up."""


class Server(Protocol):
    """What is driven: a relay, or another SFU."""

    @property
    def kind(self) -> str:
        """The name of the generator's adapter."""

    @property
    def url(self) -> str:
        """Where signalling is."""

    @property
    def adapts(self) -> bool:
        """Whether it says what cameras send, and chooses how much of it anybody gets."""

    def credential(self, room: str, place: int) -> str:
        """Let a participant into a room."""

    def read(self) -> Reading:
        """Read clocks and counters; raises BenchmarkFailed where there is nobody to read."""

    def check(self) -> None:
        """Raise BenchmarkFailed if it has ended."""


@dataclass(slots=True)
class Script:
    """Stages, one after the other; consultations of one go on in the next unless they leave."""

    server: Server
    parties: int = 2
    stages: list[dict[str, Any]] = field(default_factory=list)
    running: list[int] = field(default_factory=list)
    """Consultations that go on while each stage is measured."""
    whole: list[int] = field(default_factory=list)
    """Of them, those that began before it was: their packets count."""
    _rooms: int = 0

    def grow(
        self,
        name: str,
        to: int,
        *,
        measure_s: float,
        joins_per_s: float = 50.0,
        settle_s: float | None = None,
    ) -> None:
        """Let consultations join at that pace until so many run; then measure.

        Args:
            name: Of the stage.
            to: How many run then.
            measure_s: For how long.
            joins_per_s: The pace.
            settle_s: Between the last join and the measurement; by default what pictures need.

        """
        if settle_s is None:
            settle_s = ADAPTED_SETTLE_S if self.server.adapts else SETTLE_S
        new = to - (self.running[-1] if self.running else 0)
        assert new >= 0, "consultations that go on do not become fewer"
        starts_at_s = [index * self.parties / joins_per_s for index in range(new)]
        consultations = [self._consultation(at_s) for at_s in starts_at_s]
        self._add(name, consultations, measure_s=measure_s, settle_s=settle_s)
        self.running.append(to)
        self.whole.append(to)

    def arrive(
        self,
        name: str,
        starts_at_s: Sequence[float],
        *,
        measure_s: float,
        stay_s: float | None = None,
    ) -> None:
        """Measure from the start while consultations begin at those times, and end if they do.

        Their participants come at the same moment, so that nobody's join waits for the other.
        Delay and loss are of the consultations that were whole before.
        """
        before = self.running[-1] if self.running else 0
        consultations = [self._consultation(float(at_s), stay_s) for at_s in starts_at_s]
        self._add(name, consultations, measure_s=measure_s, settle_s=0.0, measure_from="start")
        self.whole.append(before)
        self.running.append(before + (len(consultations) if stay_s is None else 0))

    def _consultation(self, at_s: float, stay_s: float | None = None) -> dict[str, Any]:
        room = f"bench-{self._rooms}"
        self._rooms += 1
        leave_at_s = None if stay_s is None else at_s + stay_s
        return {
            "room": room,
            "participants": [
                {
                    "credential": self.server.credential(room, place),
                    "join_at_s": at_s,
                    "leave_at_s": leave_at_s,
                }
                for place in range(self.parties)
            ],
        }

    def _add(
        self,
        name: str,
        consultations: list[dict[str, Any]],
        *,
        measure_s: float,
        settle_s: float,
        measure_from: Literal["joined", "start"] = "joined",
    ) -> None:
        stage = {"name": name, "consultations": consultations, "measure_from": measure_from}
        self.stages.append(stage | {"settle_s": settle_s, "measure_s": measure_s})

    @property
    def expected_s(self) -> float:
        """How long a run of it takes if every join takes a second."""
        return sum(_stage_s(stage) for stage in self.stages)


@dataclass(frozen=True, slots=True)
class Run:
    """A script that was run."""

    stages: Sequence[Stage]
    judged_by_libsrtp: int
    """Datagrams that another SRTP implementation opened and found whole."""

    @property
    def shares(self) -> Shares:
        """How much of it was void, and why."""
        return mean_shares(self.stages)


def repeated(
    watch: Watch,
    words: str,
    attempt: Callable[[str], Run],
    *,
    most_stolen: float = MOST_STOLEN,
) -> Run:
    """Make a run of stages, and make it again while the host disturbs it (`Repetition`)."""
    return watch.repetition.least_disturbed(
        words, attempt, lambda found: found.shares, most_stolen=most_stolen
    )


def run(
    script: Script,
    watch: Watch,
    *,
    seed: int,
    words: str,
    profile: str = AES_GCM,
    codec: Literal["vp8", "h264"] = "vp8",
    simulcast: bool = False,
    judged: bool = False,
    opens_all: bool = True,
) -> Run:
    """Run a script to its end.

    Args:
        script: What happens.
        watch: Shown how far it is.
        seed: Of everything that is drawn.
        words: Which run this is, for who waits.
        profile: The only SRTP profile that is offered.
        codec: Of the pictures.
        simulcast: Whether each camera sends several encodings.
        judged: Whether the caller looks at who did not join or was dropped (`search.limit_of`
            does); otherwise either ends the run, as they would be missing from its figures.
        opens_all: Whether a datagram that cannot be opened ends the run. Janus was seen to send
            some when it had far too much to do; what was in them counts as lost.

    Raises:
        BenchmarkFailed: The server or the generator failed, or dropped somebody, or libsrtp
            disagrees with both.

    """
    server = script.server
    setup = {
        "seed": seed,
        "core": GENERATOR_CORE,
        "relay_core": RELAY_CORE,
        "peer": {"kind": server.kind, "url": server.url},
        "profile": profile,
        "video": {"codec": codec, "simulcast": simulcast, "adapts": server.adapts},
        "samples": SAMPLES,
        "bare_consultations": BARE_CONSULTATIONS,
        "window_ms": WINDOW_MS,
        "stages": script.stages,
    }
    readings: dict[tuple[str, int], Reading] = {}

    def told(line: Told) -> None:
        if line.get("milestone") in {"measuring", "measured"}:
            readings[line["milestone"], line["stage"]] = server.read()
        _show(watch, words, script, line)

    sockets.open_many()
    with watch.step(words, script.expected_s):
        outcome = programs.run(
            "load",
            setup,
            timeout_s=2 * script.expected_s + 60.0 + JOIN_PATIENCE_S * len(script.stages),
            on_told=told,
            check=server.check,
            harness_core=GENERATOR_CORE,
        )
    stages = [
        Stage(found, _between(readings, index), running)
        for index, (found, running) in enumerate(
            zip(outcome["stages"], script.running, strict=True)
        )
    ]
    refuse_damage(stages, opens_all=opens_all)
    if not judged:
        refuse_absence(stages, script.whole)
    return Run(stages, oracle.judge(outcome["samples"], profile))


def _between(readings: dict[tuple[str, int], Reading], stage: int) -> Between:
    try:
        return Between(readings["measuring", stage], readings["measured", stage])
    except KeyError:
        raise BenchmarkFailed(f"the generator did not say when it measured stage {stage}") from None


def _show(watch: Watch, words: str, script: Script, line: Told) -> None:
    progress = line.get("progress")
    if progress:
        failed = f", {progress['failed']} failed" if progress["failed"] else ""
        watch.say(f"{words}: {progress['joined']} of {progress['of']} joined{failed}")
    elif line.get("milestone") == "measuring":
        watch.say(f"{words}: {script.stages[line['stage']]['name']}")


def _stage_s(stage: dict[str, Any]) -> float:
    joins_s = max(
        (person["join_at_s"] for room in stage["consultations"] for person in room["participants"]),
        default=0.0,
    )
    waits_s = 0.0 if stage["measure_from"] == "start" else joins_s + 1.0 + float(stage["settle_s"])
    return waits_s + float(stage["measure_s"])
