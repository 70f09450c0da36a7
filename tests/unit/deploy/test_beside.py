"""What runs beside the browser tests gives way, is seen to its end, and does not outlive them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

BESIDE = Path(__file__).resolve().parents[3] / "deploy" / "beside.sh"


def run(beside: str, command: str, *, keeps: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run two commands of the shell; both keep a file descriptor open."""
    return subprocess.run(
        [BESIDE, beside, "bash", "-c", command],
        pass_fds=() if keeps is None else (keeps,),
        capture_output=True,
        text=True,
        check=False,
    )


def test_both_are_seen_to_their_end(tmp_path: Path) -> None:
    done = run(f"echo beside; touch {tmp_path}/there", "echo first")
    assert (done.returncode, done.stdout) == (0, "first\n")
    assert (tmp_path / "there").exists()


def test_what_fails_beside_is_shown_and_had_given_way() -> None:
    done = run("nice; cat /proc/self/autogroup; exit 3", "echo first")
    assert (done.returncode, done.stdout) == (1, "first\n")
    niceness, *groups, failed = done.stderr.splitlines()
    assert niceness == "19"
    # Where the kernel has such groups.
    assert all(group.endswith("nice 19") for group in groups if group.startswith("/autogroup"))
    assert failed == "failed beside: nice; cat /proc/self/autogroup; exit 3"


def test_what_runs_beside_is_ended_when_the_command_fails() -> None:
    read, held = os.pipe()
    done = run("sleep 600", "exit 4", keeps=held)
    os.close(held)
    assert done.returncode == 4
    with os.fdopen(read, "rb") as until_nobody_writes:
        assert until_nobody_writes.read() == b""
