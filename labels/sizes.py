"""Label stocks: sizes and the margins no printer can reach, in millimetres.

Sources: Brother QL raster reference (62x29 die-cut: 696 x 271 of 732 x 342 dots at
300 dpi can be printed); Avery L7160 (3x7) and L7159 (3x8) templates.
"""

from __future__ import annotations

import msgspec

from labels.errors import LabelError

MM_PER_INCH = 25.4


class Size(msgspec.Struct, frozen=True):
    """One label; the printed content stays inside the margins."""

    name: str
    width_mm: float
    height_mm: float
    margin_x_mm: float
    margin_y_mm: float

    def dots(self, dpi: int) -> tuple[int, int]:
        """Whole width and height in dots."""
        return to_dots(self.width_mm, dpi), to_dots(self.height_mm, dpi)


class Sheet(msgspec.Struct, frozen=True):
    """An A4 sheet of `columns` x `rows` labels."""

    name: str
    label: Size
    columns: int
    rows: int
    left_mm: float  # paper edge to the first label
    top_mm: float
    pitch_x_mm: float  # from one label's left edge to the next
    pitch_y_mm: float

    @property
    def count(self) -> int:
        return self.columns * self.rows


A4_MM = (210.0, 297.0)

SIZES = {
    size.name: size
    for size in (
        Size("62x29", 62.0, 29.0, 1.55, 3.05),
        Size("89x36", 89.0, 36.0, 3.0, 1.6),
        Size("50x25", 50.0, 25.0, 1.5, 1.5),
        Size("63.5x38.1", 63.5, 38.1, 3.0, 3.0),
        Size("63.5x33.9", 63.5, 33.9, 3.0, 3.0),
    )
}

# Of continuous tape, cut to length; 18.06 of 24 mm are printed. Only for printers of tape.
TAPES = {"90x24": Size("90x24", 90.0, 24.0, 2.0, 3.0)}

SHEETS = {
    sheet.name: sheet
    for sheet in (
        Sheet("3x7", SIZES["63.5x38.1"], 3, 7, 7.21, 15.15, 66.04, 38.1),
        Sheet("3x8", SIZES["63.5x33.9"], 3, 8, 7.21, 12.9, 66.04, 33.9),
    )
}


def to_dots(length_mm: float, dpi: int) -> int:
    """Millimetres as the nearest whole number of dots."""
    return round(length_mm * dpi / MM_PER_INCH)


def size_named(name: str) -> Size:
    """The size of a name such as `62x29`; raises `LabelError("unknown_size")`."""
    found = SIZES.get(name) or TAPES.get(name)
    if found is None:
        raise LabelError("unknown_size", size=name, known=", ".join((*SIZES, *TAPES)))
    return found


def sheet_named(name: str) -> Sheet:
    """The A4 sheet of a name such as `3x7`; raises `LabelError("unknown_size")`."""
    try:
        return SHEETS[name]
    except KeyError:
        raise LabelError("unknown_size", size=name, known=", ".join(SHEETS)) from None
