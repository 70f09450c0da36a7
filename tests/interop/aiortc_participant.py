"""A participant made of aiortc: another implementation of ICE, DTLS, SRTP, SCTP, Opus and VP8."""

from __future__ import annotations

import asyncio
import contextlib
import fractions
import itertools
import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import av
from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError

from tests.interop.websocket_client import WebSocketClient, websocket_client
from tests.polling import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.endtoend.appearance import Appearance
    from tests.endtoend.relay_process import RelayProcess

WIDTH, HEIGHT, FRAMES_PER_S = 160, 96, 10
SAMPLES_PER_S, SAMPLES_PER_FRAME = 48_000, 960
VIDEO_CLOCK_HZ = 90_000


class Picture(MediaStreamTrack):
    """The participant's colour."""

    kind = "video"

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        pixels = bytes(appearance.colour) * (WIDTH * HEIGHT)
        self._frame = av.VideoFrame(WIDTH, HEIGHT, "rgb24")
        self._frame.planes[0].update(pixels)
        self._shown = 0

    async def recv(self) -> av.VideoFrame:
        """Give the next frame when it is due."""
        await asyncio.sleep(1 / FRAMES_PER_S)
        frame = self._frame.reformat(format="yuv420p")
        frame.pts = self._shown * VIDEO_CLOCK_HZ // FRAMES_PER_S
        frame.time_base = fractions.Fraction(1, VIDEO_CLOCK_HZ)
        self._shown += 1
        return frame


class Sound(MediaStreamTrack):
    """The participant's tone, without pauses: no suppressor listens here."""

    kind = "audio"

    def __init__(self, appearance: Appearance) -> None:
        super().__init__()
        self._tone_hz = appearance.tone_hz
        self._played = 0
        self._started_s: float | None = None

    async def recv(self) -> av.AudioFrame:
        """Give the next 20 ms when they are due."""
        now_s = asyncio.get_running_loop().time()
        if self._started_s is None:
            self._started_s = now_s
        due_s = self._started_s + self._played / SAMPLES_PER_S
        await asyncio.sleep(max(0.0, due_s - now_s))
        step = math.tau * self._tone_hz / SAMPLES_PER_S
        samples = bytearray()
        for index in range(self._played, self._played + SAMPLES_PER_FRAME):
            samples += int(12_000 * math.sin(step * index)).to_bytes(2, "little", signed=True)
        frame = av.AudioFrame("s16", "mono", SAMPLES_PER_FRAME)
        frame.planes[0].update(bytes(samples))
        frame.sample_rate = SAMPLES_PER_S
        frame.pts = self._played
        frame.time_base = fractions.Fraction(1, SAMPLES_PER_S)
        self._played += SAMPLES_PER_FRAME
        return frame


@dataclass
class Received:
    """What has been decoded so far."""

    pictures: int = 0
    sounds: int = 0
    colour: tuple[int, int, int] = (0, 0, 0)
    tone_hz: float = 0.0
    messages: list[dict[str, Any]] = field(default_factory=list)


class AiortcParticipant:
    """A seat, a peer connection, and what came through it."""

    def __init__(self, client: WebSocketClient, token: str, joined: dict[str, Any]) -> None:
        self.client = client
        self.token = token
        self.joined = joined
        self.received = Received()
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.channel: RTCDataChannel | None = None
        self.tracks: list[dict[str, Any]] = []
        self._listening: list[asyncio.Task[None]] = []

    async def connect(
        self,
        appearance: Appearance,
        *,
        video: bool = True,
        change_offer: Callable[[str], str] = lambda sdp: sdp,
    ) -> None:
        """Offer, be answered, and publish; the m-lines send and receive at once."""
        connection = self.connection
        connection.on("track", self._listen)
        connection.addTrack(Sound(appearance))
        if video:
            connection.addTrack(Picture(appearance))
        self.channel = connection.createDataChannel("visavis")
        self.channel.on("message", self._take_message)
        await connection.setLocalDescription(await connection.createOffer())
        sources = {
            transceiver.mid: {"audio": "microphone", "video": "camera"}[transceiver.kind]
            for transceiver in connection.getTransceivers()
        }
        sdp = change_offer(connection.localDescription.sdp)
        answer = await self.client.request("offer", sdp=sdp, fresh=True, tracks=sources)
        await connection.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        self.tracks = (await self.client.request("publish", tracks=sources))["tracks"]

    async def send(self, message: dict[str, Any]) -> None:
        """Send a data message once the channel is open."""
        assert self.channel is not None
        channel = self.channel
        await until(lambda: channel.readyState == "open", within_s=10)
        channel.send(json.dumps(message))

    async def until(self, true: Callable[[Received], object], *, within_s: float = 15.0) -> None:
        """Wait until what was received satisfies the condition."""
        try:
            await until(lambda: true(self.received), within_s=within_s, every_s=0.1)
        except TimeoutError:
            raise AssertionError(f"not within {within_s} s: {self.received}") from None

    async def close(self) -> None:
        """Stop sending and listening."""
        await self.connection.close()
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)

    def _listen(self, track: MediaStreamTrack) -> None:
        listen = self._watch if track.kind == "video" else self._hear
        self._listening.append(asyncio.create_task(listen(track), name=f"received {track.kind}"))

    async def _watch(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.VideoFrame)
                middle = frame.reformat(8, 8, "rgb24").planes[0]
                pixel = bytes(middle)[middle.line_size * 4 + 12 :][:3]
                self.received.colour = (pixel[0], pixel[1], pixel[2])
                self.received.pictures += 1

    async def _hear(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                assert isinstance(frame, av.AudioFrame)
                self.received.sounds += 1
                self.received.tone_hz = tone_of(frame)

    def _take_message(self, message: str | bytes) -> None:
        self.received.messages.append(json.loads(message))


def tone_of(frame: av.AudioFrame) -> float:
    """Give a tone's frequency by its zero crossings; 0 for silence."""
    channels = len(frame.layout.channels)
    samples = memoryview(bytes(frame.planes[0])).cast("h")[: frame.samples * channels : channels]
    if max(samples) < 500:
        return 0.0
    rising = sum(1 for one, next_one in itertools.pairwise(samples) if one < 0 <= next_one)
    return rising * frame.sample_rate / frame.samples


@contextlib.asynccontextmanager
async def aiortc_participant(
    relay: RelayProcess, room: str, role: str, *, identity: str | None = None
) -> AsyncIterator[AiortcParticipant]:
    """Take a seat until the block ends; `connect` is the caller's."""
    token = await relay.token(room, role, identity)
    async with websocket_client(relay.websocket_url) as client:
        joined = await client.request("join", token=token)
        participant = AiortcParticipant(client, token, joined)
        try:
            yield participant
        finally:
            await participant.close()
