"""Which release of Visavis this is, as the installed package says.

Imports nothing of ours. Called by `relay.service` for its metrics and by signalling's API document.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    """Give the version; `unknown` for a source tree that is not installed."""
    try:
        return version("visavis")
    except PackageNotFoundError:
        return "unknown"
