"""The text of a sheet, cut into rows: encodings, separators, quotes that somebody forgot. Pure.

A quote that is never closed costs its own line and no other: rows are begun anew behind it.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from typing import NamedTuple

from bench.records.errors import RecordsError

MOST_BYTES = 16 << 20
MOST_LINES = 50_000
MOST_IN_ROW = 64 << 10  # letters
_MOST_JOINED = 20  # lines of one row: a cell of GLPI has a line for each part
_END = re.compile(r"\r\n|\n|\r")  # no others: a form feed or a line separator ends no row
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # XLSX and ODS are archives; XLS


class Row(NamedTuple):
    """`cells` is `None` where the line cannot be cut: `reason` says why."""

    line: int
    cells: list[str] | None
    reason: str = ""


def text_of(data: bytes) -> str:
    """A list's bytes as text: UTF-8, UTF-16 with its mark, else Windows-1252.

    Raises `RecordsError`: `list_too_big`, `list_workbook`, `list_binary`, `list_empty`.
    """
    if len(data) > MOST_BYTES:
        raise RecordsError("list_too_big", limit=MOST_BYTES >> 20)
    if data.startswith(_WORKBOOKS):
        raise RecordsError("list_workbook")
    text = _decoded(data)
    if "\0" in text:
        raise RecordsError("list_binary")
    if not text.strip():
        raise RecordsError("list_empty")
    return text


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError:
            raise RecordsError("list_binary") from None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")


def lines_of(text: str) -> list[str]:
    """The lines of a list. Raises `RecordsError` (`list_too_long`)."""
    lines = _END.split(text)
    if len(lines) > MOST_LINES:
        raise RecordsError("list_too_long", limit=MOST_LINES)
    return lines


def cut(line: str, separator: str) -> list[str] | None:
    """One line alone, `None` where it cannot be cut."""
    if len(line) > MOST_IN_ROW:
        return None
    row, _, closed = _read([line], 0, separator)
    return row if closed else None


def rows(lines: list[str], first: int, separator: str, width: int) -> Iterator[Row]:
    """The rows from the line `first` (from 0) on, each with `width` cells. Empty ones are left out.

    A row with more cells than the headings is not taken: what stands in which column is not known.
    """
    at = first
    while at < len(lines):
        line = lines[at]
        if not line.strip(f" \t\"'{separator}"):
            at += 1
            continue
        if len(line) > MOST_IN_ROW:
            yield Row(at + 1, None, "too_long")
            at += 1
            continue
        cells, used, closed = _read(lines, at, separator)
        fits = len("".join(cells[width:]).strip()) == 0
        if not closed or (used > 1 and not (fits and len(cells) >= width)):
            yield Row(at + 1, None, "quote")
            at += 1
            continue
        if fits:
            yield Row(at + 1, (cells + [""] * width)[:width])
        else:
            yield Row(at + 1, None, "columns")
        at += used


def _read(lines: list[str], at: int, separator: str) -> tuple[list[str], int, bool]:
    """A row's cells, how many lines it took, and whether its quotes are closed."""
    used, ran_out = 0, False

    def fed() -> Iterator[str]:
        nonlocal used, ran_out
        for line in lines[at : at + _MOST_JOINED]:
            if len(line) > MOST_IN_ROW:
                break
            used += 1
            yield line + "\n"
        ran_out = True

    try:
        cells = next(csv.reader(fed(), delimiter=separator, strict=True), [])
    except csv.Error:
        return [], max(used, 1), False
    return cells, max(used, 1), not ran_out
