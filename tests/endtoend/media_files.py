"""Writes a participant's picture and sound as the files Chromium's fake devices play in a loop."""

from __future__ import annotations

import math
import struct
import wave
from typing import TYPE_CHECKING

from tests.endtoend.appearance import (
    BAR_WIDTH,
    BEEP_S,
    FRAMES_PER_S,
    HEIGHT,
    PAUSE_S,
    PERIOD_S,
    WIDTH,
    Appearance,
)

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES_PER_S = 48_000
LOUDNESS = 0.4
WHITE_LUMA, NEUTRAL_CHROMA = 235, 128  # BT.601 limited range


def write_picture(path: Path, appearance: Appearance) -> None:
    """Write one period of the moving bar as YUV4MPEG2, 4:2:0."""
    luma, blue, red = yuv(appearance.colour)
    header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FRAMES_PER_S}:1 Ip A1:1 C420jpeg\n"
    frames = round(PERIOD_S * FRAMES_PER_S)
    with path.open("wb") as file:
        file.write(header.encode())
        for frame in range(frames):
            left = frame * (WIDTH - BAR_WIDTH) // frames // 2 * 2
            file.write(b"FRAME\n")
            file.write(plane(luma, WHITE_LUMA, left, WIDTH, HEIGHT, BAR_WIDTH))
            for chroma in (blue, red):
                file.write(
                    plane(
                        chroma, NEUTRAL_CHROMA, left // 2, WIDTH // 2, HEIGHT // 2, BAR_WIDTH // 2
                    )
                )


def write_sound(path: Path, appearance: Appearance) -> None:
    """Write one period of beeps as 16-bit mono PCM."""
    samples = bytearray()
    for index in range(round(PERIOD_S * SAMPLES_PER_S)):
        at_s = index / SAMPLES_PER_S
        audible = at_s % (BEEP_S + PAUSE_S) < BEEP_S
        value = LOUDNESS * math.sin(math.tau * appearance.tone_hz * at_s) if audible else 0.0
        samples += struct.pack("<h", round(value * 32_767))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES_PER_S)
        file.writeframes(bytes(samples))


def plane(colour: int, bar: int, left: int, width: int, height: int, bar_width: int) -> bytes:
    """Give one plane of a frame: `colour`, and the bar's value from column `left`."""
    row = bytearray([colour]) * width
    row[left : left + bar_width] = bytes([bar]) * bar_width
    return bytes(row) * height


def yuv(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    """Convert to BT.601 limited range, which is what browsers assume of a camera."""
    red, green, blue = (component / 255 for component in colour)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    return (
        round(16 + 219 * luma),
        round(128 + 112 * (blue - luma) / 0.886),
        round(128 + 112 * (red - luma) / 0.701),
    )
