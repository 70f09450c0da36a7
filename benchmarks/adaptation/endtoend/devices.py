"""What the senders' cameras and microphones play: a picture that needs its bitrate, a voice.

Written as the files that Chromium's fake devices play in a loop, without a seam.
"""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

import numpy as np

WIDTH, HEIGHT, FRAMES_PER_S = 640, 360, 25
LASTS_S: Final = 6.0
GRAIN: Final = 14
"""Of 255, either way: that of a camera in a dim room. More bitrate always makes it better."""
GRAINS: Final = 6
SAMPLES_PER_S: Final = 48_000


def write_camera(path: Path, seed: int) -> None:
    """Write a head that moves before a wall, under grain, as YUV4MPEG2, 4:2:0."""
    chance = np.random.default_rng(seed)
    across, down = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    wall = 110 + 40 * np.sin(across / 37) * np.sin(down / 23)
    grains = chance.integers(-GRAIN, GRAIN + 1, (GRAINS, HEIGHT, WIDTH))
    chroma = np.full(WIDTH * HEIGHT // 2, 128, np.uint8).tobytes()
    frames = round(LASTS_S * FRAMES_PER_S)
    with path.open("wb") as file:
        header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_PER_S}:1 Ip A1:1 C420jpeg\n"
        file.write(header.encode())
        for frame in range(frames):
            turn = 2 * np.pi * frame / frames
            x = WIDTH * (0.5 + 0.1 * np.sin(turn))
            y = HEIGHT * (0.55 + 0.05 * np.sin(2 * turn))
            head = ((across - x) / 90) ** 2 + ((down - y) / 120) ** 2 < 1
            grain = np.roll(
                grains[frame % GRAINS], chance.integers(0, (HEIGHT, WIDTH)), axis=(0, 1)
            )
            luma = np.where(head, 170 + 15 * np.sin(across / 9), wall) + grain
            file.write(b"FRAME\n")
            file.write(np.clip(luma, 16, 235).astype(np.uint8).tobytes())
            file.write(chroma)


def write_microphone(path: Path) -> None:
    """Write a voice that never pauses, so that every 20 ms have a packet; 16 bit, mono."""
    seconds = np.arange(round(LASTS_S * SAMPLES_PER_S)) / SAMPLES_PER_S
    # Whole numbers of turns of each: 4 syllables a second on a voice of 150 Hz.
    loudness = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * seconds)
    voice = sum(np.sin(2 * np.pi * 150 * each * seconds) / each for each in (1, 2, 3, 5, 8))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES_PER_S)
        file.writeframes((6_000 * loudness * voice).astype("<i2").tobytes())
