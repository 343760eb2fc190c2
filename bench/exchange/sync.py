"""Exchanges bags through a folder: a stick carried around, or a share.

In the folder `etabli`: each bench leaves one bag of all it knows under its own name,
takes the others', and leaves receipts. Bags lying at the top of the stick are taken too.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.exchange import own_bag, receipt
from bench.exchange.archive import open_file, shown_name
from bench.exchange.archive_writer import drop_stale
from bench.exchange.bag import Exported, export_bag, unwritable
from bench.exchange.importing import Imported, import_bags
from bench.exchange.own_bag import Found, OwnBag
from bench.exchange.reading import BagError
from bench.records.errors import RecordsError
from bench.records.log import Log
from diagnostics import durable

FOLDER = "etabli"
MAX_FILES = 1000
_MAX_RECEIPT = 16 * 1024 * 1024


class Synced(msgspec.Struct, frozen=True):
    """What was taken, which receipts were believed or not, and what was left.

    `own` is what lay there under our name; `unwritten` why our bag or a receipt was not left.
    """

    bags: tuple[Imported, ...]
    receipts: tuple[str, ...]
    refused_receipts: tuple[tuple[str, BagError], ...]
    answers: tuple[str, ...]
    left: Exported | None
    own: OwnBag = OwnBag.OURS
    unwritten: BagError | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing was refused or spoilt, and all was left that had to be."""
        spoilt = self.own in (OwnBag.DAMAGED, OwnBag.FOREIGN)
        return not spoilt and not self.unwritten and all(bag.error is None for bag in self.bags)


def sync(
    log: Log,
    folder: Path,
    *,
    before_leaving: Callable[[], object] = lambda: None,
) -> Synced:
    """Take what lies there, leave what we know. Raises `RecordsError`: `sync_folder`,
    `bag_unwritable`, `store_*`; a bag that cannot be left is in what it gives.
    `before_leaving` records what is not on record yet.
    """
    if not folder.is_dir():
        raise RecordsError("sync_folder", path=str(folder))
    inside = folder / FOLDER
    if inside.is_symlink():  # we would write wherever it points to
        raise RecordsError("sync_folder", path=str(inside))
    try:
        durable.folder(inside)
    except OSError as error:
        raise unwritable(inside, error) from error
    own = inside / f"{log.key.id[:16]}.zip"
    believed, refused = _receipts(log, folder, inside)
    found = own_bag.look(log, own)
    bags = [path for path in _files(folder, inside, ".zip") if path != own or found.to_take]
    report = import_bags(log, bags)
    before_leaving()
    left, answers, unwritten = _leave_all(log, own, found, report.bags)
    answered, odd = tuple(answers), tuple(refused)
    return Synced(report.bags, tuple(believed), odd, answered, left, found.what, unwritten)


def _leave_all(
    log: Log, own: Path, found: Found, taken: tuple[Imported, ...]
) -> tuple[Exported | None, list[str], BagError | None]:
    """Our bag and the receipts. The bag first: a full stick has room for it or for nothing."""
    left: Exported | None = None
    answers: list[str] = []
    try:
        left = _leave(log, own, found)
        for bag in taken:
            if bag.receipt and bag.sender != log.key.id:  # nobody confirms to himself
                answers.append(_answer(own.parent, bag))
    except RecordsError as error:
        if error.code.startswith("store_"):
            raise
        return left, [name for name in answers if name], BagError.of(error)
    return left, [name for name in answers if name], None


def _files(folder: Path, inside: Path, suffix: str) -> list[Path]:
    """Regular files of this kind, links not followed, in one order."""
    found = [
        path
        for place in (folder, inside)
        for path in sorted(place.iterdir())
        if path.suffix.lower() == suffix
        and not path.name.startswith(".")
        and path.is_file()
        and not path.is_symlink()
    ]
    return found[:MAX_FILES]


def _receipts(log: Log, folder: Path, inside: Path) -> tuple[list[str], list[tuple[str, BagError]]]:
    believed: list[str] = []
    refused: list[tuple[str, BagError]] = []
    for path in _files(folder, inside, ".json"):
        if not path.name.startswith("accuse-"):
            continue
        try:
            with open_file(path) as file:
                receipt.record(log.store, file.read(_MAX_RECEIPT))
            believed.append(shown_name(path))
        except RecordsError as error:
            if error.code.startswith("store_"):
                raise
            # Receipts for other benches' bags lie on the same stick: nothing is wrong.
            if error.code not in ("receipt_foreign", "receipt_replayed"):
                refused.append((shown_name(path), BagError.of(error)))
    return believed, refused


def _answer(inside: Path, bag: Imported) -> str:
    """Leave a receipt; gives its name, "" where it lies there. Raises `RecordsError`."""
    path = inside / f"accuse-{bag.sha256[:16]}.json"
    try:
        if path.is_file() and not path.is_symlink() and path.read_bytes() == bag.receipt:
            return ""
        _write(path, bag.receipt)
    except OSError as error:
        raise unwritable(path, error) from error
    return path.name


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and never through a link somebody left under that name."""
    drop_stale(path)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.part")
    fresh.unlink(missing_ok=True)
    try:
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _leave(log: Log, out: Path, found: Found) -> Exported | None:
    """Our bag, unless the one that lies there says all we know, imports included."""
    if own_bag.says_all(log.store, found):
        return None
    return export_bag(log, out)
