"""Writes one of the formats other tools read; the names of `etabli export --format`."""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from bench.exchange.formats import bolc, credential, epcis, glpi, sheets, snipeit
from bench.exchange.formats.source import items
from bench.exchange.people import safe_cell
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.lots import MACHINES, LotName, lot_named
from bench.records.signed import event
from diagnostics import durable

# What `out` is: a file, or a folder with one file a machine.
FILES = ("csv", "xlsx", "bolc", "snipeit", "epcis")
FOLDERS = ("glpi", "credential")


def write(
    log: Log, format: str, out: Path, *, lot: str = "", table: str = "machine", place: str = ""
) -> int:
    """Write a format; gives how many machines or rows. `place` is the workshop's name.

    `bolc` and `csv` write XLSX where the file's name ends so. Raises `RecordsError`:
    `format_unknown`, `lot_unknown`, `lot_several`, `list_without_lot`, `bag_unwritable`, `store_*`.
    """
    existed = out.exists()
    try:
        with log.store.snapshot():
            named = lot_named(log.store, lot, log.workshop) if lot else None
            return _write(log, format, out, lot=named, table=table, place=place)
    except BaseException:
        if not existed and out.is_file():
            out.unlink()  # half a list would pass for the whole
        raise


def _write(log: Log, format: str, out: Path, *, lot: LotName | None, table: str, place: str) -> int:
    if format in ("csv", "xlsx"):
        titles, rows = sheets.rows_of(log.store, table, lot)
        return _sheet(out, table, titles, rows, always=format == "xlsx")
    if format == "bolc":
        lines = (bolc.row(item) for item in items(log.store, lot=lot))
        return _sheet(out, "BOLC", bolc.TITLES, lines)
    if format == "snipeit":
        return _snipeit(log, out, lot, place)
    if format == "epcis":
        return _epcis(log, out, lot)
    if format in FOLDERS:
        return _folder(log, format, out, lot, place)
    raise RecordsError("format_unknown", format=format[:40])


def _sheet(out: Path, name: str, titles: list[str], rows: Any, *, always: bool = False) -> int:
    if always or out.suffix.lower() == ".xlsx":
        return sheets.write_xlsx(out, {name: (titles, rows)})
    return sheets.write_csv(out, titles, rows)


def _snipeit(log: Log, out: Path, lot: LotName | None, place: str) -> int:
    rows = (snipeit.row(item, place) for item in items(log.store, lot=lot))
    lines = [row for row in rows if row is not None]
    # Commas and no byte order mark: Snipe-IT's importer reads nothing else.
    try:
        with os.fdopen(
            durable.new_file(out, as_folder=True), "w", encoding="utf-8", newline=""
        ) as file:
            writer = csv.writer(file)
            writer.writerow(snipeit.TITLES)
            writer.writerows([safe_cell(value) for value in line] for line in lines)
    except OSError as error:
        raise RecordsError(
            "bag_unwritable", path=str(out), cause=error.strerror or str(error)
        ) from error
    return len(lines)


def _epcis(log: Log, out: Path, lot: LotName | None) -> int:
    where = ""
    if lot:
        where = (
            "event.n IN (SELECT s.event FROM subject AS s JOIN machine AS m"
            f" ON s.subject = 'machine:' || m.device WHERE {MACHINES})"
        )
    made = epcis.document(log.store.events(where, lot or ()), at=event.timestamp(log.clock.now()))
    _json(out, made)
    return len(made["epcisBody"]["eventList"])


def _folder(log: Log, format: str, out: Path, lot: LotName | None, place: str) -> int:
    at, count = event.timestamp(log.clock.now()), 0
    try:
        durable.folder(out)
    except OSError as error:
        raise RecordsError(
            "bag_unwritable", path=str(out), cause=error.strerror or str(error)
        ) from error
    for name, made in _documents(log, format, lot, place, at):
        _json(out / f"{name}.json", made)
        count += 1
    return count


def _documents(
    log: Log, format: str, lot: LotName | None, *options: str
) -> Iterator[tuple[str, dict[str, Any]]]:
    place, at = options
    for item in items(log.store, lot=lot):
        # A code comes from a record, perhaps hostile: it names no folder.
        asset = re.sub(r"[^A-Za-z0-9-]", "-", item.row["asset"])[:40]
        device = hashlib.sha256(item.row["device"].encode()).hexdigest()[:16]
        name = f"{asset or 'machine'}-{device}"
        if format == "glpi":
            yield name, glpi.document(item, tag=place)
        elif any(disk.erased for disk in item.disks):
            yield name, credential.issue(item, log.key, at=at)


def _json(out: Path, made: dict[str, Any]) -> None:
    try:
        durable.write_whole(
            out, msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n", as_folder=True
        )
    except OSError as error:
        raise RecordsError(
            "bag_unwritable", path=str(out), cause=error.strerror or str(error)
        ) from error
