"""Data messages: read, addressed, stamped."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import CallerError, InvalidRequest, NotAllowed, TooDeep, TooLarge
from relay.ids import ParticipantId
from relay.messages.message import MAX_MESSAGE_BYTES, delivered, parse_message_untrusted
from relay.rooms.participant import Participant
from relay.rooms.permissions import BY_ROLE, Role

SENDER = Participant(ParticipantId("p-sender"), "identity", Role.PATIENT, BY_ROLE[Role.PATIENT])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.text() | st.binary())
def test_whatever_is_sent_is_read_or_refused(text: str | bytes) -> None:
    with pytest.raises(CallerError):
        parse_message_untrusted(text)


@given(JSON)
def test_a_body_arrives_as_it_was_sent(body: object) -> None:
    sent = json.dumps({"to": "all", "type": "note", "body": body})
    written = json.loads(
        delivered(parse_message_untrusted(sent), sender=SENDER.id, role=SENDER.role.value)
    )
    assert written["body"] == body
    assert (written["from"], written["role"]) == ("p-sender", "patient")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ('{"to": "all", "type": ""}', InvalidRequest),
        ('{"to": "all", "type": "' + "x" * 65 + '"}', InvalidRequest),
        ('{"to": "", "type": "x"}', InvalidRequest),
        ('{"to": "all", "type": "x", "from": "p-other"}', InvalidRequest),
        ('{"to": "all", "type": "x", "body": NaN}', InvalidRequest),
        ('{"to": "all", "type": "x", "body": 1e999}', InvalidRequest),
        ('{"to": "all", "type": "relay.x"}', NotAllowed),
        ('{"to": "all", "type": "x", "body": ' + "[" * 32 + "]" * 32 + "}", TooDeep),
        ('{"to": "all", "type": "x", "body": ' + "[" * 30_000, TooDeep),
        (" " * (MAX_MESSAGE_BYTES + 1), TooLarge),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else value.__name__,
)
def test_what_could_deceive_or_exhaust_is_refused(text: str, refusal: type[CallerError]) -> None:
    with pytest.raises(refusal):
        parse_message_untrusted(text)


def test_brackets_in_text_are_not_depth() -> None:
    sent = json.dumps({"to": "all", "type": "x", "body": "[{" * 100 + '\\"['})
    assert parse_message_untrusted(sent).body == "[{" * 100 + '\\"['


def test_the_largest_message_still_fits_a_data_channel_when_delivered() -> None:
    shell = len('{"to":"all","type":"x","body":""}')
    sent = json.dumps(
        {"to": "all", "type": "x", "body": "x" * (MAX_MESSAGE_BYTES - shell)},
        separators=(",", ":"),
    )
    assert len(sent) == MAX_MESSAGE_BYTES
    assert (
        len(
            delivered(
                parse_message_untrusted(sent), sender=SENDER.id, role=SENDER.role.value
            ).encode()
        )
        <= 65_536
    )


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity", "1" * 5_000])
@pytest.mark.parametrize("field", ["to", "type", "body"])
def test_a_number_that_cannot_be_meant_is_refused(field: str, number: str) -> None:
    sent = {"to": '"all"', "type": '"x"', "body": "1", field: number}
    text = "{" + ", ".join(f'"{name}": {value}' for name, value in sent.items()) + "}"
    with pytest.raises(InvalidRequest):
        parse_message_untrusted(text)


@pytest.mark.parametrize("number", ["1" * 400, "-" + "1" * 400, "1e308", "18446744073709551616"])
def test_a_large_number_in_a_body_is_its_pages_own(number: str) -> None:
    message = parse_message_untrusted(f'{{"to": "all", "type": "x", "body": {number}}}')
    written = delivered(message, sender="p", role="patient")
    assert json.loads(written)["body"] == json.loads(number)
