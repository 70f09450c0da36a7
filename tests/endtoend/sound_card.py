"""A sound card that keeps time and makes no noise: PulseAudio with a null sink and its own socket.

Without one Firefox has no audio clock at all, and the clock it offers for tests falls behind real
time on a busy machine, which looks like a loss of lip-sync.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

START_TIMEOUT_S = 10.0


@contextlib.asynccontextmanager
async def silent_sound_card(folder: Path) -> AsyncIterator[dict[str, str]]:
    """Run the server until the block ends; gives the environment that leads a program to it."""
    program = shutil.which("pulseaudio")
    assert program is not None, "missing: pulseaudio; `make test-tools` installs it"
    socket = folder / "native"
    process = await asyncio.create_subprocess_exec(
        program,
        "-n",
        "--daemonize=no",
        "--use-pid-file=no",
        "--exit-idle-time=-1",
        "--load=module-null-sink rate=48000",
        f"--load=module-native-protocol-unix socket={socket} auth-anonymous=1",
        stderr=asyncio.subprocess.DEVNULL,
        env={"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)},
    )
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            while not socket.exists():
                assert process.returncode is None, "pulseaudio ended"
                await asyncio.sleep(0.05)
        yield {"PULSE_SERVER": f"unix:{socket}"}
    finally:
        process.terminate()
        await process.wait()
