"""The planche de codes: answers to scan instead of keys to press.

Codes hold only A-Z, 0-9 and « - », which survive a scanner set to another keyboard
(`bench/guide/scan.py`). Erasing is not on the sheet, on purpose: it is never one scan away.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.documents.page.drawn_codes import draw_bars
from bench.documents.page.pdf import BOTTOM, INNER, Sheet
from bench.documents.page.pdf import MARGIN as LEFT
from bench.documents.page.typeface import BOLD, REGULAR, wrap
from bench.guide.scan import ACTION_PREFIX
from bench.words.catalogue import for_the_workshop, language, say
from diagnostics.learn import learn

_FILE = Path(__file__).with_name("code_sheet.toml")
_COLUMNS = 3
_CELL = 86.0  # points: three lines of text, and bars 14 mm high


class Group(msgspec.Struct, frozen=True):
    id: str
    codes: tuple[str, ...]


class _Catalogue(msgspec.Struct, frozen=True):
    groups: tuple[Group, ...]


class Named(msgspec.Struct, frozen=True):
    """A code with the words above it (a badge, a printer)."""

    code: str
    text: str


@functools.cache
def standard_groups() -> tuple[Group, ...]:
    """The codes every screen knows."""
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8")), _Catalogue).groups


def meaning(text: str) -> str | None:
    """The action of a scanned text ("choice_1", "ok"...), or `None`: not from this sheet."""
    code = text.strip().upper()
    if not code.startswith(ACTION_PREFIX):
        return None
    action = code.removeprefix(ACTION_PREFIX).lower().replace("-", "_")
    return action if any(action in group.codes for group in standard_groups()) else None


def code_of(action: str) -> str:
    """What is printed in bars for an action."""
    return ACTION_PREFIX + action.upper().replace("_", "-")


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
        codes = [
            Named(code_of(action), say(f"documents.code_sheet.action.{action}"))
            for action in group.codes
        ]
        _group(sheet, say(f"documents.code_sheet.group.{group.id}"), codes)
    if badges:
        _group(sheet, say("documents.code_sheet.group.badges"), badges)
    return sheet.finish()


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


learn(_Catalogue)
