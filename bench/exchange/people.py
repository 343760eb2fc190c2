"""The tables of a bag that people open in a spreadsheet, and their Frictionless descriptor.

They are a courtesy: a receiver reads the signed events, never these.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench.exchange import contents
from bench.records.lots import ROW, LotName
from bench.records.sql import tables
from bench.records.store import Store

_SHOWN = (tables.MACHINE, tables.DISK, tables.ERASURE, tables.TEST, tables.GRADE, tables.LOT)
_HIDDEN = {"probe", "to_arbitrate", "current"}
# What begins so is a formula to a spreadsheet (OWASP, CSV injection), in every width: an office
# set to Japanese or Chinese takes the wide signs for the narrow ones.
_SIGNS = "=+\\-@＝＋－＠﹢﹣﹦﹫⁺⁻⁼₊₋₌−"
# A cell begins where the text does, and wherever a spreadsheet set to another country splits:
# it asks nobody which sign this file is split by, and quoting holds for one sign only.
_BEGIN = r"\A|[;,|\t\n\r\v\f\x1c-\x1e\x85\u2028\u2029]"
_BLANK = r"[\s\"\x00-\x1f\xa0\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
_FORMULA = re.compile(f"((?:{_BEGIN}){_BLANK}*)(?=[{_SIGNS}])")
_CONTROL = ("\t", "\r", "\n")
_KEPT_TEXT = re.compile(f"((?:{_BEGIN}){_BLANK}*)'(?=[{_SIGNS}])")


@dataclass(frozen=True)
class Column:
    """A name and a Frictionless type: string or integer."""

    name: str
    type: str


def safe_cell(value: Any) -> Any:
    """A value no spreadsheet will run, whatever it splits at; numbers stay, unknown is empty."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = _FORMULA.sub(r"\1'", value)
    return "'" + text if text.startswith(_CONTROL) else text


def plain_cell(text: str) -> str:
    """What `safe_cell` was given, of a text that had no such apostrophe itself."""
    return _KEPT_TEXT.sub(r"\1", text)


def columns(table: tables.Table) -> list[Column]:
    """The columns of a folded table people are shown."""
    found = [text.split()[:2] for text in table.key + table.columns]
    types = {"TEXT": "string", "INTEGER": "integer"}
    return [Column(name, types[kind]) for name, kind in found if name not in _HIDDEN]


def csv_rows(
    store: Store, table: tables.Table, devices: set[str] | None, lot: LotName | None = None
) -> Iterator[bytes]:
    """A table as CSV, about 64 KiB at a time; `devices` limits it, `None` is all. `lot`: of lots
    this one, for what is sent of one donor says nothing of others."""
    names = [column.name for column in columns(table)]
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(names)
    owner = table.owner
    where = f" WHERE {ROW}" if lot and table is tables.LOT else ""
    chosen = f"SELECT {owner}, {', '.join(names)} FROM {table.name}{where} ORDER BY {table.order}"
    for key, *row in store.query_stream(chosen, lot if lot and where else ()):
        if devices is None or owner != "device" or key in devices:
            writer.writerow([safe_cell(value) for value in row])
        if buffer.tell() > 65_536:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def shown() -> tuple[tables.Table, ...]:
    """The tables a bag shows."""
    return _SHOWN


def descriptor(at: str, sender: str) -> dict[str, Any]:
    """The Frictionless tabular data package of those tables."""
    return {
        "profile": "tabular-data-package",
        "name": "etabli",
        "created": at,
        "contributors": [{"title": sender, "role": "publisher"}],
        "resources": [
            {
                "profile": "tabular-data-resource",
                "name": table.name,
                "path": f"{contents.TABLES.removeprefix('data/')}{table.name}.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {
                    "fields": [
                        {"name": column.name, "type": column.type} for column in columns(table)
                    ],
                    "primaryKey": [
                        text.split()[0] for text in table.key if text.split()[0] not in _HIDDEN
                    ],
                },
            }
            for table in _SHOWN
        ],
    }
