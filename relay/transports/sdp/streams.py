"""What an m-line says about the streams its sender sends: SSRCs, rids, msid. Pure."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from relay.transports.sdp.lines import Section, number_untrusted

_LARGEST_SSRC = 2**32 - 1
# RFC 8852 §3.1 lets letters and digits, RFC 8851 §10 adds - and _; a one-byte header extension
# holds 16 (RFC 8285 §4.2).
_RID = re.compile(r"[A-Za-z0-9_-]{1,16}")
_MSID = re.compile(r"[!-~]{1,128}")
_MAX_RIDS = 3  # three qualities of one camera; more would be a way to make the relay work


@dataclass(frozen=True, slots=True)
class Encoding:
    """One quality of a simulcast; paused while the client's encoder for it is switched off."""

    rid: str
    paused: bool


def read_ssrcs_untrusted(section: Section) -> tuple[tuple[int, int], ...]:
    """Return (SSRC, its retransmission's SSRC or 0) in the order of the lines (RFC 5576 §4).

    Raises:
        InvalidOffer: An SSRC that is not a 32-bit number.

    """
    ssrcs = dict.fromkeys(_ssrc(value.split(" ", 1)[0]) for value in section.every("ssrc"))
    repaired_by: dict[int, int] = {}
    for value in section.every("ssrc-group"):
        match value.split():
            case ["FID", source, repair, *_]:
                repaired_by[_ssrc(source)] = _ssrc(repair)
            case _:  # simulcast groups and the like: rids say it better
                pass
    repairs = set(repaired_by.values())
    return tuple((ssrc, repaired_by.get(ssrc, 0)) for ssrc in ssrcs if ssrc not in repairs)


def read_rids_untrusted(section: Section) -> tuple[Encoding, ...]:
    """Return at most three encodings that the client sends, best first (RFC 8853 §5).

    Alternatives (`a,b`) count as their first. A rid without `a=rid:… send` is left out.
    """
    declared = {
        words[0]
        for words in (value.split() for value in section.every("rid"))
        if words[1:2] == ["send"]
    }
    words = (section.first("simulcast") or "").split()
    streams = ""
    for direction, list_of_streams in itertools.pairwise(words):
        if direction == "send":
            streams = list_of_streams
    encodings: dict[str, Encoding] = {}
    for stream in streams.split(";"):
        first = stream.split(",", 1)[0]
        rid = first.removeprefix("~")
        if rid in declared and _RID.fullmatch(rid):
            encodings.setdefault(rid, Encoding(rid, paused=rid != first))
    return tuple(encodings.values())[:_MAX_RIDS]


def read_msid_untrusted(section: Section) -> tuple[str, str] | None:
    """Return the stream's and the track's identifier (RFC 8830), `None` where there is neither."""
    words = (section.first("msid") or "").split()
    if len(words) not in (1, 2) or not all(_MSID.fullmatch(word) for word in words):
        return None
    return words[0], words[1] if len(words) > 1 else ""


def _ssrc(text: str) -> int:
    return number_untrusted(text, at_most=_LARGEST_SSRC, what="an SSRC")
