"""The two faces of labels and papers, their widths, and what they cannot write.

DejaVu Sans, cut down to Latin, Greek, Cyrillic, Armenian and Georgian, lies beside this
file (`fonts/README.md`), so no system font is needed. Scripts whose letters join or
number thousands are not in it: they are left out visibly (`writable`).
"""

from __future__ import annotations

import functools
import math
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

REGULAR = "DejaVuSans"
BOLD = "DejaVuSans-Bold"
ELLIPSIS = "…"
LEFT_OUT = "[…]"  # stands, visibly, for characters the faces lack
# Controls, formats, surrogates, private and unassigned: never drawn, whatever the face has.
_NEVER = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


_FOLDER = Path(__file__).with_name("fonts")


def path(face: str) -> Path:
    """The file of a face."""
    return _FOLDER / f"{face}.ttf"


@functools.lru_cache(maxsize=64)
def load(face: str, size_dots: int) -> FreeTypeFont:
    """The face at a whole number of dots; basic layout, the same on every machine."""
    from PIL import ImageFont

    return ImageFont.truetype(str(path(face)), size_dots, layout_engine=ImageFont.Layout.BASIC)


class _Advances(dict[str, float]):
    """How far each character of a face at a size moves the pen, measured once."""

    def __init__(self, face: str, size_dots: int) -> None:
        super().__init__()
        self.font = load(face, size_dots)

    def __missing__(self, character: str) -> float:
        advance = self[character] = self.font.getlength(character)
        return advance


@functools.lru_cache(maxsize=128)
def _advances(face: str, size_dots: int) -> _Advances:
    return _Advances(face, size_dots)


@functools.lru_cache(maxsize=8192)
def width_dots(text: str, face: str, size_dots: int) -> int:
    """How wide a text is printed, rounded up.

    A sum of characters, ten times faster than asking FreeType for each text: the faces
    carry no kerning (tests/unit/labels/test_font.py).
    """
    advances = _advances(face, size_dots)
    return math.ceil(sum([advances[character] for character in text]))


@functools.cache
def _missing_glyph(face: str) -> bytes:
    return bytes(load(face, 32).getmask("\uffff"))


@functools.lru_cache(maxsize=4096)
def can_write(character: str, face: str = REGULAR) -> bool:
    """Whether the face has the character (a missing one draws the empty box)."""
    if character == " ":
        return True
    if unicodedata.category(character) in _NEVER:
        return False
    return bytes(load(face, 32).getmask(character)) != _missing_glyph(face)


@functools.lru_cache(maxsize=4096)
def writable(text: str) -> str:
    """The text in characters both faces have, composed where Unicode can.

    A letter with an accent they lack loses the accent. What is left of other scripts
    (Chinese, Arabic, pictures) becomes one "[…]" a run: a person sees that something
    was left out, and nobody takes it for a name. Never raises.
    """
    if text.isascii() and text.isprintable():
        return text
    parts: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        part = _writable_character(character)
        if part != LEFT_OUT or parts[-1:] != [LEFT_OUT]:
            parts.append(part)
    return "".join(parts)


def left_out(*texts: str) -> str:
    """The characters of these texts that labels and papers cannot show, each once, in order."""
    found = dict.fromkeys(
        character
        for text in texts
        for character in unicodedata.normalize("NFC", text)
        if _writable_character(character) == LEFT_OUT
    )
    return "".join(found)


@functools.lru_cache(maxsize=8192)
def _writable_character(character: str) -> str:
    if can_write(character):
        return character
    if character.isspace():
        return " "
    if unicodedata.category(character) == "Cf":
        return ""  # joins, directions, soft hyphens: nothing of them is ever seen
    decomposed = unicodedata.normalize("NFKD", character)
    base = "".join(c for c in decomposed if not unicodedata.combining(c))
    if base and all(can_write(c) for c in base):
        return base
    return "" if not base else LEFT_OUT
