"""The faces of labels and papers: measured widths, letters of other scripts."""

import random

import pytest
from PIL import Image, ImageChops, ImageDraw

from labels import font
from labels.render.raster import _letters

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


@pytest.mark.parametrize("face", [font.REGULAR, font.BOLD])
def test_no_pair_of_letters_moves(face: str) -> None:
    """Widths are summed and letters drawn one by one: only right without kerning."""
    loaded = font.load(face, 40)
    for first in LETTERS:
        for second in LETTERS:
            alone = loaded.getlength(first) + loaded.getlength(second)
            assert loaded.getlength(first + second) == alone


@pytest.mark.parametrize("face", [font.REGULAR, font.BOLD])
def test_letters_put_together_are_the_text_as_freetype_draws_it(face: str) -> None:
    """In grey; with one bit a dot FreeType's pen moves by other steps than are measured."""
    text = "Ålesund – Žižek, Ελλάδα, Київ: « déjà » jJ/Ty 42 €"
    for size in (16, 21, 33, 60):
        letters, left, top = _letters(text, face, size, "L")
        whole = Image.new("L", letters.size, 0)
        draw = ImageDraw.Draw(whole)
        draw.text((-left, -top), text, font=font.load(face, size), fill=255, anchor="ls")
        assert ImageChops.difference(letters, whole).getbbox() is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Œuvre à l’école, « ça » 5 €", "Œuvre à l’école, « ça » 5 €"),
        ("Ștefan Dvořák, Łódź", "Ștefan Dvořák, Łódź"),
        ("Έλλη Παπαδοπούλου", "Έλλη Παπαδοπούλου"),
        ("Олександр Їжак", "Олександр Їжак"),
        ("Nguyễn Thị Hương", "Nguyễn Thị Hương"),
        ("王小明 SARL", "[…] SARL"),
        ("مؤسسة الأمل (Lille)", "[…] […] (Lille)"),
        ("e\u0301cole", "école"),
        ("a\u200bb\u202ec", "abc"),
        ("PC 😀", "PC […]"),
        ("\ud800", "[…]"),
    ],
)
def test_each_script_is_written_or_visibly_left_out(text: str, shown: str) -> None:
    assert font.writable(text) == shown


def test_what_is_left_out_is_named_once() -> None:
    assert font.left_out("王小明", "Олена 王", "é") == "王小明"
    assert font.left_out("Dell", "Ελένη") == ""


def test_writable_never_raises() -> None:
    for code in [*range(0, 0x3000, 7), 0xD800, 0xFFFF, 0x1F600, 0x10FFFF]:
        assert all(font.can_write(c) for c in font.writable(chr(code)))
