"""Who is pinged, and who is taken for not reading: without a socket, and without waiting."""

from __future__ import annotations

from signalling.websocket.heartbeat import Heartbeat
from signalling.websocket.policy import Policy

POLICY = Policy(join_timeout_s=5.0, max_message_bytes=65_536, keep_s=120.0)


def pinged_at(heartbeat: Heartbeat, *, talks_every_s: float | None, until_s: float) -> list[float]:
    """Run the looks of a connection whose client answers every ping at once."""
    now_s, pings, frame_s = 5.0, [], talks_every_s
    while now_s <= until_s:
        while talks_every_s is not None and frame_s is not None and frame_s <= now_s:
            heartbeat.note_frame(frame_s)
            frame_s += talks_every_s
        assert not heartbeat.leaves_unread(now_s)
        rest_s = heartbeat.rest_s(now_s)
        if heartbeat.wants_ping(now_s):
            rest_s = POLICY.ping_s
            payload = str(now_s).encode()
            heartbeat.note_ping(payload, now_s)
            heartbeat.note_frame(now_s)
            heartbeat.note_pong(payload)
            pings.append(now_s)
        now_s += rest_s
    return pings


def test_who_talks_is_asked_once_a_minute() -> None:
    assert len(pinged_at(Heartbeat(POLICY, 0.0), talks_every_s=5.0, until_s=600.0)) in (9, 10)


def test_who_is_silent_is_asked_often_enough_to_answer_twice_before_being_lost() -> None:
    pings = pinged_at(Heartbeat(POLICY, 0.0), talks_every_s=None, until_s=600.0)
    gaps_s = [later - sooner for sooner, later in zip([0.0, *pings], pings, strict=False)]
    assert max(gaps_s) + POLICY.ping_s < POLICY.silence_s


def test_what_was_sent_is_asked_about_until_it_is_answered_and_then_too_late() -> None:
    heartbeat = Heartbeat(POLICY, 0.0)
    heartbeat.note_frame(4.9)
    assert not heartbeat.wants_ping(5.0)
    heartbeat.note_message()
    for now_s, late in ((5.0, False), (10.0, False), (15.0, True)):
        heartbeat.note_frame(now_s)
        assert heartbeat.wants_ping(now_s)
        assert heartbeat.leaves_unread(now_s) is late
        heartbeat.note_ping(str(now_s).encode(), now_s)
    heartbeat.note_pong(b"15.0")
    assert not heartbeat.wants_ping(15.1)


def test_who_is_made_to_wait_is_asked_again_afterwards() -> None:
    heartbeat = Heartbeat(POLICY, 0.0)
    heartbeat.note_ping(b"1", 1.0)
    heartbeat.excuse(20.0)
    heartbeat.note_frame(16.0)
    assert not heartbeat.leaves_unread(16.0)
    heartbeat.note_ping(b"2", 16.0)
    assert heartbeat.wants_ping(16.0)
