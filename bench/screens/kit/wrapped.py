"""Text in lines of a width in columns, where some letters take two and some none."""

from __future__ import annotations

import unicodedata


def columns(text: str) -> int:
    """How wide a text is on the screen."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def fitting(text: str, width: int) -> int:
    """How many letters of a text stand in so many columns."""
    wide = 0
    for at, letter in enumerate(text):
        wide += _columns(letter)
        if wide > width:
            return at
    return len(text)


def wrapped(text: str, width: int, indent: str = "") -> list[str]:
    """The text in lines of at most so many columns, broken at blanks where there are any; the
    lines after the first begin with `indent`. One line at least."""
    lines: list[str] = []
    rest, before = text, ""
    while (cut := fitting(rest, width - len(before))) < len(rest):
        blank = rest.rfind(" ", 1, cut + 1)
        # A blank far to the left would leave a line almost empty.
        at = blank if blank > cut // 3 else max(1, cut)
        lines.append(before + rest[:at].rstrip())
        rest, before = rest[at:].lstrip(), indent
    return [*lines, before + rest]
