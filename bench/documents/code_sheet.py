"""The planche de codes: answers to scan instead of keys to press.

Which codes there are says `bench.guide.card`, and `bench.screens.kit.card` what they do at a
page. An answer has the words of the screen: it is looked for by them.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bench.documents.page.drawn_codes import draw_bars
from bench.documents.page.pdf import BOTTOM, INNER, Sheet
from bench.documents.page.pdf import MARGIN as LEFT
from bench.documents.page.typeface import BOLD, REGULAR, wrap
from bench.guide.card import code_of, standard_groups
from bench.screens.kit.card import WORDS
from bench.words.catalogue import for_the_workshop, language, say

_COLUMNS = 3
_CELL = 86.0  # points: three lines of text, and bars 14 mm high


class Named(msgspec.Struct, frozen=True):
    """A code with the words above it (a badge, a printer)."""

    code: str
    text: str


@for_the_workshop()
def code_sheet_pdf(workshop: str, badges: Sequence[Named] = (), *, logo: bytes = b"") -> bytes:
    """The sheet, with the badges of the people at this bench where they are given."""
    sheet = Sheet(
        title=say("documents.code_sheet.title"),
        reference=say("documents.code_sheet.how"),
        issuer=workshop,
        footer=say("documents.code_sheet.footer"),
        date="",
        language=language(),
        logo=logo,
    )
    for group in standard_groups():
        codes = [Named(code_of(action), words_of(action)) for action in group.codes]
        _group(sheet, say(f"documents.code_sheet.group.{group.id}"), codes)
    if badges:
        _group(sheet, say("documents.code_sheet.group.badges"), badges)
    return sheet.finish()


def words_of(action: str) -> str:
    """What stands above the bars: the screen's own words, or the key that does the same."""
    if action in WORDS:
        return say(WORDS[action])
    if action.startswith("choice_"):
        return action.removeprefix("choice_")
    return say(f"documents.code_sheet.action.{action}")


def _group(sheet: Sheet, title: str, codes: Sequence[Named]) -> None:
    sheet.heading(title, keep=_CELL)
    share = INNER / _COLUMNS
    for start in range(0, len(codes), _COLUMNS):
        if sheet.y - _CELL < BOTTOM:
            sheet.new_page()
        for column, named in enumerate(codes[start : start + _COLUMNS]):
            _cell(sheet, named, LEFT + column * share, share - 10)
        sheet.space(_CELL)


def _cell(sheet: Sheet, named: Named, x: float, width: float) -> None:
    canvas = sheet.canvas
    canvas.setFont(BOLD, 10)
    y = sheet.y - 14
    for line in wrap(named.text, BOLD, 10, width)[:2]:
        canvas.drawString(x, y, line)
        y -= 12
    draw_bars(canvas, named.code, x, sheet.y - _CELL + 16, width=width, height=38)
    canvas.setFont(REGULAR, 7)
    canvas.drawCentredString(x + width / 2, sheet.y - _CELL + 7, named.code)
