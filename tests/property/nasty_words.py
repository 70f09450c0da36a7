"""Values that break parsers, for the place of any word of a real line."""

from __future__ import annotations

from hypothesis import strategies as st

NUMBERS = [
    "-1",
    "0",
    "64",
    "127",
    "128",
    "255",
    "65536",
    "4294967296",
    "9" * 40,
    "1e9",
    "1_0",
    "+1",
]
MARKS = [
    "*",
    "/",
    ":",
    ";",
    ",",
    "=",
    "~",
    "%s",
    "٣",
    "²",
    "\u2028",
    "\x85",
    "\x00",
    "\r",
    "a" * 300,
]
NASTY = st.text(max_size=8) | st.sampled_from([*NUMBERS, *MARKS])
