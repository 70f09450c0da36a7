"""Whether browsers can reach the addresses that the relay gives them for media."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from relay.config import RelayConfig
from relay.errors import ConfigurationError
from relay.machine.addresses import candidates, is_loopback, machine_addresses
from signalling.doctor.finding import OPERATOR, Finding, ok, trouble, warning

NAME: Final = "media addresses"

Address = IPv4Address | IPv6Address

_BEHIND_NAT: Final = tuple(
    # RFC 1918, RFC 6598 and RFC 4193: reachable from inside only.
    map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"))
)


def check(config: RelayConfig) -> list[Finding]:
    """Work out what would be announced, and compare it with the machine's interfaces."""
    return judge(config, machine_addresses(loopback=True))


def judge(config: RelayConfig, machine: Sequence[Address]) -> list[Finding]:
    """Say who can reach the media addresses of a configuration.

    Args:
        config: `media` and `signalling.host` are read.
        machine: Every address of the machine, loopback among them.

    """
    media = config.media
    local = is_loopback(config.signalling.host)
    reachable = [address for address in machine if not address.is_loopback]
    served = machine if local or not reachable else reachable
    try:
        bound = [(ip, media.port) for ip in media.listen]
        given = [ip_address(each.ip) for each in candidates(bound, media.announce, served)]
    except ConfigurationError as error:
        return [trouble(NAME, error.words, who=OPERATOR, action="Correct media.announce.")]
    except ValueError:
        words = f"media.listen holds what is no address: {', '.join(media.listen)}."
        return [trouble(NAME, words, who=OPERATOR, action='media.listen = ["0.0.0.0", "::"]')]
    return [_judge_reach(given, machine, config), *_judge_wildcards(config, reachable)]


def _judge_reach(
    given: Sequence[Address], machine: Sequence[Address], config: RelayConfig
) -> Finding:
    # A socket on loopback hears nobody else, whatever is announced.
    deaf = all(ip_address(ip).is_loopback for ip in config.media.listen)
    beyond = [] if deaf else [address for address in given if not address.is_loopback]
    if not beyond:
        words = "Media is received on loopback only: nobody but this machine can join."
        action = 'media.listen = ["0.0.0.0", "::"]   (and a network interface that is up)'
        say = warning if is_loopback(config.signalling.host) else trouble
        return say(NAME, words, who=OPERATOR, action=action)
    shown = ", ".join(map(str, beyond))
    foreign = [address for address in beyond if address not in machine]
    if foreign:
        ports = _ports(config)
        return ok(
            NAME,
            f"Browsers are told {shown}; not on this machine: {', '.join(map(str, foreign))}. "
            f"Whatever has them must pass {ports} on without changing the port.",
        )
    if all(_is_behind_nat(address) for address in beyond):
        words = (
            f"Browsers are told {shown}: private addresses, which nobody reaches from outside "
            "this network."
        )
        action = 'media.announce = ["PUBLIC ADDRESS"]   (nothing, if all browsers are inside)'
        return warning(NAME, words, who=OPERATOR, action=action)
    return ok(NAME, f"Browsers are told {shown}, all of them this machine's.")


def _judge_wildcards(config: RelayConfig, reachable: Sequence[Address]) -> list[Finding]:
    """Warn of the known limit: a wildcard's socket answers from the address that routes choose."""
    wildcards = [ip_address(ip) for ip in config.media.listen if ip_address(ip).is_unspecified]
    findings = []
    for wildcard in () if config.media.announce else wildcards:
        behind = [address for address in reachable if address.version == wildcard.version]
        if len(behind) > 1:
            words = (
                f"{wildcard} stands for {len(behind)} addresses ({', '.join(map(str, behind))}). "
                "The relay answers from the one that the kernel's routes choose, and browsers "
                "drop what comes from another than they sent to."
            )
            listed = ", ".join(f'"{address}"' for address in behind)
            action = f"media.listen = [{listed}]   (those of them that browsers reach)"
            findings.append(warning(NAME, words, who=OPERATOR, action=action))
    return findings


def _ports(config: RelayConfig) -> str:
    first, last = config.media.port, config.media.port + config.media.workers - 1
    protocols = "UDP and TCP" if config.media.tcp else "UDP"
    return f"{protocols} {first}" if first == last else f"{protocols} {first} to {last}"


def _is_behind_nat(address: Address) -> bool:
    return any(address in network for network in _BEHIND_NAT if network.version == address.version)
