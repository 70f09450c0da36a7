"""The programs of `codecs/loadgen`, as the Rust tests compile them, not as they measure."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from benchmarks.harness.programs import ROOT

BUILD_WITHIN_S: Final = 900
"""Compiling one, where `make test` has not."""


def built(name: str) -> Path:
    """Build a program, and say where it is.

    `make test` has built them and says so: cargo would wait for what it compiles meanwhile.
    """
    if shutil.which("cargo") is None:
        pytest.fail("missing: cargo; install Rust from https://rustup.rs")
    if "RUST_PROGRAMS_ARE_BUILT" not in os.environ:
        build = ["cargo", "build", "--locked", "--quiet", "--package", "loadgen", "--bin", name]
        subprocess.run(build, cwd=ROOT, check=True, timeout=BUILD_WITHIN_S)
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / name
