"""A list of another tool, whichever it is: `read` gives what it says. Pure.

Columns are found by their headings, in any order; the line with the headings may have others above
it. What cannot be recognised again, has no number of its own, is not taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import NamedTuple, cast

from bench.exchange.lists import cells, documents, rows
from bench.exchange.lists.told import LineError, Refused, StockList, ToldMachine, Tool
from bench.records.errors import RecordsError
from diagnostics.sources.placeholders import Field

_SEPARATORS = (";", ",", "\t", "|")
_MOST_ABOVE = 30  # lines above the headings
_MOST_COLUMNS = 500
_MOST_UNREAD = 100


class _Columns(NamedTuple):
    """Where the headings stand, and what each column is."""

    line: int  # from 0
    separator: str
    headings: list[str]
    of: dict[str, list[int]]


def read(data: bytes) -> StockList:
    """What a list says.

    Raises `RecordsError` where it is none: `list_too_big`, `list_workbook`, `list_binary`,
    `list_empty`, `list_too_long`, `list_headings`, `list_json`.
    """
    text = rows.text_of(data)
    sha256 = hashlib.sha256(data).hexdigest()
    if documents.is_document(text):
        return _list("glpi", sha256, documents.read(text), ())
    lines = rows.lines_of(text)
    columns = _columns(lines)
    used = {at for places in columns.of.values() for at in places}
    unread = [
        shown
        for at, heading in enumerate(columns.headings)
        if at not in used and (shown := "".join(c for c in heading if c.isprintable()).strip()[:60])
    ]
    told = _told(lines, columns)
    return _list(_source(columns.headings), sha256, told, tuple(unread[:_MOST_UNREAD]))


def _list(
    source: Tool, sha256: str, told: Iterator[ToldMachine | Refused], unread: tuple[str, ...]
) -> StockList:
    machines: list[ToldMachine] = []
    refused: list[Refused] = []
    for each in told:
        if isinstance(each, Refused):
            refused.append(each)
        elif each.tag or each.serial:
            machines.append(each)
        else:
            refused.append(Refused(each.line, "no_number", f"{each.maker} {each.model}".strip()))
    return StockList(source, sha256, tuple(machines), tuple(refused), unread)


def _columns(lines: list[str]) -> _Columns:
    """Of all ways to cut the first lines the one that knows most headings.

    Raises `RecordsError` (`list_headings`).
    """
    best: _Columns | None = None
    for at, line in enumerate(lines[:_MOST_ABOVE]):
        for separator in _SEPARATORS:
            headings = rows.cut(line, separator)
            if headings is None or len(headings) > _MOST_COLUMNS:
                continue
            of = _known(headings)
            numbered = "tag" in of or "serial" in of
            if numbered and len(of) >= 2 and (best is None or len(of) > len(best.of)):
                best = _Columns(at, separator, headings, of)
    if best is None:
        raise RecordsError("list_headings")
    return best


def _known(headings: list[str]) -> dict[str, list[int]]:
    """Field -> its columns: the one whose name stands first in the list of names; of storage all
    (a sheet has one for each disk)."""
    named = [cells.folded(heading[: cells.MOST_LETTERS]) for heading in headings]
    found: dict[str, list[int]] = {}
    for field, names in cells.words()["columns"].items():
        places = [at for word in names for at, name in enumerate(named) if name == word]
        if places:
            found[field] = places if field == "storage" else places[:1]
    return found


def _source(headings: list[str]) -> Tool:
    named = {cells.folded(heading[: cells.MOST_LETTERS]) for heading in headings}
    for source, signs in cells.words()["sources"].items():
        if any(named.issuperset(sign) for sign in signs):
            return cast(Tool, source)
    return "sheet"


def _told(lines: list[str], columns: _Columns) -> Iterator[ToldMachine | Refused]:
    width = len(columns.headings)
    for row in rows.rows(lines, columns.line + 1, columns.separator, width):
        if row.cells is None:
            yield Refused(row.line, row.reason)
            continue
        try:
            yield _machine(row.line, row.cells, columns.of)
        except LineError as error:
            yield Refused(row.line, error.reason, error.value)


def _machine(line: int, row: list[str], of: dict[str, list[int]]) -> ToldMachine:
    def cell(field: str) -> str:
        return cells.own_text(row[of[field][0]]) if field in of else ""

    cells.must_be_here(cell("status"))
    return ToldMachine(
        line,
        tag=cells.tag(cell("tag")),
        serial=cells.serial(cell("serial")),
        kind=cells.kind(cell("kind")),
        maker=cells.name(cell("maker"), Field.MAKER),
        model=cells.name(cell("model"), Field.MODEL),
        cpu=cells.name(cell("cpu")),
        ram_mib=cells.memory_mib(row[of["ram"][0]] if "ram" in of else ""),
        storage_bytes=cells.storage_bytes([row[at] for at in of.get("storage", ())]),
        lot=cells.name(cell("lot")),
    )
