"""The modules of Code 128 and QR, from the libraries that know them.

Only python-barcode's `build()` is used: its ImageWriter draws uneven bars (single
modules of 2 and 3 dots at 300 dpi, measured), so the drawing is ours, on whole dots.
"""

from __future__ import annotations

import functools

QUIET_BARS = 10  # modules on each side (ISO/IEC 15417)
QUIET_MATRIX = 4  # modules all around (ISO/IEC 18004)


@functools.lru_cache(maxsize=256)
def bars(text: str) -> str:
    """Code 128 of a printable ASCII text as 1 (bar) and 0 (space), no quiet zone."""
    from barcode.codex import Code128

    modules: str = Code128(text).build()[0]
    return modules


@functools.lru_cache(maxsize=256)
def matrix(text: str) -> tuple[str, ...]:
    """QR of a text, rows of 1 (dark) and 0, no quiet zone.

    Level M, raised by segno where the same size allows it. Raises `ValueError` for
    more text than a QR holds.
    """
    import segno

    code = segno.make_qr(text, error="m", boost_error=True)
    return tuple("".join("1" if cell else "0" for cell in row) for row in code.matrix)
