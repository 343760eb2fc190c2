"""The first page of each paper, beside a committed picture of it.

The pictures are 50 dpi, 16 greys: enough to see a block move, too coarse to see a
letter's edge. Tolerance: another pdfium may smooth edges differently, which moves
thin strokes by a few greys; so at most 1 % of the pixels may differ by more than a
third of full black. A line of text that moves by its own height changes over 2 %.

After a wanted change: `ETABLI_UPDATE_REFERENCES=1 pytest tests/unit/documents/test_references.py`,
look at the pictures, commit them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from tests.unit.documents.examples import PAPERS
from tests.unit.documents.paper_reader import pages

FOLDER = Path(__file__).with_name("references")
ALLOWED_SHARE = 0.01
FAR = 85  # of 255


def coarse(page: Image.Image) -> Image.Image:
    return page.convert("L").point(lambda value: value // 16 * 17)


def differing_share(first: Image.Image, second: Image.Image) -> float:
    difference = ImageChops.difference(first, second).point(lambda value: value > FAR and 255)
    return difference.histogram()[255] / (first.width * first.height)


@pytest.mark.parametrize("name", sorted(PAPERS))
def test_the_paper_looks_as_it_did(name: str) -> None:
    made = coarse(pages(PAPERS[name](), dpi=50)[0])
    path = FOLDER / f"{name}.png"
    if os.environ.get("ETABLI_UPDATE_REFERENCES"):
        FOLDER.mkdir(exist_ok=True)
        made.quantize(16).save(path, optimize=True)
    with Image.open(path) as kept:
        reference = kept.convert("L")
    assert made.size == reference.size
    assert differing_share(made, reference) <= ALLOWED_SHARE


def test_the_comparison_sees_a_line_that_moved() -> None:
    page = coarse(pages(PAPERS["handover"](), dpi=50)[0])
    moved = Image.new("L", page.size, 255)
    moved.paste(page, (0, 6))
    assert differing_share(page, moved) > ALLOWED_SHARE
