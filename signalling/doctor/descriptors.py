"""Whether enough files may be open: WebSockets, media addresses of workers, participants by TCP."""

from __future__ import annotations

import resource
from typing import Final

from relay.config import RelayConfig
from signalling.doctor.finding import ADMINISTRATOR, Finding, ok, trouble, warning
from signalling.open_files import ENOUGH

NAME: Final = "open files"

OWN_FILES: Final = 64
"""Of a relay that nobody uses: 19 measured, with one worker, beside its socket; rounded up."""


def check(config: RelayConfig) -> list[Finding]:
    """Read this process's hard limit, to which the relay raises its soft one."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    sockets = len(config.media.listen) * config.media.workers
    if config.media.tcp:
        # A listener beside each, and what waits for all of a worker's connections.
        sockets = 2 * sockets + config.media.workers
    return [judge(None if hard == resource.RLIM_INFINITY else hard, sockets)]


def judge(limit: int | None, media_sockets: int) -> Finding:
    """Say how many people the limit leaves room for; whoever's media comes by TCP takes one more.

    Args:
        limit: The hard limit; `None` means that there is none.
        media_sockets: How many the configuration opens, whoever comes.

    """
    if limit is None or limit >= ENOUGH:
        said = "No limit" if limit is None else f"The limit is {limit:,}"
        return ok(NAME, f"{said} ({ENOUGH:,} are enough); media takes {media_sockets} of them.")
    room = limit - OWN_FILES - media_sockets
    words = (
        f"The limit is {limit:,}, which leaves room for {max(room, 0):,} WebSockets. It is the "
        "limit of this shell; a service manager gives services their own."
    )
    say = trouble if room <= 0 else warning
    return say(
        NAME,
        words,
        who=ADMINISTRATOR,
        action=f"LimitNOFILE={ENOUGH} in the systemd unit (a container: --ulimit nofile={ENOUGH})",
    )
