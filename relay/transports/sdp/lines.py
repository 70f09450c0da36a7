"""Cut a session description into sections of attributes, within fixed bounds.

Knows the grammar of lines (RFC 8866 §5) and nothing of their meaning. Called by `offer`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from relay.errors import InvalidOffer

# The bounds of a description we read. Chromium's offer of ours for two others (eight m-lines,
# gathered to the end) measures 26 KiB, 764 lines and 32 candidates; with places for the nine others
# of a full consultation (21 m-lines) it is 62 KiB and 1,968 lines, and more with what comes anew.
MAX_SDP_BYTES = 128 * 1024
MAX_LINES = 4_000
MAX_MEDIA = 32
MAX_CANDIDATES = 64

# Everything below space but tab and line ends, and DEL: never legal in SDP (RFC 8866 §9).
_CONTROLS = bytes({*range(0x20), 0x7F} - set(b"\t\r\n"))
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_MAX_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Section:
    """The session part (`media` is `None`) or one m-line, with the attributes that follow it."""

    media: str | None
    attributes: Mapping[str, list[str]] = field(default_factory=dict)

    def first(self, name: str) -> str | None:
        """Return the first value of the attribute; the empty string for a flag."""
        values = self.attributes.get(name)
        return values[0] if values else None

    def every(self, name: str) -> list[str]:
        """Return all values of the attribute in order, none where it is absent."""
        return self.attributes.get(name, [])

    def has(self, name: str) -> bool:
        """Tell whether the attribute is present."""
        return name in self.attributes


def sections_untrusted(sdp: str) -> tuple[Section, list[Section]]:
    """Return the session section and one section for each m-line.

    Lines other than `m=` and `a=` are checked for their form and dropped: nothing in them
    concerns a bundled, multiplexed WebRTC session.

    Raises:
        InvalidOffer: A bound is passed or a line is not of the form `<letter>=<value>`.

    """
    _check_characters(sdp)
    lines = sdp.replace("\r\n", "\n").split("\n", MAX_LINES + 1)
    if len(lines) > MAX_LINES + 1 or (len(lines) == MAX_LINES + 1 and lines[-1]):
        raise InvalidOffer(f"The session description has more than {MAX_LINES} lines.")
    session: dict[str, list[str]] = {}
    media: list[Section] = []
    attributes = session
    if lines[0] != "v=0":
        raise InvalidOffer("The session description does not begin with v=0.")
    for number, line in enumerate(lines):
        kind = line[:2]
        if kind == "a=":
            name, _, value = line[2:].partition(":")
            if name in attributes:
                attributes[name].append(value)
            else:
                attributes[name] = [value]
        elif kind == "m=":
            if len(media) == MAX_MEDIA:
                raise InvalidOffer(f"The session description has more than {MAX_MEDIA} m-lines.")
            attributes = {}
            media.append(Section(line[2:], attributes))
        elif line and (kind[1:] != "=" or kind[0] not in _LETTERS):
            raise InvalidOffer(f"Line {number + 1} of the session description is not SDP.")
    whole = Section(None, session)
    if sum(len(section.every("candidate")) for section in (whole, *media)) > MAX_CANDIDATES:
        raise InvalidOffer(f"The offer names more than {MAX_CANDIDATES} candidates.")
    return whole, media


def number_untrusted(text: str, *, at_most: int, what: str) -> int:
    """Read a decimal number of at most ten ASCII digits.

    Raises:
        InvalidOffer: It is not one, or exceeds `at_most`; the sentence names `what`.

    """
    is_number = text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS
    if not is_number or int(text) > at_most:
        raise InvalidOffer(f"The offer has {what} that is not a number up to {at_most}.")
    return int(text)


def _check_characters(sdp: str) -> None:
    if len(sdp) > MAX_SDP_BYTES:
        raise InvalidOffer("The session description is larger than 128 KiB.")
    try:
        encoded = sdp.encode()
    except UnicodeEncodeError:
        raise InvalidOffer("The session description is not text.") from None
    if len(encoded) > MAX_SDP_BYTES:
        raise InvalidOffer("The session description is larger than 128 KiB.")
    if len(encoded.translate(None, _CONTROLS)) != len(encoded):
        raise InvalidOffer("The session description has control characters.")
    if encoded.count(b"\r") != encoded.count(b"\r\n"):
        raise InvalidOffer("The session description has a line that ends in CR alone.")
