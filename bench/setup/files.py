"""Writes a file whole or not at all."""

from __future__ import annotations

import os
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


def free_name(path: Path) -> Path:
    """A name that a person chose for what they are given: nothing lies there, its folder does.

    Asked before the work is done, and by `give`. Raises `Failure`: `file_exists`, `file_wanted`
    for no name at all, `folder_missing`.
    """
    if not path.name:
        raise Failure("file_wanted", Exit.USAGE, path=path)
    if os.path.lexists(path):
        raise Failure("file_exists", Exit.USAGE, path=path)
    if not path.parent.is_dir():
        raise Failure("folder_missing", Exit.USAGE, path=path.parent)
    return path


def give(path: Path, data: bytes) -> None:
    """A file for a person, under the name they chose: never in the place of another, which may be
    anything, the records or a key too. Raises `Failure`: as `free_name`, `file_unwritable`."""
    write_file(free_name(path), data)


def folder_for_papers(named: Path | None, usual: Path) -> Path:
    """Where papers go: `named`, or the usual folder. It need not be there yet.

    Raises `Failure("folder_wanted")` for what is a file, or is named like one of the papers.
    """
    folder = named or usual
    if folder.is_file() or folder.suffix.lower() in (".pdf", ".json"):
        raise Failure("folder_wanted", Exit.USAGE, path=folder)
    return folder
