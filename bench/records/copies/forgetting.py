"""Forgetting a person wherever this bench has written: papers, copies, databases set aside, bags.

The store itself forgets first, in one transaction that also writes down what is owed beside it.
That is done at once as far as it can be reached; the rest (a stick that is not plugged in, a
reader that holds the state before) is told, and done at the next opening that can.
"""

from __future__ import annotations

import contextlib
import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path

import msgspec

from bench.records import persons
from bench.records.copies import backup, snapshots
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.persons import Owed
from bench.records.store import Store
from diagnostics import durable

PAPER = "paper:"  # rows of `meta`: where a paper was written that lies outside `documents/`
DOCUMENTS, _SNAPSHOTS = "documents", "backups"
_BAGS = ("bags/in", "quarantine", "outgoing")
_MOST_PAPER_BYTES = 64 << 20


class Left(msgspec.Struct, frozen=True):
    """What could not be erased: a code (`reader`, `copy`, `paper`, `bag`, `left`), and where."""

    code: str
    path: str = ""


class Forgetting(msgspec.Struct, frozen=True):
    """What went: files of the store, papers beside it; and what is left."""

    files: int
    papers: tuple[str, ...]
    left: tuple[Left, ...]


def forget(log: Log, references: list[str]) -> Forgetting:
    """Erase persons, and every byte of them that this bench can reach.

    Raises `RecordsError` (`person_unknown`, `store_*`).
    """
    people = [found for name in references if (found := persons.find(log.store, name))]
    named = _that_say(log.store, {person.fields.get("name", "") for person in people} - {""})
    gone = persons.forget(log, *references, papers=tuple(map(str, named)))
    papers, left = finish(log.store)
    if gone.may_have_left:
        left = (*left, Left("left"))
    return Forgetting(gone.files, papers, left)


def finish(store: Store) -> tuple[tuple[str, ...], tuple[Left, ...]]:
    """Erase what is owed; gives the papers that went, and what is left to be done."""
    owed, left = persons.owed(store), []
    if store.owes_scrub() and not store.scrub(wait_ms=0):
        left.append(Left("reader", str(store.path)))
    if owed.nothing:
        return (), tuple(left)
    papers = [*map(Path, owed.papers), *_papers_of(store, owed.references)]
    gone = [path for path in dict.fromkeys(papers) if _erased(path, left)]
    _copies(store, list(owed.references), left)
    _bags(store.path.parent, set(owed.files), left)
    away = tuple(what.path for what in left if what.code == "paper")
    waits = tuple(what.path for what in left if what.code != "reader")
    rest = Owed(owed.references, owed.files, away, waits) if waits else Owed()
    if rest != owed:
        persons.set_owed(store, rest)
    return tuple(map(str, gone)), tuple(left)


def is_due(store: Store) -> bool:
    """Whether anything is owed that can be reached now, as far as a look at its place tells."""
    owed = persons.owed(store)
    if store.owes_scrub() or (not owed.nothing and not owed.waits_for):
        return True
    return any(_there(Path(place)) for place in owed.waits_for)


def _that_say(store: Store, names: set[str]) -> list[Path]:
    """The papers of the data folder that say one of these names, and their other form."""
    wanted = [msgspec.json.encode(name) for name in names]
    found = []
    for path in _files(store.path.parent / DOCUMENTS):
        if path.suffix == ".json" and any(name in _content(path) for name in wanted):
            found += [path, path.with_suffix(".pdf")]
    return found


def note_paper(store: Store, sha256: str, path: Path) -> None:
    """Remember where a paper was written; the same paper may lie in several places."""
    places = [str(place) for place in _written_to(store, sha256)]
    if str(path) not in places:
        store.set_meta(PAPER + sha256, "\0".join([*places, str(path)]))


def _written_to(store: Store, sha256: str) -> list[Path]:
    kept = store.meta(PAPER + sha256)
    return [Path(place) for place in kept.split("\0")] if isinstance(kept, str) else []


def _papers_of(store: Store, references: Iterable[str]) -> list[Path]:
    """The papers of these donors' lots, wherever they were written, unchanged since."""
    hashes: dict[str, list[Path]] = {}
    for reference in references:
        for (sha256,) in store.query(
            "SELECT lower(json_extract(body, '$.data.sha256')) FROM event"
            " WHERE type = 'document.issued' AND json_extract(body, '$.lot') IN"
            " (SELECT lot FROM lot WHERE donor = ?)",
            (reference,),
        ):
            hashes[str(sha256)] = _written_to(store, str(sha256))
    if not hashes:
        return []
    here = [p for p in _files(store.path.parent / DOCUMENTS) if _hash(p) in hashes]
    elsewhere = [
        path
        for sha256, paths in hashes.items()
        for path in paths
        if not _there(path) or _hash(path) == sha256
    ]
    return [*here, *elsewhere]


def _erased(path: Path, left: list[Left]) -> bool:
    """Remove a paper; one on a stick that is away stays owed."""
    if not _there(path.parent):
        left.append(Left("paper", str(path)))
        return False
    try:
        was = _there(path)
        durable.drop(path)
    except OSError:
        left.append(Left("paper", str(path)))
        return False
    return was


def _copies(store: Store, references: list[str], left: list[Left]) -> None:
    """Databases set aside, snapshots, and what `restore --save` wrote."""
    folder = store.path.parent
    aside = sorted(folder.glob("etabli-before-*.db"))
    for place in backup.saved_places(store):
        if not _there(place):
            left.append(Left("copy", str(place)))
        aside += sorted(place.glob(f"{backup.NAME}*"))
    for path in aside:
        try:
            if not durable.is_link(path):
                backup.forget(path, references, store.key)
        except RecordsError:
            left.append(Left("copy", str(path)))
    try:
        snapshots.forget(folder / _SNAPSHOTS, references, store.key)
    except RecordsError as error:
        left.append(Left("copy", str(error.values.get("path", folder / _SNAPSHOTS))))


def _bags(folder: Path, files: set[str], left: list[Left]) -> None:
    """Bags kept here that hold an erased file: they can be had again from who sent them."""
    for path in [bag for name in _BAGS for bag in _files(folder / name)] if files else []:
        try:
            with zipfile.ZipFile(path) as bag:
                held = {name.rpartition("/")[2] for name in bag.namelist()}
            if files & held:
                durable.drop(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
            if zipfile.is_zipfile(path):
                left.append(Left("bag", str(path)))


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file() and not path.is_symlink())
    except OSError:
        return []


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _hash(path: Path) -> str:
    return hashlib.sha256(_content(path)).hexdigest()


def _content(path: Path) -> bytes:
    with contextlib.suppress(OSError):
        if path.stat().st_size <= _MOST_PAPER_BYTES:
            return path.read_bytes()
    return b""
