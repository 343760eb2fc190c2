"""The common A4 style: one column, black on white, made to survive a photocopier.

Drawn straight on a reportlab canvas rather than with platypus: a donor file of
2,000 machines is 10,000 wrapped table cells, and pages already drawn are not kept.
Same input, same bytes (`invariant`). Measures are in points from the top.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from bench.documents.page.typeface import BOLD, REGULAR, printable, register, shorten, width, wrap
from bench.words.catalogue import say

WIDTH, HEIGHT = A4
MARGIN = 18 * mm
TOP = HEIGHT - 16 * mm
BOTTOM = 20 * mm
INNER = WIDTH - 2 * MARGIN
LEADING = 1.32
BODY = 9.0
_LOGO_WIDTH, _LOGO_HEIGHT = 40 * mm, 15 * mm
_TOTAL = "total-pages"


def blank_page(title: str, language: str) -> tuple[Canvas, Callable[[], bytes]]:
    """An empty A4 canvas for a paper with a layout of its own, and what gives its bytes."""
    register()
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=A4, invariant=1, pageCompression=1, initialFontName=REGULAR)
    canvas.setTitle(printable(title))
    canvas.setCreator("Établi")
    canvas.setCatalogEntry("Lang", language)

    def done() -> bytes:
        canvas.save()
        return data.getvalue()

    return canvas, done


def across(canvas: Canvas, word: str) -> None:
    """A word over the whole page, under what is written on it; a photocopier keeps it."""
    canvas.saveState()
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(55)
    canvas.setFillGray(0.8)
    canvas.setFont(BOLD, 190)
    canvas.drawCentredString(0, -60, word)
    canvas.restoreState()


class Sheet:
    """An A4 document being drawn, from top to bottom; `finish` gives the bytes."""

    def __init__(
        self,
        *,
        title: str,
        reference: str,
        issuer: str,
        footer: str,
        date: str,
        language: str,
        demo: bool = False,
        logo: bytes = b"",
        address: Sequence[str] = (),
    ) -> None:
        self.canvas, self._done = blank_page(f"{title} {reference}".strip(), language)
        self._title, self._reference = title, reference
        self._issuer, self._footer, self._date = issuer, footer, date
        self._page, self._demo = 0, demo
        self._logo, self._address = logo, ", ".join(address)
        self.canvas.setAuthor(printable(issuer))
        self.y = TOP
        self._open_page()
        if demo:
            self.callout(say("documents.demo.word"), [say("documents.demo.what")], heavy=True)

    # -- pages ---------------------------------------------------------------

    def _open_page(self) -> None:
        self._page += 1
        self.y = TOP
        if self._demo:
            across(self.canvas, say("documents.demo.word"))
        if self._page == 1:
            self._letterhead()
        else:
            running = f"{self._title}   {self._reference}"
            self._line_text(shorten(running, REGULAR, 8, INNER * 0.6), MARGIN, 8)
            self._right_text(shorten(self._issuer, REGULAR, 8, INNER * 0.37), 8)
            self.y -= 6
            self.rule()
            self.y -= 8

    def _letterhead(self) -> None:
        room = INNER - width(self._date, REGULAR, 9) - 12
        self._line_text(shorten(self._issuer, BOLD, 10, room), MARGIN, 10, bold=True)
        self._right_text(self._date, 9)
        if self._address:
            self.y -= 11
            self._line_text(shorten(self._address, REGULAR, 8, INNER), MARGIN, 8)
        self.y -= 12
        self.rule(1.2)
        room = INNER - self._draw_logo()
        self.y -= 26
        size = 17.0
        while width(self._title, BOLD, size) > room and size > 11:
            size -= 0.5
        for line in wrap(self._title, BOLD, size, room):
            self._line_text(line, MARGIN, size, bold=True)
            self.y -= size * 1.25
        self._line_text(shorten(self._reference, REGULAR, 10, room), MARGIN, 10)
        self.y -= 8

    def _draw_logo(self) -> float:
        """The logo at the right of the title, where the page is white; gives the width it takes."""
        if not self._logo:
            return 0.0
        picture = ImageReader(io.BytesIO(self._logo))
        dots = picture.getSize()
        scale = min(_LOGO_WIDTH / dots[0], _LOGO_HEIGHT / dots[1])
        wide, high = float(dots[0] * scale), float(dots[1] * scale)
        self.canvas.drawImage(picture, WIDTH - MARGIN - wide, self.y - 8 - high, wide, high)
        return wide + 10

    def _close_page(self) -> None:
        canvas = self.canvas
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, 15 * mm, WIDTH - MARGIN, 15 * mm)
        canvas.setFont(REGULAR, 7)
        for number, line in enumerate(wrap(self._footer, REGULAR, 7, INNER - 60)[:2]):
            canvas.drawString(MARGIN, 15 * mm - 10 - 9 * number, line)
        canvas.drawRightString(WIDTH - MARGIN - 18, 15 * mm - 10, f"{self._page} /")
        canvas.saveState()
        canvas.translate(WIDTH - MARGIN - 15, 15 * mm - 10)
        canvas.doForm(_TOTAL)  # drawn once the number of pages is known
        canvas.restoreState()
        canvas.showPage()

    def new_page(self) -> None:
        self._close_page()
        self._open_page()

    def room(self, points: float) -> None:
        """Go to a new page unless this much height is left."""
        if self.y - points < BOTTOM:
            self.new_page()

    def finish(self) -> bytes:
        self._close_page()
        canvas = self.canvas
        canvas.beginForm(_TOTAL, 0, -3, 30, 10)
        canvas.setFont(REGULAR, 7)
        canvas.drawString(0, 0, str(self._page))
        canvas.endForm()
        return self._done()

    # -- text ----------------------------------------------------------------

    def _line_text(self, text: str, x: float, size: float, *, bold: bool = False) -> None:
        self.canvas.setFont(BOLD if bold else REGULAR, size)
        self.canvas.drawString(x, self.y, printable(text))

    def _right_text(self, text: str, size: float) -> None:
        self.canvas.setFont(REGULAR, size)
        self.canvas.drawRightString(WIDTH - MARGIN, self.y, printable(text))

    def rule(self, thickness: float = 0.5) -> None:
        self.canvas.setLineWidth(thickness)
        self.canvas.line(MARGIN, self.y, WIDTH - MARGIN, self.y)

    def space(self, points: float) -> None:
        self.y -= points

    def heading(self, text: str, keep: float = 60) -> None:
        """A section title, never left alone at the foot of a page."""
        self.room(26 + keep)
        self.y -= 20
        self._line_text(text, MARGIN, 11, bold=True)
        self.y -= 5
        self.rule()
        self.y -= 4

    def paragraph(self, text: str, *, size: float = BODY, bold: bool = False) -> None:
        font = BOLD if bold else REGULAR
        for line in wrap(text, font, size, INNER):
            self.room(size * LEADING)
            self.y -= size * LEADING
            self._line_text(line, MARGIN, size, bold=bold)
        self.y -= 3

    def callout(self, title: str, lines: Sequence[str], *, heavy: bool = False) -> None:
        """A framed message; `heavy` for what must not be missed."""
        inside = INNER - 20
        titles = wrap(title, BOLD, 12, inside)
        body = [line for text in lines for line in wrap(text, REGULAR, BODY, inside)]
        height = 14 + len(titles) * 16 + len(body) * BODY * LEADING
        self.room(height + 8)
        self.y -= 6
        canvas = self.canvas
        canvas.setLineWidth(2.4 if heavy else 1)
        canvas.rect(MARGIN, self.y - height, INNER, height)
        y = self.y - 4
        canvas.setFont(BOLD, 12)
        for line in titles:
            y -= 16
            canvas.drawString(MARGIN + 10, y, line)
        canvas.setFont(REGULAR, BODY)
        for line in body:
            y -= BODY * LEADING
            canvas.drawString(MARGIN + 10, y, line)
        self.y -= height + 6

    def pairs(self, pairs: Iterable[tuple[str, str]], *, label_share: float = 0.27) -> None:
        """Label and value, one below the other; long values wrap."""
        label_width = INNER * label_share
        for label, value in pairs:
            labels = wrap(label, BOLD, 8.5, label_width - 6)
            values = wrap(value or "—", REGULAR, BODY, INNER - label_width)
            height = max(len(labels), len(values)) * BODY * LEADING + 2
            self.room(height)
            self._lines(labels, MARGIN, BOLD, 8.5)
            self._lines(values, MARGIN + label_width, REGULAR, BODY)
            self.y -= height

    def _lines(self, lines: Sequence[str], x: float, font: str, size: float) -> None:
        self.canvas.setFont(font, size)
        y = self.y
        for line in lines:
            y -= BODY * LEADING
            self.canvas.drawString(x, y, line)

    def columns(self, blocks: Sequence[tuple[str, Sequence[str]]]) -> None:
        """Titled blocks side by side (the parties of a paper)."""
        gap = 14
        share = (INNER - gap * (len(blocks) - 1)) / len(blocks)
        wrapped = [
            [line for text in lines for line in wrap(text, REGULAR, BODY, share)]
            for _, lines in blocks
        ]
        height = max(len(lines) for lines in wrapped) * BODY * LEADING + 18
        self.room(height)
        for number, ((title, _), lines) in enumerate(zip(blocks, wrapped, strict=True)):
            x = MARGIN + number * (share + gap)
            self.canvas.setFont(BOLD, 8.5)
            self.canvas.drawString(x, self.y - 12, printable(title))
            self.y -= 14
            self._lines(lines, x, REGULAR, BODY)
            self.y += 14
        self.y -= height

    # -- at the end ----------------------------------------------------------

    def signatures(self, titles: Sequence[str], height: float = 46) -> None:
        """Empty boxes to sign in, side by side."""
        self.room(height + 6)
        self.y -= 6
        gap = 14
        share = (INNER - gap * (len(titles) - 1)) / len(titles)
        for number, title in enumerate(titles):
            x = MARGIN + number * (share + gap)
            self.canvas.setLineWidth(0.5)
            self.canvas.rect(x, self.y - height, share, height)
            self.canvas.setFont(REGULAR, 7.5)
            for at, line in enumerate(wrap(title, REGULAR, 7.5, share - 8)):
                self.canvas.drawString(x + 4, self.y - 10 - 9.5 * at, line)
        self.y -= height + 6

    def qr(self, text: str, title: str, lines: Sequence[str], side: float = 34 * mm) -> None:
        """A QR with its explanation beside it."""
        from bench.documents.page.drawn_codes import draw_qr

        self.room(side + 10)
        self.y -= 6
        draw_qr(self.canvas, text, MARGIN, self.y - side, side)
        x = MARGIN + side + 10
        self.canvas.setFont(BOLD, BODY)
        y = self.y - 12
        self.canvas.drawString(x, y, printable(title))
        self.canvas.setFont(REGULAR, 8)
        for text_line in lines:
            for line in wrap(text_line, REGULAR, 8, INNER - side - 10):
                y -= 10.5
                self.canvas.drawString(x, y, line)
        self.y -= side + 4
