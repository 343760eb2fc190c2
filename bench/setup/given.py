"""The one reader of paths that people give to be read: what lies there, if it is not as wanted.

A path that exists and is no file is told so: who is told that it does not exist looks for a
spelling mistake that is not there.
"""

from __future__ import annotations

import stat
from pathlib import Path

from bench.errors.failure import Exit, Failure


def given_file(path: Path | str) -> Path:
    """The path of a regular file. Raises `Failure`: `file_missing`, `file_is_folder`,
    `file_is_odd`, `file_unreadable`."""
    mode = _mode(path)
    if stat.S_ISREG(mode):
        return Path(path)
    raise Failure("file_is_folder" if stat.S_ISDIR(mode) else "file_is_odd", Exit.USAGE, path=path)


def given_folder(path: Path | str) -> Path:
    """The path of a folder. Raises `Failure`: `folder_missing`, `folder_wanted`,
    `file_unreadable`."""
    if stat.S_ISDIR(_mode(path, "folder_missing")):
        return Path(path)
    raise Failure("folder_wanted", Exit.USAGE, path=path)


def read_given(path: Path | str) -> bytes:
    """What is in a file. Raises `Failure` as `given_file` does."""
    try:
        return given_file(path).read_bytes()
    except OSError as error:
        raise Failure("file_unreadable", Exit.MACHINE, path=path, why=error) from error


def _mode(path: Path | str, missing: str = "file_missing") -> int:
    try:
        return Path(path).stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise Failure(missing, Exit.USAGE, path=str(path)[:200]) from None
    except OSError as error:
        raise Failure("file_unreadable", Exit.MACHINE, path=str(path)[:200], why=error) from error
