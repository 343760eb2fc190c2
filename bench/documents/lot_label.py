"""The étiquette de lot: a half page to put on a pallet, read from across the room.

Twice on an A4 sheet, with a line to cut along. It names no donor: pallets are seen
by every visitor.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from reportlab.pdfgen.canvas import Canvas

from bench.documents import wording
from bench.documents.page.drawn_codes import draw_bars, draw_qr
from bench.documents.page.pdf import HEIGHT, MARGIN, WIDTH, across, blank_page
from bench.documents.page.typeface import BOLD, REGULAR, shorten, width
from bench.words.catalogue import for_the_workshop, language, say

_HALF = HEIGHT / 2


class LotLabel(msgspec.Struct, frozen=True):
    """`lot` is what the codes say; counts `None` = not known yet."""

    lot: str
    workshop: str
    received_on: str = ""
    promised: int | None = None
    received: int | None = None
    weight_g: int | None = None
    destination: str = ""
    demo: bool = False


@for_the_workshop()
def lot_label_pdf(label: LotLabel) -> bytes:
    """Two halves of an A4 sheet. Raises `ValueError` for a lot name no bar code can hold."""
    canvas, done = blank_page(say("documents.lot_label.title", lot=label.lot), language())
    if label.demo:
        across(canvas, say("documents.demo.word"))
    for bottom in (_HALF, 0.0):
        canvas.saveState()
        canvas.translate(0, bottom)
        _half(canvas, label)
        canvas.restoreState()
    canvas.setDash(4, 4)
    canvas.setLineWidth(0.5)
    canvas.line(0, _HALF, WIDTH, _HALF)
    canvas.showPage()
    return done()


def _half(canvas: Canvas, label: LotLabel) -> None:
    inner = WIDTH - 2 * MARGIN
    top = _HALF - MARGIN
    canvas.setFont(BOLD, 14)
    canvas.drawString(MARGIN, top - 10, say("documents.lot_label.head"))
    canvas.setFont(REGULAR, 11)
    workshop = shorten(label.workshop, REGULAR, 11, inner - 180)
    canvas.drawRightString(WIDTH - MARGIN, top - 10, workshop)
    size = 54.0
    while width(label.lot, BOLD, size) > inner and size > 14:
        size -= 1
    canvas.setFont(BOLD, size)
    canvas.drawString(MARGIN, top - 40 - size * 0.75, shorten(label.lot, BOLD, size, inner))
    qr_side = 130.0
    draw_qr(canvas, label.lot, WIDTH - MARGIN - qr_side, 88, qr_side)
    y = top - 62 - size
    for name, value in _lines(label):
        canvas.setFont(REGULAR, 12)
        canvas.drawString(MARGIN, y, name)
        canvas.setFont(BOLD, 12)
        canvas.drawString(MARGIN + 150, y, shorten(value, BOLD, 12, inner - qr_side - 160))
        y -= 19
    draw_bars(canvas, label.lot, MARGIN, 30, width=inner, height=48)


def _lines(label: LotLabel) -> Sequence[tuple[str, str]]:
    lines = []
    if label.received_on:
        lines.append((say("documents.label.received"), wording.date_text(label.received_on)))
    for name, count in (("promised", label.promised), ("machines", label.received)):
        if count is not None:
            lines.append((say(f"documents.label.{name}"), wording.count_text(count)))
    if label.weight_g is not None:
        kilograms = f"{wording.count_text((label.weight_g + 500) // 1000)} kg"
        lines.append((say("documents.label.weight"), kilograms))
    if label.destination:
        where = say(f"documents.destination.{label.destination}")
        lines.append((say("documents.label.destination"), where))
    return lines
