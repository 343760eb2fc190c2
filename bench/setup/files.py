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
