"""Let a real browser offer, answer it, and report whether it took the answer.

    python tests/captures/sdp_capture.py chromium|firefox [--write]

Prints one JSON object. `--write` stores each offer beside this file as
sdp_<browser>_<shape>.sdp. Loopback only; the browser runs headless with a profile of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from aiohttp import web

from relay.transports.sdp import (
    Candidate,
    CodecPolicy,
    SlotPlan,
    negotiate,
    parse_offer_untrusted,
    write_answer,
)

HERE = Path(__file__).parent
TIME_ALLOWED_S = 45
FIREFOX_PREFERENCES = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "app.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
}
CHROMIUM_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
)


def answer(sdp: str) -> str:
    """Answer as a relay would that has a slot for every m-line it sends on."""
    negotiated = negotiate(parse_offer_untrusted(sdp), CodecPolicy())
    slots = {
        media.mid: SlotPlan(
            ssrc=1_000 + index,
            rtx_ssrc=2_000 + index if media.kind == "video" else 0,
            cname="relay",
            stream_id=f"slot-{index}",
            track_id=f"track-{index}",
        )
        for index, media in enumerate(negotiated.media)
        if media.sends
    }
    return write_answer(
        negotiated,
        ufrag="relayfragment",
        password="relaypasswordrelaypassword",
        fingerprint=":".join(["AB"] * 32),
        setup=negotiated.answer_setup,
        candidates=[Candidate("127.0.0.1", 7882), Candidate("::1", 7882)],
        slots=slots,
    )


def command_of(browser: str, profile: Path, url: str) -> list[str]:
    """Write the profile and return how to start the browser."""
    if browser == "chromium":
        return ["/usr/bin/chromium", *CHROMIUM_FLAGS, f"--user-data-dir={profile}", url]
    lines = (
        f"user_pref({json.dumps(key)}, {json.dumps(value)});\n"
        for key, value in FIREFOX_PREFERENCES.items()
    )
    (profile / "user.js").write_text("".join(lines))
    return ["/usr/bin/firefox-esr", "--headless", "--no-remote", "--profile", str(profile), url]


async def run(browser: str, *, write: bool) -> dict[str, Any]:
    """Serve the page to the browser and return its report."""
    done: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    async def page(_: web.Request) -> web.FileResponse:
        return web.FileResponse(HERE / "sdp_capture.html")

    async def take_offer(request: web.Request) -> web.Response:
        offer = json.loads(await request.text())
        if write:
            path = HERE / f"sdp_{browser}_{offer['name']}.sdp"
            path.write_text(offer["sdp"], newline="")
        return web.json_response({"sdp": answer(offer["sdp"])})

    async def finish(request: web.Request) -> web.Response:
        done.set_result(json.loads(await request.text()))
        return web.json_response({})

    application = web.Application()
    application.router.add_get("/", page)
    application.router.add_post("/answer", take_offer)
    application.router.add_post("/done", finish)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            *command_of(browser, Path(profile), f"http://127.0.0.1:{port}/"),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return await asyncio.wait_for(done, TIME_ALLOWED_S)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            await process.wait()
            await runner.cleanup()


if __name__ == "__main__":
    report = asyncio.run(run(sys.argv[1], write="--write" in sys.argv[2:]))
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
