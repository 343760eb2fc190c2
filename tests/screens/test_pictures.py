"""The screens look as their pictures in docs/pictures do."""

from __future__ import annotations

import pytest

from tests.screens.pictures import FOLDER, PAGES, RENEW, draw


@pytest.mark.long
@pytest.mark.parametrize("name", PAGES)
async def test_a_screen_is_as_its_picture(name: str) -> None:
    """A picture is compared byte by byte: look at the difference, then renew it."""
    kept = (FOLDER / f"{name}.svg").read_text("utf-8")
    assert len(kept.encode()) < 60_000  # look.svg has 50,000: each box and its edges apart
    assert (await draw(name)) == kept, f"docs/pictures/{name}.svg differs; as meant? {RENEW}"


def test_there_is_no_picture_nobody_draws() -> None:
    found = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.svg")}
    assert set(found) == set(PAGES)
    assert not [name for name, text in found.items() if "http" in text.replace(SVG, "")]


SVG = 'xmlns="http://www.w3.org/2000/svg"'
