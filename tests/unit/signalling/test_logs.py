from __future__ import annotations

import json
import logging

import pytest
import structlog

from signalling.logs import DROPPED, configure_logs, drop_personal


def fail(error: Exception) -> None:
    raise error


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(level="info", form="json")
    structlog.get_logger("relay").info("the relay serves", port=8080)
    (line,) = lines(capsys)
    assert (line["event"], line["port"], line["level"]) == ("the relay serves", 8080, "info")
    assert str(line["timestamp"]).endswith("Z")


def test_the_level_is_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(level="warning", form="json")
    structlog.get_logger("relay").info("quiet")
    structlog.get_logger("relay").warning("loud")
    assert [line["event"] for line in lines(capsys)] == ["loud"]


def test_personal_values_are_dropped_at_any_depth(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs(level="debug", form="json")
    structlog.get_logger("relay").info(
        "join", token="eyJ", Identity="jeanne", nested={"sdp": "v=0", "kept": [{"ip": "192.0.2.1"}]}
    )
    (line,) = lines(capsys)
    assert line["token"] == line["Identity"] == DROPPED
    assert line["nested"] == {"sdp": DROPPED, "kept": [{"ip": DROPPED}]}


def test_a_library_s_sentence_is_kept_without_what_it_was_filled_with(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs(level="debug", form="json")
    logging.getLogger("aiohttp.server").error("Error handling request from %s", "192.0.2.1")
    logging.getLogger("asyncio").error("Task failed\nfuture: <Task token='eyJ'>")
    shown = lines(capsys)
    assert [line["event"] for line in shown] == ["Error handling request from %s", "Task failed"]


def test_an_exception_is_shown_by_type_and_place_and_never_by_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs(level="debug", form="json")
    group = ExceptionGroup("jeanne", [ValueError("a=ice-pwd:secret"), KeyError("eyJtoken")])
    try:
        fail(group)
    except ExceptionGroup:
        logging.getLogger("aiohttp.server").exception("Unhandled exception")
    try:
        int("jeanne")
    except ValueError:
        structlog.get_logger("relay").exception("a request failed")
    text = capsys.readouterr().err
    first, second = (json.loads(line) for line in text.splitlines())
    assert [failure.split(" ")[0] for failure in first["failures"]] == ["ValueError", "KeyError"]
    assert "test_logs.py" in second["failures"][0]
    for personal in ("jeanne", "ice-pwd", "eyJtoken"):
        assert personal not in text


def test_the_console_shows_the_same_without_local_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logs(level="debug", form="console")
    secret = "eyJtoken"
    try:
        fail(ValueError(secret))
    except ValueError:
        structlog.get_logger("relay").exception("a request failed", token=secret)
    text = capsys.readouterr().err
    assert "a request failed" in text
    assert secret not in text


def test_dropping_leaves_everything_else_as_it_is() -> None:
    event = {"event": "x", "code": "not_found", "places": ["a", "b"], "n": 1}
    assert drop_personal(None, "info", dict(event)) == event
