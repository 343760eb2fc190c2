"""Where everything goes on one label: content, size, resolution -> drawing. Pure.

The bars run along the bottom with the grade at their right; above them the QR stands
at the right and the text at the left, flush with the first bar. All positions are
whole dots. Code 128 needs a module of at least 0.25 mm, a quiet zone of ten modules
and 2.54 mm, and 6.35 mm of height, 15 % of its length where it can (Paxar, Eltron).
"""

from __future__ import annotations

import functools

import msgspec

from labels import codes
from labels.content import LabelContent, Words, words_of
from labels.drawing import Bars, Box, Drawing, Matrix, Text
from labels.errors import LabelError
from labels.fit import largest_size
from labels.font import BOLD, REGULAR, width_dots, writable
from labels.sizes import Size, to_dots
from labels.textcolumn import Column, column_texts

MODULE_MM = 0.25
QUIET_MM = 2.54
BAR_HEIGHT_MM = 6.35
GAP_MM = 0.9
WIDEST_MATRIX_MODULE_MM = 0.6
BARE_MATRIX_MODULE_MM = 0.8  # on a label that says nothing else
BARE_BARS_SHARE = 0.3  # of the label's height
# Beyond the smallest module, the bars leave this part of the width to the grade.
BARS_SHARE = 0.78


class _Frame(msgspec.Struct, frozen=True):
    """The label and the part of it that every printer reaches, in dots."""

    width: int
    height: int
    left: int
    top: int
    right: int
    bottom: int
    dpi: int

    def dots(self, length_mm: float) -> int:
        return to_dots(length_mm, self.dpi)


def layout(content: LabelContent, size: Size, dpi: int, language: str = "fr") -> Drawing:
    """Lay one label out; raises `LabelError` when the law or the room forbids it."""
    return layout_words(words_of(content, language), size, dpi)


@functools.lru_cache(maxsize=16)
def _frame(size: Size, dpi: int) -> _Frame:
    width, height = size.dots(dpi)
    # Rounded up: a dot too far in costs nothing, one too far out may not be printed.
    margin_x = -int(-size.margin_x_mm * dpi / 25.4 // 1)
    margin_y = -int(-size.margin_y_mm * dpi / 25.4 // 1)
    return _Frame(width, height, margin_x, margin_y, width - margin_x, height - margin_y, dpi)


def layout_words(words: Words, size: Size, dpi: int) -> Drawing:
    """Lay checked words out; see `layout`."""
    frame = _frame(size, dpi)
    bars, quiet = _place_bars(words, frame, size)
    matrix = _place_matrix(words, frame, bars, size)
    boxes, texts = _grade_beside_bars(words, frame, bars, quiet, matrix)
    column = Column(
        left=bars.x,
        top=frame.top,
        width=matrix.x - codes.QUIET_MATRIX * matrix.module - bars.x,
        height=bars.y - frame.dots(GAP_MM) - frame.top,
        dpi=dpi,
    )
    more_boxes, more_texts = column_texts(words, column, size.name, with_grade=not boxes)
    return Drawing(
        width=frame.width,
        height=frame.height,
        dpi=dpi,
        size_name=size.name,
        asset=words.asset,
        qr_text=words.qr_text,
        bars=bars,
        matrix=matrix,
        boxes=(*boxes, *more_boxes),
        texts=(*more_texts, *texts),
    )


def smallest_module(dpi: int) -> int:
    """0.25 mm in whole dots: 2 at 203 dpi, 3 at 300, 6 at 600."""
    return max(1, to_dots(MODULE_MM, dpi))


def _place_bars(words: Words, frame: _Frame, size: Size) -> tuple[Bars, int]:
    modules = codes.bars(words.asset)
    least = smallest_module(frame.dpi)
    chosen = None
    for module in range(least, 2 * least + 1):
        quiet = _quiet(module, frame)
        total = len(modules) * module + 2 * max(quiet, frame.left)
        if total <= frame.width * (1 if module == least else BARS_SHARE):
            chosen = module
    if chosen is None:
        raise LabelError("asset_too_wide", asset=words.asset, size=size.name)
    quiet = _quiet(chosen, frame)
    length = len(modules) * chosen
    wanted = round(frame.height * BARE_BARS_SHARE if words.bare else length * 0.15)
    height = max(frame.dots(BAR_HEIGHT_MM), min(wanted, frame.height // (3 if words.bare else 4)))
    bars = Bars(max(quiet, frame.left), frame.bottom - height, height, chosen, modules)
    return bars, quiet


def _quiet(module: int, frame: _Frame) -> int:
    return max(codes.QUIET_BARS * module, frame.dots(QUIET_MM))


def _place_matrix(words: Words, frame: _Frame, bars: Bars, size: Size) -> Matrix:
    """The largest modules that leave four of them blank on each side and above the bars."""
    try:
        rows = codes.matrix(words.qr_text)
    except ValueError:
        raise LabelError("qr_too_long", size=size.name) from None
    count = len(rows)
    widest = BARE_MATRIX_MODULE_MM if words.bare else WIDEST_MATRIX_MODULE_MM
    most = max(smallest_module(frame.dpi), frame.dots(widest))
    for module in range(most, smallest_module(frame.dpi) - 1, -1):
        quiet = codes.QUIET_MATRIX * module
        x = min(frame.right, frame.width - quiet) - count * module
        y = max(frame.top, quiet)
        if y + count * module + quiet <= bars.y and count * module <= frame.width * 0.42:
            return Matrix(x, y, module, rows)
    raise LabelError("qr_too_long", size=size.name)


def _grade_beside_bars(
    words: Words, frame: _Frame, bars: Bars, quiet: int, matrix: Matrix
) -> tuple[list[Box], list[Text]]:
    """A black box with the grade in white, under the QR; nothing where it is too narrow."""
    left = max(bars.x + bars.width + quiet, min(matrix.x, frame.right - frame.dots(12)))
    right = matrix.x + matrix.width
    grade = writable(words.grade)
    if not grade or right - left < frame.dots(9):
        return [], []
    box = Box(left, bars.y, right - left, bars.height)
    padding = frame.dots(0.8)
    letter = largest_size(grade, BOLD, box.width - 2 * padding, round(box.height * 0.95), 8)
    if letter is None:
        raise LabelError("too_small", size="", field="grade")
    return [box], _grade_texts(grade, words.grade_caption, box, letter, padding)


def _grade_texts(grade: str, caption: str, box: Box, letter: int, padding: int) -> list[Text]:
    wide = width_dots(grade, BOLD, letter)
    # Capital letters of DejaVu are 0.73 em high: centred on that, not on the em.
    baseline = box.y + (box.height + round(letter * 0.73)) // 2
    room = box.width - wide - 3 * padding
    size = largest_size(caption, REGULAR, room, round(letter * 0.5), round(letter * 0.22))
    if size is None:
        x = box.x + (box.width - wide) // 2
        return [Text(x, baseline, grade, BOLD, letter, wide, white=True, field="grade")]
    caption_width = width_dots(caption, REGULAR, size)
    x = box.x + (box.width - caption_width - padding - wide) // 2
    return [
        Text(x, baseline, caption, REGULAR, size, caption_width, white=True, field="caption"),
        Text(x + caption_width + padding, baseline, grade, BOLD, letter, wide, True, "grade"),
    ]
