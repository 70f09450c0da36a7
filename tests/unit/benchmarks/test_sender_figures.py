"""A sender's figures, from samples whose answers are known."""

from __future__ import annotations

import pytest

from benchmarks.adaptation.sender_figures import (
    Sample,
    available_bps,
    first_after_ms,
    kept_after_ms,
    key_frames,
    mean_bps,
    picture,
    rates,
    reached_after_ms,
)


def sampled(*spans: tuple[int, float], every_ms: int = 100) -> list[Sample]:
    """Samples of one picture that is sent at each rate (kbit/s) for so many milliseconds."""
    samples: list[Sample] = []
    at_ms, sent, frames = 1_000.0, 0.0, 0
    for lasts_ms, kbps in spans:
        for _ in range(lasts_ms // every_ms):
            samples.append(
                {
                    "at_ms": at_ms,
                    "entries": [
                        {
                            "type": "outbound-rtp",
                            "kind": "video",
                            "rid": "h",
                            "bytesSent": sent * 0.9,
                            "headerBytesSent": sent * 0.1,
                            "framesEncoded": frames,
                            "keyFramesEncoded": 1 + frames // 20,
                            "qpSum": 40 * frames,
                            "frameWidth": 640 if kbps > 300 else 320,
                            "frameHeight": 360 if kbps > 300 else 180,
                            "qualityLimitationReason": "bandwidth",
                        },
                        {"type": "outbound-rtp", "kind": "audio", "bytesSent": 9_999},
                        {"type": "candidate-pair", "availableOutgoingBitrate": 1_000 * kbps},
                        {"type": "candidate-pair", "nominated": False},
                    ],
                }
            )
            at_ms, sent, frames = at_ms + every_ms, sent + kbps * every_ms / 8, frames + 2
    return samples


def test_a_rate_is_of_pictures_with_their_headers_over_a_window() -> None:
    samples = sampled((3_000, 800.0))
    assert [bps for _, bps in rates(samples)] == pytest.approx([800_000.0] * (len(samples) - 3))
    assert mean_bps(samples, 1_500, 3_000) == pytest.approx(800_000)
    assert mean_bps(samples, 9_000, 9_900) == 0.0


def test_a_limit_is_kept_from_when_the_rate_stays_below_it() -> None:
    # The cap is told at 3 s, the rate falls 400 ms later.
    samples = sampled((2_400, 1_000.0), (3_000, 190.0))
    assert kept_after_ms(rates(samples), 3_000.0, 200_000) == pytest.approx(400, abs=200)
    assert kept_after_ms(rates(samples), 3_000.0, 100_000) is None


def test_a_dip_that_does_not_last_keeps_no_limit() -> None:
    samples = sampled((2_000, 1_000.0), (1_000, 100.0), (2_000, 1_000.0))
    assert kept_after_ms(rates(samples), 3_000.0, 200_000) is None


def test_a_rise_is_counted_from_the_moment_that_asked_for_it() -> None:
    samples = sampled((2_000, 200.0), (3_000, 900.0))
    after_ms = reached_after_ms(rates(samples), 3_000.0, 800_000)
    assert after_ms == pytest.approx(500, abs=150)
    assert reached_after_ms(rates(samples), 3_000.0, 2_000_000) is None


def test_a_picture_is_described_by_what_was_sent_of_it() -> None:
    samples = sampled((2_000, 1_000.0), (2_000, 200.0))
    found = picture(samples, 1_000.0, 4_900.0, "h")
    assert found["sizes"] == ["640x360", "320x180"]
    assert found["frames_per_s"] == pytest.approx(20, abs=0.5)
    assert found["quantiser"] == 40
    assert found["limited_by"] == ["bandwidth"]
    assert picture(samples, 1_000.0, 4_900.0, "m") == {}


def test_the_browsers_own_estimate_and_key_frames_are_read() -> None:
    samples = sampled((1_500, 500.0))
    assert available_bps(samples[0]) == 500_000
    assert available_bps({"at_ms": 0.0, "entries": []}) is None
    assert key_frames(samples[0], "h") == 1
    assert key_frames(samples[0], "l") == 0
    after_ms = first_after_ms(samples, 1_000.0, lambda sample: key_frames(sample, "h") > 1)
    # Two frames every 100 ms: the twentieth after a second.
    assert after_ms == pytest.approx(1_000)
