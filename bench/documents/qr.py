"""A QR drawn as vectors: whole modules, four modules of white around it (ISO/IEC 18004)."""

from __future__ import annotations

import segno
from reportlab.pdfgen.canvas import Canvas

QUIET = 4


def draw_qr(canvas: Canvas, text: str, x: float, y: float, side: float) -> None:
    """Draw in the square of `side` points whose lower left corner is (x, y).

    Error correction M: 15 % of the code may be lost to a stamp or a fold.
    """
    rows = segno.make(text, error="m", micro=False, boost_error=False).matrix
    module = side / (len(rows) + 2 * QUIET)
    path = canvas.beginPath()
    for line, row in enumerate(rows):
        bottom = y + side - (line + QUIET + 1) * module
        start = None
        for at, dark in enumerate([*row, 0]):
            if dark and start is None:
                start = at
            elif not dark and start is not None:
                path.rect(x + (start + QUIET) * module, bottom, (at - start) * module, module)
                start = None
    canvas.drawPath(path, stroke=0, fill=1)
