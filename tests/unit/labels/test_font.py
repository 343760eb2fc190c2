"""The face of the labels: measured widths, missing letters."""

import random

import pytest

from labels import font

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-·…éèàçœÀÉ()/"


@pytest.mark.parametrize("face", [font.REGULAR, font.BOLD])
@pytest.mark.parametrize("size", [14, 21, 26, 33, 56, 90])
def test_measured_width_is_what_is_drawn_or_a_little_more(face: str, size: int) -> None:
    chance = random.Random(size)
    for _ in range(200):
        text = "".join(chance.choices(LETTERS, k=chance.randint(1, 40)))
        drawn = font.load(face, size).getlength(text)
        measured = font.width_dots(text, face, size)
        assert drawn <= measured + 1
        assert measured <= drawn * 1.04 + 2


def test_kerning_never_widens_a_pair_visibly() -> None:
    face = font.load(font.BOLD, 40)
    for first in LETTERS:
        for second in LETTERS:
            pair = face.getlength(first + second)
            assert pair <= face.getlength(first) + face.getlength(second) + 1 / 32


def test_writable_never_raises() -> None:
    for code in [*range(0, 0x3000, 7), 0xD800, 0xFFFF, 0x1F600, 0x10FFFF]:
        assert all(font.can_write(c) for c in font.writable(chr(code)))
