"""Credentials for TURN are what servers compute; addresses are taken or complained about."""

from __future__ import annotations

import base64
import hashlib

from hypothesis import given
from hypothesis import strategies as st

from relay.errors import ConfigurationError
from signalling.turn.credentials import credential
from signalling.turn.urls import check_urls

SIGNS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=96)
TIMES = st.integers(min_value=0, max_value=2**40)
NAMES = st.from_regex(r"[a-z]([a-z0-9-]{0,20}[a-z0-9])?(\.[a-z]{2,8}){0,3}", fullmatch=True)
HOSTS = st.one_of(
    NAMES,
    st.ip_addresses(v=4).map(str),
    st.ip_addresses(v=6).map(lambda address: f"[{address.exploded}]"),
)
PORTS = st.one_of(
    st.sampled_from(["", ":53", ":80", ":443"]),
    st.integers(min_value=1_024, max_value=65_535).map(lambda port: f":{port}"),
)
IN_CLEAR = st.sampled_from(["", "?transport=udp", "?transport=tcp"])
IN_TLS = st.sampled_from(["", "?transport=tcp"])
URLS = st.one_of(
    st.builds("turn:{}{}{}".format, HOSTS, PORTS, IN_CLEAR),
    st.builds("turns:{}{}{}".format, NAMES, PORTS, IN_TLS),
)
BLOCK_BYTES = 64


def hmac_sha1(key: bytes, text: bytes) -> bytes:
    """Compute it as RFC 2104 §2 writes it."""
    short = hashlib.sha1(key).digest() if len(key) > BLOCK_BYTES else key  # noqa: S324 - as coturn
    padded = short.ljust(BLOCK_BYTES, b"\0")
    inner = hashlib.sha1(bytes(byte ^ 0x36 for byte in padded) + text).digest()  # noqa: S324 - same
    return hashlib.sha1(bytes(byte ^ 0x5C for byte in padded) + inner).digest()  # noqa: S324 - same


@given(SIGNS, SIGNS, TIMES)
def test_a_password_is_the_hmac_of_its_name(holder: str, secret: str, time_unix_s: int) -> None:
    name, password = credential(holder, secret=secret, expires_unix_s=time_unix_s)
    assert name.split(":", 1) == [str(time_unix_s), holder]
    assert base64.b64decode(password, validate=True) == hmac_sha1(secret.encode(), name.encode())


@given(SIGNS, SIGNS, SIGNS, TIMES, TIMES)
def test_neither_another_time_nor_another_secret_gives_the_same(
    holder: str, one: str, other: str, first: int, later: int
) -> None:
    of_first = credential(holder, secret=one, expires_unix_s=first)
    assert (of_first == credential(holder, secret=one, expires_unix_s=later)) is (first == later)
    assert (of_first == credential(holder, secret=other, expires_unix_s=first)) is (one == other)


@given(st.lists(URLS, unique=True))
def test_every_address_of_a_turn_server_is_taken(urls: list[str]) -> None:
    check_urls(urls)


@given(st.lists(st.text(max_size=80)))
def test_whatever_else_is_there_is_complained_about_in_a_sentence(urls: list[str]) -> None:
    try:
        check_urls(urls)
    except ConfigurationError as refused:
        assert "turn.urls" in refused.words  # noqa: PT017 - either way is right, nothing else is
        assert refused.words.endswith(".")  # noqa: PT017
