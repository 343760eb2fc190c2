"""The papers that were made on these pages, to be fetched again: found by their SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from bench.hub.accounts import database
from bench.hub.accounts.book import Book
from bench.records.copies.forgetting import DOCUMENTS


class Paper(NamedTuple):
    """A paper that can be fetched: a PDF, or the signed file beside it. `of`: the address of a
    lot, or a device."""

    of: str
    name: str
    kind: str
    sha256: str


def note(book: Book, of: str, kind: str, paths: Iterable[Path]) -> None:
    """Keep in mind what was written to the folder of papers, about a lot or a machine."""
    with database.act(book.folder, writes=True) as db:
        for path in paths:
            told = (of, path.name, kind, _sha256(path.read_bytes()), book.now_s())
            db.execute("INSERT OR REPLACE INTO paper VALUES (?, ?, ?, ?, ?)", told)


def papers(book: Book, of: str) -> list[Paper]:
    """The papers of a lot or a machine, PDFs before their signed files."""
    with database.act(book.folder) as db:
        rows = db.execute(
            "SELECT about, name, kind, sha256 FROM paper WHERE about = ? ORDER BY kind, name DESC",
            (of,),
        ).fetchall()
    return [Paper._make(row) for row in rows]


def bytes_of(book: Book, of: str, name: str) -> bytes | None:
    """A paper as it was made; `None` where it is not there any more, or is another file now."""
    found = {paper.name: paper for paper in papers(book, of)}.get(name)
    if found is None:
        return None
    try:
        data = (book.folder / DOCUMENTS / found.name).read_bytes()
    except OSError:
        return None
    return data if _sha256(data) == found.sha256 else None


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
