"""The emulator's record of packets, as Python reads it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from benchmarks.adaptation.truth_log import HEADER_BYTES, MAGIC, RECORD, TruthLog, Verdict
from benchmarks.harness.failure import BenchmarkFailed
from benchmarks.harness.programs import ROOT

SOURCES = ROOT / "codecs" / "loadgen" / "src" / "emulator"


def written(path: Path, records: list[tuple[int, int, int, int, int]]) -> Path:
    """Write a log of packets: came and left (ms), bytes, verdict, direction."""
    rows = np.zeros(len(records), RECORD)
    for row, (came_ms, left_ms, size, verdict, direction) in zip(rows, records, strict=True):
        row["came_ns"], row["left_ns"] = came_ms * 1_000_000, left_ms * 1_000_000
        row["bytes"], row["verdict"], row["direction"] = size, verdict, direction
    path.write_bytes(MAGIC + (77).to_bytes(8, "little") + rows.tobytes())
    return path


def test_packets_are_told_apart_by_direction_and_verdict(tmp_path: Path) -> None:
    log = TruthLog.read(
        written(
            tmp_path / "log",
            [(0, 50, 100, 0, 0), (1, 1, 100, 1, 0), (2, 52, 300, 0, 1), (3, 3, 9, 3, 0)],
        )
    )
    assert log.began_monotonic_ns == 77
    assert log.delivered("down")["left_ns"].tolist() == [50_000_000]
    assert log.delivered("up")["bytes"].tolist() == [300]
    assert {name: count for name, count in log.counts("down").items() if count} == {
        "delivered": 1,
        "lost": 1,
        "queue_full": 1,
    }


def test_a_rate_is_of_what_arrived(tmp_path: Path) -> None:
    records = [(0, left_ms, 1_250, 0, 0) for left_ms in range(0, 1_000, 10)]
    records += [(0, 0, 9_999, 3, 0), (0, 0, 9_999, 0, 1)]
    begins_s, rates_bps = TruthLog.read(written(tmp_path / "log", records)).delivered_bps(
        "down", bin_ms=200
    )
    assert begins_s[:5] == pytest.approx([0.0, 0.2, 0.4, 0.6, 0.8])
    assert rates_bps[:5] == pytest.approx([1e6] * 5)


def test_a_link_without_packets_has_no_rate(tmp_path: Path) -> None:
    log = TruthLog.read(written(tmp_path / "log", []))
    assert log.delivered_bps("up", bin_ms=100)[1].sum() == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no log"),
        (b"PK\3\4" + bytes(60), "no log"),
        (MAGIC, "no log"),
        (MAGIC + bytes(8 + RECORD.itemsize - 1), "middle of a record"),
    ],
)
def test_what_is_no_log_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "log"
    path.write_bytes(content)
    with pytest.raises(BenchmarkFailed, match=words):
        TruthLog.read(path)


def test_both_languages_mean_the_same_bytes() -> None:
    record = (SOURCES / "record.rs").read_text()
    size = re.search(r"RECORD_BYTES: usize = (\d+);", record)
    magic = re.search(r'MAGIC: \[u8; 8\] = \*b"(\w+)";', record)
    assert size
    assert magic
    assert (int(size[1]), magic[1].encode()) == (RECORD.itemsize, MAGIC)
    assert len(MAGIC) + 8 == HEADER_BYTES
    verdicts = re.findall(r"^    (\w+) = (\d+),$", (SOURCES / "tally.rs").read_text(), re.MULTILINE)
    assert {name.upper(): int(number) for name, number in verdicts} == {
        verdict.name.replace("_", ""): verdict.value for verdict in Verdict
    }


def test_every_figure_is_read_where_the_emulator_writes_it() -> None:
    record = (SOURCES / "record.rs").read_text()
    written = re.search(r"let expected: \[\[u8; 8\]; 6\] = \[(.*?)\];", record, re.DOTALL)
    assert written
    content = bytes(int(number, 0) for number in re.findall(r"0x\w+|\d+", written[1]))
    assert np.frombuffer(content, RECORD)[0].tolist()[:16] == (
        *(1, 2, 3, 2**32 - 1, 7, 9, 1_500, 8, 5, 6),
        *(Verdict.QUEUE_FULL, 1, 17, 96, True, True),
    )
