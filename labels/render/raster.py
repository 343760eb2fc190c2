"""A drawing as a Pillow image: one bit for printers, grey for the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labels import font
from labels.drawing import Drawing, Text, runs

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

BLACK = 0


def to_image(drawing: Drawing, *, grey: bool = False) -> Image:
    """White paper, black ink; mode "1" (what printers get), or "L" with smooth text."""
    from PIL import Image, ImageDraw

    image = Image.new("L" if grey else "1", (drawing.width, drawing.height), 255)
    draw = ImageDraw.Draw(image)
    draw.fontmode = "L" if grey else "1"
    for box in drawing.boxes:
        _rectangle(draw, box.x, box.y, box.width, box.height)
    for text in drawing.texts:
        _write(draw, text)
    _codes(draw, drawing)
    return image


def _codes(draw: ImageDraw, drawing: Drawing) -> None:
    bars, matrix = drawing.bars, drawing.matrix
    for start, length in runs(bars.modules):
        x = bars.x + start * bars.module
        _rectangle(draw, x, bars.y, length * bars.module, bars.height)
    for index, row in enumerate(matrix.rows):
        y = matrix.y + index * matrix.module
        for start, length in runs(row):
            x = matrix.x + start * matrix.module
            _rectangle(draw, x, y, length * matrix.module, matrix.module)


def _rectangle(draw: ImageDraw, x: int, y: int, width: int, height: int) -> None:
    draw.rectangle((x, y, x + width - 1, y + height - 1), fill=BLACK)


def _write(draw: ImageDraw, text: Text) -> None:
    face = font.load(text.face, text.size)
    fill = 255 if text.white else BLACK
    draw.text((text.x, text.baseline), text.text, font=face, fill=fill, anchor="ls")
