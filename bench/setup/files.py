"""Writes a file whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure

if TYPE_CHECKING:
    pass


def write_file(path: Path, data: bytes) -> None:
    """Write whole or not at all. Raises `Failure("file_unwritable")`."""
    draft = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise Failure(
            "file_unwritable", Exit.MACHINE, path=path, why=error.strerror or error
        ) from error
