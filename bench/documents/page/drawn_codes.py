"""Codes that a scanner reads, drawn as vectors: Code 128 and QR, with the white around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reportlab.pdfgen.canvas import Canvas

from labels.codes import bars

_QUIET_BARS, _QUIET_QR = 10, 4  # modules of white on either side (ISO/IEC 15417, 18004)


def draw_bars(
    canvas: Canvas, text: str, x: float, y: float, *, width: float, height: float
) -> None:
    """Draw the bars of `text` in a box of `width` points, quiet zones included."""
    modules = [mark == "1" for mark in bars(text)]
    module = width / (len(modules) + 2 * _QUIET_BARS)
    path = canvas.beginPath()
    for start, end in _dark(modules):
        path.rect(x + (start + _QUIET_BARS) * module, y, (end - start) * module, height)
    canvas.drawPath(path, stroke=0, fill=1)


def draw_qr(canvas: Canvas, text: str, x: float, y: float, side: float) -> None:
    """Draw in the square of `side` points whose lower left corner is (x, y).

    Error correction M: 15 % of the code may be lost to a stamp or a fold.
    """
    import segno

    rows = segno.make(text, error="m", micro=False, boost_error=False).matrix
    module = side / (len(rows) + 2 * _QUIET_QR)
    path = canvas.beginPath()
    for line, row in enumerate(rows):
        bottom = y + side - (line + _QUIET_QR + 1) * module
        for start, end in _dark([bool(dark) for dark in row]):
            path.rect(x + (start + _QUIET_QR) * module, bottom, (end - start) * module, module)
    canvas.drawPath(path, stroke=0, fill=1)


def _dark(modules: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Where dark modules begin and end, side by side ones together."""
    start = None
    for at, dark in enumerate([*modules, False]):
        if dark and start is None:
            start = at
        elif not dark and start is not None:
            yield start, at
            start = None
