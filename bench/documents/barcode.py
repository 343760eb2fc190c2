"""Code 128 bars drawn as vectors, ten modules of white on either side."""

from __future__ import annotations

from reportlab.pdfgen.canvas import Canvas

from labels.codes import bars

QUIET = 10


def draw_bars(
    canvas: Canvas, text: str, x: float, y: float, *, width: float, height: float
) -> None:
    """Draw the bars of `text` in a box of `width` points, quiet zones included."""
    modules = bars(text)
    module = width / (len(modules) + 2 * QUIET)
    path = canvas.beginPath()
    start = None
    for at, mark in enumerate(modules + "0"):
        if mark == "1" and start is None:
            start = at
        elif mark == "0" and start is not None:
            path.rect(x + (start + QUIET) * module, y, (at - start) * module, height)
            start = None
    canvas.drawPath(path, stroke=0, fill=1)
