"""The paper's font: that of the labels (labels/fonts), Latin, Greek, Cyrillic and more.

A letter it lacks is shown without its accent where that exists; what is left of other
scripts becomes « […] »: visibly left out rather than an empty box or an error half-way
through a lot.
"""

from __future__ import annotations

import functools

from reportlab.pdfbase import pdfmetrics

from labels import font as face
from labels.render.pdf import register_faces

REGULAR = face.REGULAR
BOLD = face.BOLD


def register() -> None:
    """Make the fonts known to reportlab, once a process."""
    register_faces()


def printable(text: str) -> str:
    """The text with only characters the font has; see `labels.font.writable`."""
    return face.writable(text)


@functools.lru_cache(maxsize=65536)
def width(text: str, font: str, size: float) -> float:
    """Width in points."""
    register()
    return float(pdfmetrics.stringWidth(text, font, size))


def shorten(text: str, font: str, size: float, room: float) -> str:
    """One line that fits, ended by « … » where something was left out."""
    shown = printable(text.replace("\n", " "))
    if width(shown, font, size) <= room:
        return shown
    while shown and width(shown + "…", font, size) > room:
        shown = shown[:-1]
    return shown.rstrip() + "…"


@functools.lru_cache(maxsize=16384)
def wrap(text: str, font: str, size: float, room: float) -> tuple[str, ...]:
    """Lines that fit in `room` points; a word that is too long is cut. Never empty."""
    lines: list[str] = []
    for source in text.split("\n"):
        line = ""
        for word in printable(source).split(" "):
            joined = f"{line} {word}" if line else word
            if width(joined, font, size) <= room:
                line = joined
                continue
            if line:
                lines.append(line)
            line = _cut_into(lines, word, font, size, room)
        lines.append(line)
    return tuple(lines)


def _cut_into(lines: list[str], word: str, font: str, size: float, room: float) -> str:
    """Append the full lines of a word wider than the room; give back what is left over."""
    while word and width(word, font, size) > room:
        at = max(
            1, next((n for n in range(len(word), 0, -1) if width(word[:n], font, size) <= room), 1)
        )
        lines.append(word[:at])
        word = word[at:]
    return word
