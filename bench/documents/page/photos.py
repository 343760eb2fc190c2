"""Small pictures side by side on a paper, the same bytes for the same photos."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader

from bench.documents.page.pdf import INNER, MARGIN, Sheet

PHOTO_HEIGHT = 38 * mm
_A_ROW = 4
_GAP = 6.0
_MOST = 8  # two rows: the sheet stays two pages
_DPI = 150  # as good as an office printer shows a photo, and a tenth of the bytes


def draw_photos(sheet: Sheet, photos: Sequence[bytes]) -> None:
    """At most eight JPEGs, four a row, each whole in its place; an unreadable one is left out."""
    small = [picture for photo in photos[:_MOST] if (picture := _small(photo)) is not None]
    width = (INNER - _GAP * (_A_ROW - 1)) / _A_ROW
    for start in range(0, len(small), _A_ROW):
        sheet.room(PHOTO_HEIGHT + _GAP)
        sheet.space(PHOTO_HEIGHT + _GAP)
        for place, picture in enumerate(small[start : start + _A_ROW]):
            sheet.canvas.drawImage(
                ImageReader(picture),
                MARGIN + place * (width + _GAP),
                sheet.y,
                width,
                PHOTO_HEIGHT,
                preserveAspectRatio=True,
                anchor="nw",
            )


def _small(photo: bytes) -> io.BytesIO | None:
    side = round(PHOTO_HEIGHT / 72 * _DPI * 1.5)
    try:
        with Image.open(io.BytesIO(photo), formats=("JPEG",)) as image:
            image.thumbnail((side, side))
            file = io.BytesIO()
            image.convert("RGB").save(file, "JPEG", quality=80)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None  # the signed sheet still names it by its hash
    return io.BytesIO(file.getvalue())
