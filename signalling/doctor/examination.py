"""Every check there is, in order.

A check takes the configuration and gives its findings; a new concern is a module with a `check`
and a line here. Called by `signalling.__main__`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

from relay.config import RelayConfig, load_config
from relay.errors import ConfigurationError
from signalling.doctor import (
    addresses,
    buffers,
    clock,
    descriptors,
    keys,
    offload,
    platforms,
    ports,
    processors,
    srtp,
    state,
    turn,
)
from signalling.doctor.finding import OPERATOR, Finding, ok, trouble

Check: TypeAlias = Callable[[RelayConfig], list[Finding]]

CHECKS: Final[tuple[Check, ...]] = (
    keys.check,
    state.check,
    platforms.check,
    turn.check,
    ports.check,
    addresses.check,
    buffers.check,
    offload.check,
    descriptors.check,
    clock.check,
    processors.check,
    srtp.check,
)


def examine(path: Path | None) -> list[Finding]:
    """Run every check against a configuration file.

    Args:
        path: The TOML file; `None` means the defaults.

    Returns:
        At least one finding. Where the file cannot be used it is the only one: what is right for
        the machine depends on it.

    """
    try:
        config = load_config(path)
    except ConfigurationError as error:
        words = f"{error.words} Nothing else was examined."
        return [trouble("configuration", words, who=OPERATOR, action=error.action)]
    source = "the defaults, for no --config was given" if path is None else str(path)
    findings = [ok("configuration", f"It can be used: {source}.")]
    for check in CHECKS:
        findings += check(config)
    return findings
