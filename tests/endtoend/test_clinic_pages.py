"""Every page of the example clinic and each of its states, as axe finds it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.endtoend.axe import COLOURS, EVERYTHING, violations
from tests.endtoend.clinic_gallery import STATES, showing_clinic
from tests.endtoend.gallery import LANGUAGES, SCHEMES, WIDTHS, appear

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.endtoend.clinic_gallery import ClinicGallery

pytestmark = pytest.mark.timeout(90)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gallery(
    programs: None,  # noqa: ARG001 - it must have run
) -> AsyncIterator[ClinicGallery]:
    """Give the clinic on one of its days."""
    async with showing_clinic() as shown:
        yield shown


@pytest.mark.parametrize("name", list(STATES))
async def test_axe_finds_nothing_at_the_clinic(gallery: ClinicGallery, name: str) -> None:
    found = await asyncio.gather(*(looked_at(gallery, name, each) for each in LANGUAGES))
    assert [line for lines in found for line in lines] == []


async def looked_at(gallery: ClinicGallery, name: str, language: str) -> list[str]:
    """Give what is wrong in one language: loaded once, on both widths, in both colour schemes."""
    page = await gallery.show(name, language)
    found: list[str] = []
    for width in WIDTHS:
        for scheme in SCHEMES:
            await appear(page, width, scheme)
            rules = EVERYTHING if scheme == "light" else COLOURS
            where = f"{language}, {width} px, {scheme}"
            found += [f"{where}: {line}" for line in await violations(page, rules)]
        if await page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{language}, {width} px: what is there is wider than the window")
    return found
