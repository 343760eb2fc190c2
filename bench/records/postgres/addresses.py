"""Which database a data folder's record is in: a file beside the keys names it, or there is none.

It is there before the first event is, so that no command of this folder founds a second record in a
file. A password does not belong in it: libpq has a file of its own for passwords.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from urllib.parse import urlsplit

from bench.records.errors import RecordsError
from diagnostics import durable

FILE = "database.url"
_SCHEMES = ("postgresql", "postgres")
_MOST = 2_000


def named(folder: Path) -> str:
    """The URL a folder's record is at, "" where it is SQLite's file. Raises `RecordsError`
    (`database_url`, `store_unopenable`): a file that others wrote leads nobody anywhere."""
    try:
        with os.fdopen(durable.open_file(folder / FILE, os.O_RDONLY), encoding="utf-8") as file:
            made = os.fstat(file.fileno())
            if made.st_uid not in (0, os.geteuid()) or made.st_mode & 0o022:
                raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))
            return checked(file.read(_MOST).strip())
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeError) as error:
        raise RecordsError("store_unopenable", path=str(folder / FILE), cause=str(error)) from error


def shown(url: str) -> str:
    """The server and its database, for people: no name, no password."""
    found = urlsplit(url)
    return f"{found.hostname or 'localhost'}{found.path or '/'}"


def is_there(database: Path) -> bool:
    """Whether a data folder has a record: the file, or the name of a database."""
    return database.exists() or (database.parent / FILE).exists()


def checked(url: str) -> str:
    """A URL of PostgreSQL's. Raises `RecordsError` (`database_url`)."""
    try:
        good = urlsplit(url).scheme in _SCHEMES and url.isprintable() and len(url) < _MOST
    except ValueError:
        good = False
    if not good:
        raise RecordsError("database_url")
    return url


def keep(folder: Path, url: str) -> None:
    """From now on the folder's record is there. Raises `RecordsError`."""
    path = folder / FILE
    try:
        durable.write_whole(path, checked(url).encode() + b"\n", make_folder=True)
    except OSError as error:
        raise RecordsError("store_unopenable", path=str(path), cause=str(error)) from error
