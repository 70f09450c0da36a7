"""Codecs: which variant is chosen, who decodes whom, what a room agrees on."""

from __future__ import annotations

import itertools

import pytest

from relay.transports.sdp import Codec, CodecPolicy, agree
from relay.transports.sdp.codecs import choose
from relay.transports.sdp.h264 import H264Format, H264Profile

POLICY = CodecPolicy()


def codec(name: str, payload_type: int = 96, **parameters: str) -> Codec:
    clock_hz, channels = (48_000, 2) if name == "opus" else (90_000, 1)
    given = {key.replace("_", "-"): value for key, value in parameters.items()}
    return Codec(payload_type, name, clock_hz, channels, given, None, frozenset())


def h264(profile_level_id: str, mode: str = "1", payload_type: int = 102) -> Codec:
    return codec("h264", payload_type, profile_level_id=profile_level_id, packetization_mode=mode)


@pytest.mark.parametrize(
    ("profile_level_id", "profile"),
    [
        ("42e01f", H264Profile.CONSTRAINED_BASELINE),
        ("42E01F", H264Profile.CONSTRAINED_BASELINE),
        ("42c02a", H264Profile.CONSTRAINED_BASELINE),
        ("4de01f", H264Profile.CONSTRAINED_BASELINE),
        ("58f01f", H264Profile.CONSTRAINED_BASELINE),
        ("42001f", H264Profile.BASELINE),
        ("4d001f", H264Profile.MAIN),
        ("640c1f", H264Profile.CONSTRAINED_HIGH),
        ("64001f", H264Profile.HIGH),
        ("f4001f", None),
        ("42e0", None),
        ("42e01g", None),
        ("", None),
    ],
)
def test_profiles_are_told_apart(profile_level_id: str, profile: H264Profile | None) -> None:
    read = H264Format.of({"profile-level-id": profile_level_id})
    assert (read.profile if read else None) == profile


def test_an_absent_profile_is_baseline_in_single_nal_mode() -> None:
    assert H264Format.of({}) == H264Format(H264Profile.BASELINE, 0)


def test_interleaved_h264_is_not_carried() -> None:
    assert H264Format.of({"packetization-mode": "2"}) is None


def test_constrained_baseline_is_shown_by_every_decoder() -> None:
    stream = H264Format(H264Profile.CONSTRAINED_BASELINE, 1)
    assert all(H264Format(profile, 1).decodes(stream) for profile in H264Profile)


def test_decoding_is_reflexive_and_never_goes_up() -> None:
    for profile, mode in itertools.product(H264Profile, (0, 1)):
        assert H264Format(profile, mode).decodes(H264Format(profile, mode))
    assert not H264Format(H264Profile.MAIN, 1).decodes(H264Format(H264Profile.HIGH, 1))
    assert not H264Format(H264Profile.HIGH, 0).decodes(H264Format(H264Profile.HIGH, 1))
    assert H264Format(H264Profile.HIGH, 1).decodes(H264Format(H264Profile.HIGH, 0))


def test_one_variant_of_each_codec_is_chosen_the_most_widely_decoded() -> None:
    offered = (
        h264("42001f", "1", 102),
        h264("42e01f", "0", 104),
        h264("640c1f", "1", 106),
        h264("42e01f", "1", 108),
        codec("vp9", 100, profile_id="2"),
        codec("vp9", 98, profile_id="0"),
        codec("vp8", 96),
        codec("red", 118),
    )
    assert [each.payload_type for each in choose(offered, POLICY.video)] == [96, 108, 98]


def test_a_codec_in_a_variant_nobody_carries_is_not_chosen() -> None:
    assert choose((h264("f4001f"), codec("vp9", profile_id="2")), POLICY.video) == ()
    assert choose((codec("av1", profile="1"),), POLICY.video) == ()


def test_the_policys_order_decides() -> None:
    publisher = [codec("vp8"), h264("42e01f"), codec("vp9")]
    both = [publisher, publisher]
    assert agree(publisher, both, POLICY) == publisher[0]
    phones = CodecPolicy.of(["H264", "VP8"])
    assert agree(publisher, both, phones) == publisher[1]
    assert agree([codec("vp9")], [[codec("vp9")]], phones) is None


def test_a_newcomer_who_lacks_a_codec_changes_the_agreement() -> None:
    publisher = [codec("vp8"), h264("42e01f")]
    assert agree(publisher, [publisher], POLICY) == publisher[0]
    assert agree(publisher, [publisher, [h264("42e01f", "1", 127)]], POLICY) == publisher[1]
    assert agree(publisher, [publisher, [codec("av1")]], POLICY) is None


def test_h264_agrees_by_profile_and_packetization_mode() -> None:
    high = [h264("640c1f")]
    assert agree(high, [[h264("42e01f")]], POLICY) is None
    assert agree([h264("42e01f")], [high], POLICY) == h264("42e01f")
    assert agree([h264("42e01f", "1")], [[h264("42e01f", "0")]], POLICY) is None
    assert agree([h264("42e01f", "0")], [[h264("42e01f", "1")]], POLICY) == h264("42e01f", "0")


def test_nobody_there_yet_agrees_with_anything() -> None:
    assert agree([codec("vp9"), codec("vp8")], [], POLICY) == codec("vp8")
    assert agree([codec("opus")], [[codec("opus", 63)]], POLICY) == codec("opus")
    assert agree([], [], POLICY) is None


def test_the_configuration_names_codecs_in_any_case() -> None:
    assert CodecPolicy.of(["VP8", "H264", "VP9", "AV1"]) == POLICY
    with pytest.raises(ValueError, match="vp10"):
        CodecPolicy.of(["vp10"])
