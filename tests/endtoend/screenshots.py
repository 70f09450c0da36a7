"""Writes `docs/screens/`: a picture of every page and state, and the page that shows them.

`make screenshots` runs it, in Chromium and without a relay; the pages of the example clinic are
among them. One picture holds eight looks: English above French, and from left to right a wide
screen and a phone, each light and dark.
"""

from __future__ import annotations

import asyncio
import base64
import shutil
from typing import TYPE_CHECKING

from tests.endtoend import clinic_gallery
from tests.endtoend.clinic_gallery import showing_clinic
from tests.endtoend.gallery import (
    CHECKS,
    HEIGHTS,
    LANGUAGES,
    PAGES,
    ROOT,
    SCHEMES,
    STATES,
    WIDTHS,
    appear,
    show,
    showing_gallery,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.async_api import Page

    from tests.endtoend.clinic_gallery import ClinicGallery

CLINIC = tuple(clinic_gallery.STATES)
NAMES = (*PAGES, *CHECKS, *STATES, *CLINIC)
SCREENS = ROOT / "docs" / "screens"
PAGE = ROOT / "docs" / "screens.md"
MOST_BYTES = 120_000
"""Of one picture: the page is read on phones, too, and everybody who clones has them all."""
MOST_BYTES_IN_ALL = 4_500_000
QUALITIES = (70, 60, 50, 40, 30)
"""Of WebP; the first with which a picture is small enough is taken."""
HEIGHT, GAP = 400, 8

STYLE = f"""
body {{ display: grid; gap: {GAP}px; margin: {GAP}px; background: #7c8486; }}
div {{ display: flex; gap: {GAP}px; }}
img {{ display: block; block-size: {HEIGHT}px; }}
"""


def run() -> None:
    """Take every picture anew, and write the page that shows them."""
    shutil.rmtree(SCREENS, ignore_errors=True)
    SCREENS.mkdir(parents=True)
    asyncio.run(take())
    PAGE.write_text(page())


async def take() -> None:
    """Take a picture of every page and state."""
    async with showing_gallery() as tabs, showing_clinic() as clinic:
        browser = tabs[LANGUAGES[0]].context.browser
        assert browser is not None, "it was launched"
        sheet = await browser.new_page()
        width = sum(round(one * HEIGHT / HEIGHTS[one]) + GAP for one in WIDTHS for _ in SCHEMES)
        height = (HEIGHT + GAP) * len(LANGUAGES)
        await sheet.set_viewport_size({"width": width + GAP, "height": height + GAP})
        for name in NAMES:
            if name in CLINIC:
                looking = [_looks_of_clinic(clinic, name, each) for each in LANGUAGES]
            else:
                looking = [_looks(tabs[each], name, each) for each in LANGUAGES]
            _keep(name, await _gathered(sheet, await asyncio.gather(*looking)))


def page() -> str:
    """Give the document that shows the pictures."""
    shown = "".join(map(_shown, NAMES))
    return f"""# Screens

Every page and state a person can meet, as `make screenshots` draws them in Chromium (written by
`tests/endtoend/screenshots.py`). Each picture has English above French, and from left to right a
screen of {WIDTHS[1]} pixels, light and dark, and a phone of {WIDTHS[0]}, light and dark. A picture
has at most {MOST_BYTES:,} bytes, all of them {MOST_BYTES_IN_ALL:,}. How they are checked is in
[accessibility.md](accessibility.md).
{shown}"""


def _shown(name: str) -> str:
    title = name.replace("-", " ").capitalize()
    return f"\n## {title}\n\n![{title}](screens/{name}.webp)\n"


async def _looks(tab: Page, name: str, language: str) -> list[bytes]:
    """Give what one language looks like, as PNG: the wide screen first, light before dark."""
    looks = []
    for width in reversed(WIDTHS):
        await appear(tab, width, SCHEMES[0])
        await show(tab, name, language)
        for scheme in SCHEMES:
            await appear(tab, width, scheme)
            looks.append(await tab.screenshot())
    return looks


async def _looks_of_clinic(clinic: ClinicGallery, name: str, language: str) -> list[bytes]:
    """Give the same of a page of the example clinic."""
    tab = await clinic.show(name, language)
    looks = []
    for width in reversed(WIDTHS):
        for scheme in SCHEMES:
            await appear(tab, width, scheme)
            looks.append(await tab.screenshot())
    return looks


async def _gathered(sheet: Page, rows: Sequence[Sequence[bytes]]) -> bytes:
    """Give one WebP of all looks.

    Raises:
        ValueError: It is too large in every quality.

    """
    pictures = "".join(f"<div>{''.join(map(_image, row))}</div>" for row in rows)
    await sheet.set_content(f"<style>{STYLE}</style>{pictures}")
    session = await sheet.context.new_cdp_session(sheet)
    try:
        for quality in QUALITIES:
            wish = {"format": "webp", "quality": quality}
            taken = await session.send("Page.captureScreenshot", wish)
            picture = base64.b64decode(taken["data"])
            if len(picture) <= MOST_BYTES:
                return picture
    finally:
        await session.detach()
    raise ValueError(f"A picture has more than {MOST_BYTES} bytes.")


def _image(png: bytes) -> str:
    return f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}" alt="">'


def _keep(name: str, picture: bytes) -> None:
    (SCREENS / f"{name}.webp").write_bytes(picture)


if __name__ == "__main__":
    run()
