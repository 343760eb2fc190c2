"""The modules of Code 128 and QR, from the libraries that know them.

Only python-barcode's `build()` is used: its ImageWriter draws uneven bars (single
modules of 2 and 3 dots at 300 dpi, measured), so the drawing is ours, on whole dots.
"""

from __future__ import annotations

import functools
import re

QUIET_BARS = 10  # modules on each side (ISO/IEC 15417)
QUIET_MATRIX = 4  # modules all around (ISO/IEC 18004)


@functools.lru_cache(maxsize=256)
def bars(text: str) -> str:
    """Code 128 of a printable ASCII text as 1 (bar) and 0 (space), no quiet zone."""
    from barcode.codex import Code128

    modules: str = Code128(text).build()[0]
    return modules


# Longer texts are signed payloads, each of its own kind.
SERIES_MOST = 60


@functools.lru_cache(maxsize=256)
def matrix(text: str) -> tuple[str, ...]:
    """QR of a text, rows of 1 (dark) and 0, no quiet zone.

    Level M, raised by segno where the same size allows it. Raises `ValueError` for
    more text than a QR holds.
    """
    import segno

    mask = _series_mask(re.sub("[0-9]", "0", text)) if len(text) <= SERIES_MOST else None
    code = segno.make_qr(text, error="m", boost_error=True, mask=mask)
    return tuple("".join("1" if cell else "0" for cell in row) for row in code.matrix)


@functools.lru_cache(maxsize=1024)
def _series_mask(pattern: str) -> int:
    """The mask pattern for all texts that differ from this one in digits only.

    Weighing the eight masks takes segno 2.5 of 3.5 ms; every one of them is readable
    (ISO/IEC 18004, 7.8), and labels of a series differ little. Not taken from the first
    label printed, so that the same label is the same picture on every bench.
    """
    import segno

    mask: int = segno.make_qr(pattern, error="m", boost_error=True).mask
    return mask
