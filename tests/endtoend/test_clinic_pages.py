"""Every page of the example clinic and each of its states, as axe finds it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from tests.endtoend.axe import rules_of, violations
from tests.endtoend.clinic_gallery import STATES, showing_clinic
from tests.endtoend.gallery import EACH_ONCE, EVERY_LOOK, appear

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.endtoend.clinic_gallery import ClinicGallery
    from tests.endtoend.gallery import Looks

pytestmark = pytest.mark.timeout(90)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def gallery(
    programs: None,  # noqa: ARG001 - it must have run
) -> AsyncIterator[ClinicGallery]:
    """Give the clinic on one of its days."""
    async with showing_clinic() as shown:
        yield shown


@pytest.mark.parametrize(
    "looks",
    [EACH_ONCE, pytest.param(EVERY_LOOK, marks=pytest.mark.thorough)],
    ids=["once", "every look"],
)
@pytest.mark.parametrize("name", list(STATES))
async def test_axe_finds_nothing_at_the_clinic(
    gallery: ClinicGallery, name: str, looks: Looks
) -> None:
    found = await asyncio.gather(*(looked_at(gallery, name, each, looks) for each in looks))
    assert [line for lines in found for line in lines] == []


async def looked_at(gallery: ClinicGallery, name: str, language: str, looks: Looks) -> list[str]:
    """Give what is wrong in one language, of what is loaded once."""
    page = await gallery.show(name, language)
    found: list[str] = []
    for width, schemes in looks[language].items():
        for scheme in schemes:
            await appear(page, width, scheme)
            where = f"{language}, {width} px, {scheme}"
            lines = await violations(page, rules_of(scheme, schemes))
            found += [f"{where}: {line}" for line in lines]
        if await page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(f"{language}, {width} px: what is there is wider than the window")
    return found
