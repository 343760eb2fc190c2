"""A drawing as a Pillow image: one bit for printers, grey for the screen."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from labels import font
from labels.drawing import Drawing, Text

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

BLACK = 0


def to_image(drawing: Drawing, *, grey: bool = False) -> Image:
    """White paper, black ink; mode "1" (what printers get), or "L" with smooth text."""
    from PIL import Image, ImageDraw

    mode = "L" if grey else "1"
    image = Image.new(mode, (drawing.width, drawing.height), 255)
    draw = ImageDraw.Draw(image)
    for box in drawing.boxes:
        edges = (box.x, box.y, box.x + box.width - 1, box.y + box.height - 1)
        draw.rectangle(edges, fill=BLACK)
    for text in drawing.texts:
        _write(draw, text, mode)
    _paste_codes(image, drawing)
    return image


def _paste_codes(image: Image, drawing: Drawing) -> None:
    bars, matrix = drawing.bars, drawing.matrix
    _paste_modules(image, (bars.modules,), (bars.x, bars.y), (bars.width, bars.height))
    _paste_modules(image, matrix.rows, (matrix.x, matrix.y), (matrix.width, matrix.width))


_INK = bytes.maketrans(b"01", b"\xff\x00")


def _paste_modules(
    image: Image, rows: tuple[str, ...], place: tuple[int, int], size: tuple[int, int]
) -> None:
    """Every module blown up to whole dots: sizes are multiples of the module count."""
    from PIL import Image as images

    dots = "".join(rows).encode("ascii").translate(_INK)
    modules = images.frombytes("L", (len(rows[0]), len(rows)), dots)
    # To the picture's own mode while it is small: converting the dots takes a millisecond.
    modules = modules.convert(image.mode, dither=images.Dither.NONE)
    image.paste(modules.resize(size, images.Resampling.NEAREST), place)


def _write(draw: ImageDraw, text: Text, mode: str) -> None:
    letters, left, top = _letters(text.text, text.face, text.size, mode)
    draw.bitmap((text.x + left, text.baseline + top), letters, 255 if text.white else BLACK)


@functools.lru_cache(maxsize=512)
def _letters(text: str, face: str, size: int, mode: str) -> tuple[Image, int, int]:
    """The letters as a mask, and where it lies from the pen's place on the baseline.

    Kept, since a workshop prints the same words all day. Put together from letters drawn
    once: FreeType takes half a millisecond for a text, and the faces have no kerning.
    """
    from PIL import Image

    # Room for what letters stick out of their box: cheaper than measuring it first.
    left, top = size // 4, size
    mask = Image.new(mode, (font.width_dots(text, face, size) + 2 * left, top + size // 2), 0)
    pen = 0.0
    for character in text:
        letter, beside, above, advance = _letter(character, face, size, mode)
        if letter is not None:
            mask.paste(255, (left + round(pen) + beside, top + above), letter)
        pen += advance
    return mask, -left, -top


@functools.lru_cache(maxsize=4096)
def _letter(
    character: str, face: str, size: int, mode: str
) -> tuple[Image | None, int, int, float]:
    """One letter's ink as a mask (`None`: it has none), its place, and the pen's advance."""
    from PIL import Image, ImageDraw

    loaded = font.load(face, size)
    left, top = size, 2 * size
    mask = Image.new(mode, (4 * size, 4 * size), 0)
    draw = ImageDraw.Draw(mask)
    draw.fontmode = mode
    draw.text((left, top), character, font=loaded, fill=255, anchor="ls")
    box = mask.getbbox()
    advance = loaded.getlength(character)
    if box is None:
        return None, 0, 0, advance
    return mask.crop(box), box[0] - left, box[1] - top, advance
