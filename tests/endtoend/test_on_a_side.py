"""Work on one side of an emulated link; needs root."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from benchmarks.adaptation.endtoend.on_a_side import browser_on, run_inside
from benchmarks.adaptation.sides import held

OWN = Path("/proc/thread-self/ns/net")


def test_a_thread_is_inside_and_the_process_stays_outside() -> None:
    outside = OWN.readlink()
    with held("server", "198.18.0.2") as side:
        inside = run_inside(side, OWN.readlink)
        assert inside == side.namespace.readlink()
        assert OWN.readlink() == outside != inside
        # Nothing but loopback is there, so nobody is reached.
        with pytest.raises(OSError):
            run_inside(side, lambda: socket.create_connection(("198.18.0.9", 80), 1))


def test_a_browser_on_a_side_is_a_program_with_the_same_arguments(tmp_path: Path) -> None:
    with held("client", "198.18.0.1") as side:
        program = browser_on(side, tmp_path)
        assert program.read_text() == (
            f'#!/bin/sh\nexec nsenter --net={side.namespace} -- /usr/bin/chromium "$@"\n'
        )
        assert os.access(program, os.X_OK)
