"""Whether the relay can keep its state: a folder it may write to, and room on its disk."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from relay.config import RelayConfig, keys_text_from_environment, state_directory
from relay.machine.addresses import is_loopback
from signalling.doctor.finding import ADMINISTRATOR, OPERATOR, Finding, ok, trouble, warning
from signalling.keys import key_path

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
    error: int
    """Why nothing can be written: the kernel's number; 0 where it can."""
    free_bytes: int
    needed: bool
    """Whether the relay must write there: `visavis serve` would create its first key."""


def check(config: RelayConfig) -> list[Finding]:
    """Try to write an unnamed file where the state is, or is to be."""
    folder = state_directory(config.keys)
    ground = _nearest_existing(folder)
    facts = StateFacts(
        folder=folder,
        exists=folder == ground,
        error=_write_error(ground),
        free_bytes=shutil.disk_usage(ground).free,
        needed=_creates_a_key(config),
    )
    return [judge_folder(facts), judge_disk(facts)]


def judge_folder(facts: StateFacts) -> Finding:
    """Say whether the state can be written; it matters less where no key is to be created."""
    if not facts.error:
        when = "is writable" if facts.exists else "does not exist yet, and can be created"
        return ok(NAME, f"{facts.folder} {when}.")
    words = f"{facts.folder} cannot be written to: {os.strerror(facts.error)}."
    who, action = _remedy(facts)
    if facts.needed:
        return trouble(NAME, words, who=who, action=action)
    words += " The relay does without, until a key is to be created there."
    return warning(NAME, words, who=who, action=action)


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


def _creates_a_key(config: RelayConfig) -> bool:
    """Tell whether `visavis serve` creates a key: on loopback, where none is configured or kept."""
    return (
        not config.keys.file
        and keys_text_from_environment() is None
        and is_loopback(config.signalling.host)
        and not _exists(key_path(config.keys))
    )


def _remedy(facts: StateFacts) -> tuple[str, str]:
    """Say who can mend it, and how."""
    match facts.error:
        case errno.EACCES | errno.EPERM:
            folder = shlex.quote(str(facts.folder))
            command = f"install -d -m 700 -o USER {folder}   (USER: who runs the relay)"
            return ADMINISTRATOR, command
        case errno.EROFS:
            place = "a folder on a file system that is not read-only"
        case errno.ENOSPC | errno.EDQUOT:
            return OPERATOR, "Free some space there, or set keys.state_dir to a folder elsewhere."
        case _:
            place = "a folder that this user may write to"
    return OPERATOR, f"Set keys.state_dir to {place}, or keys.file to a key file."


def _nearest_existing(folder: Path) -> Path:
    absolute = folder.absolute()
    return next(place for place in (absolute, *absolute.parents) if _exists(place))


def _exists(path: Path) -> bool:
    # Not Path.exists, which raises where this user may not look.
    return os.path.exists(path)  # noqa: PTH110


def _write_error(folder: Path) -> int:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:  # unnamed: nothing stays
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.errno or errno.EIO
    return 0
