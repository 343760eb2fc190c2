"""The two faces labels are set in, their widths, and what they cannot write.

Bitstream Vera comes with reportlab, so it is there wherever a PDF can be made, with no
system font; it has all French letters, œ, € and the ellipsis (283 characters, counted),
where the face inside Pillow has 115 and no accent at all.
"""

from __future__ import annotations

import functools
import importlib.util
import math
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

REGULAR = "Vera"
BOLD = "VeraBd"
ELLIPSIS = "…"
UNWRITABLE = "?"  # stands, visibly, for a character the face lacks


@functools.cache
def path(face: str) -> Path:
    """The file of a face, found without importing reportlab (100 ms)."""
    spec = importlib.util.find_spec("reportlab")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("reportlab, which carries the label font, is not installed")
    return Path(spec.origin).parent / "fonts" / f"{face}.ttf"


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

    A sum of characters, ten times faster than asking FreeType for each text; Vera's
    kerning only makes it narrower, 1/32 dot a pair aside (tests/unit/labels/test_font.py).
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
    return bytes(load(face, 32).getmask(character)) != _missing_glyph(face)


@functools.lru_cache(maxsize=4096)
def writable(text: str) -> str:
    """The text in characters both faces have.

    A letter with an accent they lack loses the accent; what is left of other scripts
    becomes "?", so that a person sees something is missing. Never raises.
    """
    return "".join(_writable_character(character) for character in text)


def _writable_character(character: str) -> str:
    if can_write(character):
        return character
    if character.isspace():
        return " "
    decomposed = unicodedata.normalize("NFKD", character)
    base = "".join(c for c in decomposed if not unicodedata.combining(c))
    if base and all(can_write(c) for c in base):
        return base
    return UNWRITABLE
