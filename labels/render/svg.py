"""A drawing as an SVG file, in millimetres, one user unit a dot."""

from __future__ import annotations

from xml.sax.saxutils import escape

from labels import font
from labels.drawing import Drawing, Text, runs
from labels.sizes import MM_PER_INCH

# Text is kept as text; textLength holds any other face to the measured width.
FAMILY = "DejaVu Sans, Bitstream Vera Sans, Verdana, sans-serif"


def encode(drawing: Drawing) -> bytes:
    """UTF-8 SVG of one label."""
    width_mm = drawing.width * MM_PER_INCH / drawing.dpi
    height_mm = drawing.height * MM_PER_INCH / drawing.dpi
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_mm:.3f}mm" '
        f'height="{height_mm:.3f}mm" viewBox="0 0 {drawing.width} {drawing.height}">',
        f"<title>{escape(drawing.asset)}</title>",
        f'<rect width="{drawing.width}" height="{drawing.height}" fill="#fff"/>',
        f'<path shape-rendering="crispEdges" d="{_codes(drawing)}"/>',
        *(
            f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"/>'
            for box in drawing.boxes
        ),
        *(_text(text) for text in drawing.texts),
        "</svg>\n",
    ]
    return "\n".join(parts).encode()


def _codes(drawing: Drawing) -> str:
    bars, matrix = drawing.bars, drawing.matrix
    rectangles = [
        _rectangle(bars.x + start * bars.module, bars.y, length * bars.module, bars.height)
        for start, length in runs(bars.modules)
    ]
    for index, row in enumerate(matrix.rows):
        y = matrix.y + index * matrix.module
        rectangles += [
            _rectangle(matrix.x + start * matrix.module, y, length * matrix.module, matrix.module)
            for start, length in runs(row)
        ]
    return "".join(rectangles)


def _rectangle(x: int, y: int, width: int, height: int) -> str:
    return f"M{x} {y}h{width}v{height}h-{width}z"


def _text(text: Text) -> str:
    weight = ' font-weight="bold"' if text.face == font.BOLD else ""
    fill = ' fill="#fff"' if text.white else ""
    return (
        f'<text x="{text.x}" y="{text.baseline}" font-family="{FAMILY}" '
        f'font-size="{text.size}"{weight}{fill} textLength="{text.width}" '
        f'lengthAdjust="spacingAndGlyphs" xml:space="preserve">{escape(text.text)}</text>'
    )
