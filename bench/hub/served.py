"""Whether a hub serves a data folder: servers share a lock, who puts a backup back needs it alone.

A server opens the record for each request and closes it: between two of them nothing else says
that it is there.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from bench.records.errors import RecordsError
from diagnostics import durable

NAME = "hub.lock"


@contextlib.contextmanager
def served(folder: Path, *, alone: bool = False) -> Iterator[None]:
    """The folder is served while the block lasts; `alone`: it is not.

    Raises `RecordsError` (`store_in_use`, `folder_unwritable`). The kernel ends the lock of a
    process that was killed.
    """
    path = folder / NAME
    try:
        durable.folder(folder)
        lock = durable.open_file(path, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        cause = error.strerror or ""
        raise RecordsError("folder_unwritable", path=str(path), cause=cause) from error
    try:
        try:
            fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError as error:
            raise RecordsError("store_in_use", path=str(folder)) from error
        yield
    finally:
        os.close(lock)
