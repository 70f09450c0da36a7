"""Text is at least 4.5:1 on its ground, in light and in dark (WCAG 2.1, 1.4.3)."""

from __future__ import annotations

import re

import pytest

from examples.clinic.web.pages import TEMPLATES

ENOUGH = 4.5
COLOUR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
PAIRS = [
    *((ink, "ground") for ink in ("ink", "quiet", "accent", "notice")),
    *((ink, "surface") for ink in ("ink", "quiet", "accent", "notice")),
    ("ink", "raised"),
    ("accent-ink", "accent"),
    ("stop-ink", "stop"),
]


def luminance(colour: str) -> float:
    """Give a colour's relative luminance (WCAG 2.1, "relative luminance")."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Give how far two colours are apart (WCAG 2.1, "contrast ratio")."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_can_be_read(ink: str, ground: str) -> None:
    style = (TEMPLATES.parent / "static" / "clinic.css").read_text()
    colours = {name: (light, dark) for name, light, dark in COLOUR.findall(style)}
    for scheme in (0, 1):
        assert contrast(colours[ink][scheme], colours[ground][scheme]) >= ENOUGH


def test_the_formula_is_the_standard_s() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
