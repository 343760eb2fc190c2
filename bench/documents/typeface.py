"""The paper's font: Bitstream Vera, which reportlab ships (free licence, French complete).

Vera has 280 glyphs: all of French, most of Latin Europe. A letter it lacks is
shown without its accent where that exists, else as « ? »: visibly wrong rather
than an empty box or an error half-way through a lot.
"""

from __future__ import annotations

import functools
import unicodedata

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

REGULAR = "EtabliSans"
BOLD = "EtabliSans-Bold"
_FILES = {REGULAR: "Vera.ttf", BOLD: "VeraBd.ttf"}
# Spaces and dashes Vera lacks but French typography uses.
_STAND_IN = {"\u202f": "\u00a0", "\u2009": " ", "\u2011": "-", "→": ">", "←": "<", "\t": " "}


@functools.cache
def register() -> None:
    """Make the fonts known to reportlab, once a process."""
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, file))


@functools.cache
def _glyphs() -> frozenset[int]:
    register()
    return frozenset(pdfmetrics.getFont(REGULAR).face.charToGlyph)


@functools.lru_cache(maxsize=4096)
def _shown(character: str) -> str:
    if (ord(character) in _glyphs() and character.isprintable()) or character == "\u00a0":
        return character
    if character in _STAND_IN:
        return _STAND_IN[character]
    plain = "".join(
        c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c)
    )
    fits = plain.isprintable() and all(ord(c) in _glyphs() for c in plain)
    if not plain and unicodedata.combining(character):
        return ""  # an accent standing alone: its letter was already drawn
    return plain if fits and plain else "?"


def printable(text: str) -> str:
    """The text with only characters the font has; composed first, so « é » stays « é »."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in unicodedata.normalize("NFC", text))


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
