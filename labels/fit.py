"""Fitting text into a width: smaller first, then on two lines; a word is never cut. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec

from labels import font

SEPARATOR = " · "


class Line(msgspec.Struct, frozen=True):
    """One fitted line."""

    text: str
    face: str
    size: int
    width: int
    field: str


def measure(text: str, face: str, size: int, field: str) -> Line:
    """The text as it is, with its width."""
    return Line(text, face, size, font.width_dots(text, face, size), field)


def largest_size(text: str, face: str, width: int, most: int, least: int) -> int | None:
    """The largest size from `most` down to `least` at which the text fits, or `None`."""
    low, high = least, most
    if high < low or font.width_dots(text, face, low) > width:
        return None
    while low < high:
        middle = (low + high + 1) // 2
        if font.width_dots(text, face, middle) <= width:
            low = middle
        else:
            high = middle - 1
    return low


def uncut(text: str, face: str, width: int, *, most: int, least: int, field: str) -> Line | None:
    """The whole text on one line at `least` or more, or `None`."""
    size = largest_size(text, face, width, most, least)
    return None if size is None else measure(text, face, size, field)


def fewer_words(text: str) -> Iterator[str]:
    """The whole text, then with fewer and fewer of its words and "…", at last nothing."""
    yield text
    words = text.split(" ")
    for kept in range(len(words) - 1, 0, -1):
        yield f"{' '.join(words[:kept])} {font.ELLIPSIS}"
    if text:
        yield ""


def whole(
    text: str, face: str, width: int, *, most: int, least: int, field: str
) -> list[Line] | None:
    """The whole text on one or two lines, never shortened; `None` where it cannot be.

    Two lines are taken when one would be under three quarters of the wanted size.
    """
    whole = largest_size(text, face, width, most, least)
    if whole is not None and whole * 4 >= most * 3:
        return [measure(text, face, whole, field)]
    for first, second in _halves(text, face, most):
        longer = max(first, second, key=lambda part: font.width_dots(part, face, most))
        two = largest_size(longer, face, width, most, max(least, whole or 0))
        if two is not None:
            return [measure(part, face, two, field) for part in (first, second)]
    return None if whole is None else [measure(text, face, whole, field)]


def _halves(text: str, face: str, size: int) -> list[tuple[str, str]]:
    """Ways to break at a space, the most even first."""
    words = text.split(" ")
    cuts = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]
    return sorted(cuts, key=lambda pair: max(font.width_dots(part, face, size) for part in pair))[
        :1
    ]


def pack(texts: list[str], face: str, width: int, size: int, rows: int) -> list[str]:
    """The texts joined with " · " to at most `rows` rows, only as far as needed.

    A row may still be too wide; that is then rather one of the last than of the first.
    """
    if rows < 1 or not texts:
        return []

    wide = [font.width_dots(text, face, size) for text in texts]
    between = font.width_dots(SEPARATOR, face, size)

    def cost(cuts: tuple[int, ...]) -> tuple[int, int]:
        over = most = start = 0
        for end in (*cuts, len(texts)):
            row = sum(wide[start:end]) + between * (end - start - 1)
            most = max(most, row)
            if row > width:
                over += row - width << 2 * (len(texts) - end)
            start = end
        return over, most

    rows = min(rows, len(texts))
    cuts = min(itertools.combinations(range(1, len(texts)), rows - 1), key=cost)
    edges = itertools.pairwise((0, *cuts, len(texts)))
    return [SEPARATOR.join(texts[start:end]) for start, end in edges]
