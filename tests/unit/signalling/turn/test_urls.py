"""Addresses of TURN servers: what browsers take, and a sentence for everything else."""

from __future__ import annotations

import pytest

from relay.errors import ConfigurationError
from signalling.turn.urls import check_urls, is_only_udp


@pytest.mark.parametrize(
    "url",
    [
        "turn:turn.example",
        "turn:turn.example:3478",
        "turn:192.0.2.1:3478?transport=udp",
        "turn:[2001:db8::1]:3478?transport=tcp",
        "turns:turn.example",
        "turns:3.example",
        "turns:turn.example:443?transport=tcp",
    ],
)
def test_what_browsers_take_is_taken(url: str) -> None:
    check_urls([url])


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "browsers cannot read"),
        ("turn:", "browsers cannot read"),
        ("TURN:turn.example", "browsers cannot read"),
        ("https://turn.example", "browsers cannot read"),
        ("turn:turn example", "browsers cannot read"),
        ("turn:turn.example:port", "browsers cannot read"),
        ("turn:turn.example?transport=sctp", "browsers cannot read"),
        ("turn:turn.example?ttl=86400", "browsers cannot read"),
        ("turn:2001:db8::1", "browsers cannot read"),
        ("turn://turn.example:3478", "`//`"),
        ("stun:stun.example:3478", "STUN"),
        ("turn:user:correct-horse@turn.example", "names a user"),
        ("turns:turn.example:443?transport=udp", "TLS over UDP"),
        ("turns:192.0.2.1:443?transport=tcp", "TLS to no name"),
        ("turns:192.0.2.1", "TLS to no name"),
        ("turns:[2001:db8::1]:443", "TLS to no name"),
        ("turn:turn.example:0", "port"),
        ("turn:turn.example:65536", "port"),
        ("turns:turn.example:465?transport=tcp", "port"),
        ("turn:[1:2]:3478", "IPv6"),
    ],
)
def test_anything_else_is_refused_with_its_place_and_unquoted(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        check_urls(["turn:turn.example", url])
    assert "turn.urls" in refused.value.words
    assert "number 2" in refused.value.words
    assert says in refused.value.words
    assert "correct-horse" not in refused.value.words + refused.value.action
    assert "turns:turn.example:443?transport=tcp" in refused.value.action


def test_an_address_stands_there_once() -> None:
    with pytest.raises(ConfigurationError, match="twice"):
        check_urls(["turn:turn.example", "turns:turn.example", "turn:turn.example"])


@pytest.mark.parametrize(
    ("urls", "so"),
    [
        (["turn:turn.example"], True),
        (["turn:turn.example?transport=udp", "turn:b.example:3478"], True),
        (["turn:turn.example", "turn:turn.example?transport=tcp"], False),
        (["turns:turn.example"], False),
    ],
)
def test_servers_that_are_no_help_where_udp_is_blocked_are_known(urls: list[str], so: bool) -> None:
    assert is_only_udp(urls) is so
