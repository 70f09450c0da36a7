"""What fake cameras and microphones of measured calls play."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from benchmarks.adaptation.endtoend import devices


def test_a_camera_is_whole_frames_that_differ_by_grain(tmp_path: Path) -> None:
    path = tmp_path / "camera.y4m"
    devices.write_camera(path, seed=1)
    header, _, frames = path.read_bytes().partition(b"\n")
    assert header.split()[:4] == [b"YUV4MPEG2", b"W640", b"H360", b"F25:1"]
    pixels = devices.WIDTH * devices.HEIGHT
    size = len(b"FRAME\n") + pixels * 3 // 2
    assert len(frames) == size * round(devices.LASTS_S * devices.FRAMES_PER_S)
    first, second = (
        np.frombuffer(frames, np.uint8, pixels, place * size + len(b"FRAME\n")).astype(int)
        for place in (0, 1)
    )
    # Grain of up to 14 either way, twice: its difference deviates by 11.9.
    assert 9 < np.std(second - first) < 15
    devices.write_camera(tmp_path / "again.y4m", seed=1)
    assert (tmp_path / "again.y4m").read_bytes()[:size] == path.read_bytes()[:size]


def test_a_voice_begins_where_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "microphone.wav"
    devices.write_microphone(path)
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getframerate()) == (1, 48_000)
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(int)
    assert abs(samples).max() > 5_000
    assert abs(samples[0] - samples[-1]) < 2 * abs(np.diff(samples)).max()
    # Never silent for a packet's 20 ms.
    assert (abs(samples).reshape(-1, 960).max(axis=1) > 500).all()
