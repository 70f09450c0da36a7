"""Whether the relay can keep its state: a folder it may write to, and room on its disk."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from relay.config import RelayConfig, keys_text_from_environment, state_directory
from signalling.doctor.finding import ADMINISTRATOR, OPERATOR, Finding, ok, trouble, warning

NAME: Final = "state folder"
DISK: Final = "disk"

SCARCE_BYTES: Final = 256 << 20
"""The state is a key file of some kilobytes; a disk this full is about to stop other programs."""
FULL_BYTES: Final = 1 << 20  # a key file and its draft no longer fit for certain


@dataclass(frozen=True, slots=True)
class StateFacts:
    """What the machine says of the folder."""

    folder: Path
    exists: bool
    refusal: str
    """Why nothing can be written, in the kernel's words; empty where it can."""
    free_bytes: int
    needed: bool
    """Whether the relay must write there: no key is configured elsewhere."""


def check(config: RelayConfig) -> list[Finding]:
    """Try to write an unnamed file where the state is, or is to be."""
    folder = state_directory(config.keys)
    ground = _nearest_existing(folder)
    facts = StateFacts(
        folder=folder,
        exists=folder == ground,
        refusal=_refusal(ground),
        free_bytes=shutil.disk_usage(ground).free,
        needed=not config.keys.file and keys_text_from_environment() is None,
    )
    return [judge_folder(facts), judge_disk(facts)]


def judge_folder(facts: StateFacts) -> Finding:
    """Say whether the state can be written; it matters less where the keys are elsewhere."""
    if not facts.refusal:
        when = "is writable" if facts.exists else "does not exist yet, and can be created"
        return ok(NAME, f"{facts.folder} {when}.")
    words = f"{facts.folder} cannot be written to: {facts.refusal}."
    action = (
        f"install -d -m 700 -o USER {shlex.quote(str(facts.folder))}   (USER: who runs the relay)"
    )
    say = trouble if facts.needed else warning
    return say(NAME, words, who=ADMINISTRATOR, action=action)


def judge_disk(facts: StateFacts) -> Finding:
    """Say whether there is room left where the state is."""
    free_mib = facts.free_bytes / (1 << 20)
    if facts.free_bytes >= SCARCE_BYTES:
        return ok(DISK, f"{free_mib:,.0f} MiB are free where the state is kept.")
    words = f"Only {free_mib:,.0f} MiB are free where the state is kept ({facts.folder})."
    say = trouble if facts.free_bytes < FULL_BYTES else warning
    return say(
        DISK,
        words,
        who=OPERATOR,
        action="Free some, or set keys.state_dir to a folder on another disk.",
    )


def _nearest_existing(folder: Path) -> Path:
    absolute = folder.absolute()
    # Not Path.exists, which raises where this user may not look.
    return next(place for place in (absolute, *absolute.parents) if os.path.exists(place))  # noqa: PTH110


def _refusal(folder: Path) -> str:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:  # unnamed: nothing stays
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.strerror or type(error).__name__
    return ""
