"""What no command can be is refused before any worker hears of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from relay._engine import Engine

UFRAG, PASSWORD = b"relay123", b"a-password-of-the-relay-x"
OPUS, RED, VP8 = (111, "opus", -1), (63, "red", -1), (96, "vp8", 97)


def command(call: Callable[[Engine], None]) -> Callable[[Engine], None]:
    return call


@pytest.mark.parametrize(
    "wrong",
    [
        command(lambda engine: engine.add_leg(0, 1, b"abc", PASSWORD, True)),
        command(lambda engine: engine.add_leg(0, 1, UFRAG, b"short", True)),
        command(lambda engine: engine.set_keys(0, 1, 9, b"", b"", b"", b"")),
        command(lambda engine: engine.set_keys(0, 1, 7, bytes(16), bytes(12), bytes(16), b"")),
        command(lambda engine: engine.set_extensions(0, 1, [(15, "urn:x")])),
        command(lambda engine: engine.send_dtls(0, 1, bytes(1_501))),
        command(lambda engine: engine.add_slot(0, 1, 1, b"0", "audio", 1, 0, [(96, "vp8", -1)])),
        command(lambda engine: engine.add_slot(0, 1, 1, b"", "audio", 1, 0, [(96, "opus", -1)])),
        command(lambda engine: engine.add_slot(0, 1, 1, b"0", "audio", 1, 0, [(96, "mp3", -1)])),
        command(lambda engine: engine.publish(0, 1, 1, b"0", [], [], [], True, True)),
        command(lambda engine: engine.set_layer(0, 1, 8, -1, -1)),
        command(lambda engine: engine.set_redundancy(0, 1, 3)),
        command(lambda engine: engine.set_redundancy(0, 1, -1)),
        command(lambda engine: engine.add_slot(0, 1, 1, b"0", "audio", 1, 0, [RED])),
        command(lambda engine: engine.add_slot(0, 1, 1, b"0", "audio", 1, 0, [OPUS, RED, RED])),
        command(lambda engine: engine.add_slot(0, 1, 1, b"0", "video", 1, 0, [VP8, RED])),
    ],
)
def test_what_no_command_can_be_is_a_value_error(wrong: Callable[[Engine], None]) -> None:
    engine = Engine([[("127.0.0.1", 0)]], 1 << 20, 0, True)
    try:
        with pytest.raises(ValueError):
            wrong(engine)
        with pytest.raises(IndexError):
            engine.remove_leg(1, 1)
    finally:
        engine.stop()
