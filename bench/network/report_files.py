"""The report as files that a spreadsheet opens: CSV and XLSX, of the same numbers."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.exchange.formats.sheets import write_csv, write_xlsx
from bench.exchange.people import safe_cell
from bench.network.figures import Figures
from bench.network.report import Cell, cells, lines
from bench.words.catalogue import say

Table = tuple[list[str], list[list[object]]]


def csv_bytes(told: Figures, of: str) -> bytes:
    """One number a row. `of`: whose report it is, in words. Raises `RecordsError`."""
    titles, rows = _every_number(told, of)
    with tempfile.TemporaryDirectory(prefix="etabli-report-") as folder:
        path = Path(folder) / "report.csv"
        write_csv(path, titles, rows)
        return path.read_bytes()


def xlsx_bytes(told: Figures, of: str) -> bytes:
    """A sheet of counters by month, and one of every number. Raises `RecordsError`."""
    sheets = {
        say("figures.sheet.months"): _by_month(told),
        say("figures.sheet.numbers"): _every_number(told, of),
    }
    safe = {name: (titles, map(_safe, rows)) for name, (titles, rows) in sheets.items()}
    with tempfile.TemporaryDirectory(prefix="etabli-report-") as folder:
        path = Path(folder) / "report.xlsx"
        write_xlsx(path, dict(safe))
        return path.read_bytes()


def _safe(row: list[object]) -> list[object]:
    """Saved as CSV by somebody later, it is still no formula."""
    return [safe_cell(value) for value in row]


def _every_number(told: Figures, of: str) -> Table:
    titles = [say("figures.column.of"), say("figures.column.from"), say("figures.column.to")]
    titles += [say(f"figures.column.{name}") for name in Cell._fields]
    reach: list[object] = [of, told.first_day, told.last_day]
    return titles, [reach + list(cell) for cell in cells(told)]


def _by_month(told: Figures) -> Table:
    titles = [say("figures.column.title"), say("figures.column.unit")]
    titles += [*told.months, say("figures.column.total"), say("figures.column.definition")]
    empty = [""] * len(told.months)
    return titles, [
        [
            line.title,
            say(f"figures.unit.{line.unit}"),
            *(line.months or empty),
            line.total,
            line.definition,
        ]
        for line in lines(told)
    ]
