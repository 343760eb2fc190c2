"""Writes a file whole or not at all."""

from __future__ import annotations

from pathlib import Path

from bench.errors.failure import Exit, Failure
from diagnostics import durable


def write_file(path: Path, data: bytes) -> None:
    """Write whole or not at all, as private as its folder. Raises `Failure("file_unwritable")`."""
    try:
        durable.write_whole(path, data, make_folder=True, as_folder=True)
    except OSError as error:
        raise Failure(
            "file_unwritable", Exit.MACHINE, path=path, why=error.strerror or error
        ) from error


def folder_for_papers(named: Path | None, usual: Path) -> Path:
    """Where papers go: `named`, or the usual folder. It need not be there yet.

    Raises `Failure("folder_wanted")` for what is a file, or is named like one of the papers.
    """
    folder = named or usual
    if folder.is_file() or folder.suffix.lower() in (".pdf", ".json"):
        raise Failure("folder_wanted", Exit.USAGE, path=folder)
    return folder
