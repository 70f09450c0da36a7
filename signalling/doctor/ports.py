"""Whether the relay's ports can be opened, and who holds them where they cannot.

Binds each address as the relay would, and lets go of it at once; nothing listens.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import combinations
from typing import Final

from relay.config import RelayConfig
from signalling.doctor.finding import ADMINISTRATOR, OPERATOR, Finding, ok, trouble
from signalling.doctor.port_holders import Address, Holder, holders

_NO_FAMILY: Final = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}


@dataclass(frozen=True, slots=True)
class Wish:
    """One socket that the relay opens."""

    check: str
    protocol: str
    host: str
    port: int
    key: str
    """The configuration's section."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """How opening it went."""

    wish: Wish
    error: int
    """The kernel's number; 0 where it went well."""
    reason: str = ""
    holders: Sequence[Holder] = ()


def wishes(config: RelayConfig) -> list[Wish]:
    """List every socket of a configuration; a port of 0 is the kernel's choice, and never taken."""
    media = config.media
    tcp = [
        Wish(
            "signalling port", "tcp", config.signalling.host, config.signalling.port, "signalling"
        ),
        Wish("metrics port", "tcp", config.metrics.host, config.metrics.port, "metrics"),
    ]
    protocols = ("udp", "tcp") if media.tcp else ("udp",)
    of_media = [
        Wish("media port", protocol, host, media.port and media.port + worker, "media")
        for protocol in protocols
        for worker in range(media.workers)
        for host in media.listen
    ]
    return tcp + of_media


def check(config: RelayConfig) -> list[Finding]:
    """Try every socket; those of one kind that can be opened share a finding."""
    attempts = [_attempt(wish) for wish in wishes(config)]
    names = dict.fromkeys(attempt.wish.check for attempt in attempts)
    return judge_overlap(config) + [
        finding
        for name in names
        for finding in judge([attempt for attempt in attempts if attempt.wish.check == name])
    ]


def judge_overlap(config: RelayConfig) -> list[Finding]:
    """Say which want the same TCP port, which one try after another hides."""
    by_tcp = [wish for wish in wishes(config) if wish.protocol == "tcp" and wish.port]
    clashes = {
        (first.check, second.check, second.port): _clash(first, second)
        for first, second in combinations(by_tcp, 2)
        if first.check != second.check and _overlap(first, second)
    }
    return list(clashes.values())


def _overlap(first: Wish, second: Wish) -> bool:
    hosts = {first.host, second.host}
    wildcards = {"", "0.0.0.0", "::"}  # noqa: S104 - compared with
    return first.port == second.port and (len(hosts) == 1 or bool(hosts & wildcards))


def _clash(first: Wish, second: Wish) -> Finding:
    one, other = (wish.check.removesuffix(" port") for wish in (first, second))
    words = f"{one.capitalize()} and {other} both want TCP port {second.port}."
    action = f"Set {second.key}.port to another than {second.port}."
    if second.key == "media":
        action = f"{action[:-1]}, or media.tcp = false."
    return trouble(second.check, words, who=OPERATOR, action=action)


def judge(attempts: Sequence[Attempt]) -> list[Finding]:
    """Say of the sockets of one kind which cannot be opened, and what to do about each."""
    free = [attempt.wish for attempt in attempts if not attempt.error]
    taken = [_judge_failure(attempt) for attempt in attempts if attempt.error]
    if not free:
        return taken
    return [ok(free[0].check, f"Free: {', '.join(map(_place, free))}."), *taken]


def _judge_failure(attempt: Attempt) -> Finding:
    wish, place = attempt.wish, _place(attempt.wish)
    if attempt.error == errno.EADDRINUSE:
        return _judge_taken(attempt)
    if attempt.error == errno.EACCES:
        return trouble(
            wish.check,
            f"{place} cannot be opened: this user may not use ports below the kernel's limit.",
            who=ADMINISTRATOR,
            action=f"sysctl -w net.ipv4.ip_unprivileged_port_start={wish.port}",
        )
    key = f"{wish.key}.listen" if wish.key == "media" else f"{wish.key}.host"
    if attempt.error in _NO_FAMILY:
        words = f"{place} cannot be opened: the address is not this machine's."
        action = f"Set {key} to one of what this shows: ip -brief address"
        return trouble(wish.check, words, who=OPERATOR, action=action)
    words = f"{place} cannot be opened: {attempt.reason}."
    return trouble(wish.check, words, who=OPERATOR, action=f"Correct {key} and {wish.key}.port.")


def _judge_taken(attempt: Attempt) -> Finding:
    wish, place = attempt.wish, _place(attempt.wish)
    who = " and ".join(holder.words for holder in attempt.holders)
    if attempt.holders and all(holder.is_relay for holder in attempt.holders):
        return ok(wish.check, f"{place} is in use by {who}; another could not start beside it.")
    # No command that ends a process: it may be the service manager, or somebody's consultation.
    look = f"ss -l{wish.protocol[0]}np 'sport = :{wish.port}'"
    if who:
        words = f"{place} is in use by {who}, which is no relay."
        action = f"Set {wish.key}.port to another, or see what could be moved: {look}"
    else:
        words = f"{place} is in use by a program of another user."
        action = f"Set {wish.key}.port to another, or see, as root, what holds it: {look}"
    return trouble(wish.check, words, who=OPERATOR, action=action)


def _place(wish: Wish) -> str:
    host = f"[{wish.host}]" if ":" in wish.host else wish.host or "*"
    return f"{wish.protocol.upper()} {host}:{wish.port or 'any'}"


def _attempt(wish: Wish) -> Attempt:
    try:
        if wish.protocol == "udp":
            _bind_udp(wish.host, wish.port)
        else:
            _bind_tcp(wish.host, wish.port)
    except socket.gaierror as error:
        return Attempt(wish, errno.EINVAL, f"the name is unknown ({error.strerror})")
    except ValueError:
        return Attempt(wish, errno.EINVAL, "it is no address")
    except OSError as error:
        found = _holders(wish) if error.errno == errno.EADDRINUSE else []
        return Attempt(wish, error.errno or errno.EINVAL, error.strerror or "", found)
    return Attempt(wish, 0)


def _holders(wish: Wish) -> list[Holder]:
    found = socket.getaddrinfo(
        wish.host or None, wish.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )
    hosts = (str(address[0]).partition("%")[0] for *_, address in found)
    addresses: set[Address] = {ip_address(host) for host in hosts}
    return holders(wish.protocol, addresses, wish.port)


def _bind_tcp(host: str, port: int) -> None:
    """Bind every address of the name, as asyncio does: connections that linger are no hindrance."""
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, kind, protocol, _, address in found:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind(address)


def _bind_udp(host: str, port: int) -> None:
    """Bind one address, its family only, as the engine does."""
    is_v6 = ip_address(host).version == 6  # noqa: PLR2004 - IPv6
    with socket.socket(socket.AF_INET6 if is_v6 else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        if is_v6:
            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        probe.bind((host, port))
