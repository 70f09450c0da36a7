"""What a relay asks of its machine when it starts, and how it says that it cannot.

Called by `relay.service`.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Final

import structlog

from relay.engine import MediaEngine
from relay.errors import ConfigurationError
from relay.machine.kernel_buffers import full_bytes, requested_bytes

_log: Final = structlog.get_logger(__name__)


def cannot_listen(error: OSError, port: int) -> ConfigurationError:
    """Say that the media port cannot be had, and what to do about it."""
    return ConfigurationError(
        f"The media port {port} cannot be opened: {error.strerror or 'the address is unknown'}.",
        action="Stop the program that uses it, or choose other addresses with media.listen and "
        "media.port. If it is taken for TCP only, media.tcp = false does without.",
    )


def warn_of_capped_buffers(engine: MediaEngine, asked_bytes: int) -> None:
    """Say once, at the start, that packets will be lost under load, and what to do about it."""
    granted_bytes = min(engine.receive_buffer_bytes())
    if granted_bytes < full_bytes(asked_bytes):
        _log.warning(
            "the kernel caps the receive buffers; raise net.core.rmem_max (visavis doctor)",
            granted_bytes=granted_bytes,
            asked_bytes=asked_bytes,
            sysctl=f"net.core.rmem_max={requested_bytes(asked_bytes)}",
        )


def installed_version() -> str:
    """Give the installed version of Visavis."""
    try:
        return version("visavis")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "unknown"
