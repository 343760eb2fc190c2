"""CSV and XLSX of any list: a folded table, or rows a format made."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.exchange import people
from bench.exchange.people import safe_cell
from bench.records.errors import RecordsError
from bench.records.lots import MACHINES, ROW, LotName
from bench.records.sql import tables
from bench.records.store import Store
from diagnostics import durable

LISTS = {
    table.name: table
    for table in tables.ALL
    if table.name not in ("alias", "to_arbitrate", "fork", "number_block")
}
_NAMED = {"machine": MACHINES, "lot": ROW}
MAX_ROWS = 1_000_000  # a sheet of XLSX ends at 1,048,576


def rows_of(
    store: Store, name: str, lot: LotName | None = None
) -> tuple[list[str], Iterable[tuple[Any, ...]]]:
    """Titles and rows of a list, or of its part about one lot.

    Raises `RecordsError`: `format_unknown`, `list_without_lot` (a list that says nothing of
    lots: all of it is not what was asked for).
    """
    table = LISTS.get(name)
    if table is None:
        raise RecordsError("format_unknown", format=name[:40])
    names = [column.name for column in people.columns(table)]
    where = _of_lot(table) if lot else ""
    chosen = f"SELECT {', '.join(names)} FROM {table.name}{where} ORDER BY {table.order}"
    return names, store.query_stream(chosen, lot or ())


def _of_lot(table: tables.Table) -> str:
    if "lot" in table.names:
        return f" WHERE {_NAMED[table.name]}"
    if table.owner == "device":
        return f" WHERE device IN (SELECT device FROM machine WHERE {MACHINES})"
    raise RecordsError("list_without_lot", name=table.name)


def write_csv(out: Path, titles: list[str], rows: Iterable[Iterable[Any]]) -> int:
    """Semicolons and a byte order mark: what a French spreadsheet opens with a double click.

    Gives the number of rows. Raises `RecordsError` (`bag_unwritable`).
    """
    count = 0
    try:
        with os.fdopen(
            durable.new_file(out, as_folder=True), "w", encoding="utf-8-sig", newline=""
        ) as file:
            writer = csv.writer(file, delimiter=";")
            writer.writerow(titles)
            for row in rows:
                writer.writerow([safe_cell(value) for value in row])
                count += 1
    except OSError as error:
        raise RecordsError("bag_unwritable", path=str(out), cause=_cause(error)) from error
    return count


def write_xlsx(out: Path, sheets: dict[str, tuple[list[str], Iterable[Iterable[Any]]]]) -> int:
    """A workbook, one sheet a list; gives the number of rows.

    Nothing recorded becomes a formula or a link: the library is told not to guess.
    Raises `RecordsError` (`bag_unwritable`).
    """
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    count = 0
    try:
        with xlsxwriter.Workbook(str(out), options) as book:
            bold = book.add_format({"bold": True})
            for name, (titles, rows) in sheets.items():
                sheet = book.add_worksheet(name[:31])
                sheet.freeze_panes(1, 0)
                sheet.write_row(0, 0, titles, bold)
                sheet.set_column(0, len(titles) - 1, 16)
                last = 0
                for last, row in enumerate(rows, 1):
                    if last > MAX_ROWS:
                        raise RecordsError("bag_too_big", limit=MAX_ROWS)
                    _write_row(sheet, last, row)
                sheet.autofilter(0, 0, max(last, 1), len(titles) - 1)
                count += last
    except (OSError, xlsxwriter.exceptions.XlsxWriterException) as error:
        raise RecordsError("bag_unwritable", path=str(out), cause=_cause(error)) from error
    return count


def _cause(error: Exception) -> str:
    """What the system says; XlsxWriter wraps it."""
    inner = error.args[0] if error.args and isinstance(error.args[0], OSError) else error
    return getattr(inner, "strerror", None) or str(inner)


def _allowed(character: str) -> bool:
    return (character >= " " or character in "\t\n") and character not in "\ufffe\uffff"


def _write_row(sheet: Any, number: int, row: Iterable[Any]) -> None:
    for column, value in enumerate(row):
        if isinstance(value, int):
            sheet.write_number(number, column, value)
        elif value:
            # What XML 1.0 does not allow (section 2.2); one of them and no office opens it.
            text = "".join(c for c in str(value) if _allowed(c))
            sheet.write_string(number, column, text[:32_767])
