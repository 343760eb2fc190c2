"""What the system and the libraries answer in English, as a key of our words and its values.

Whoever fails hands on the exception, or its text as another program gave it. Both lead to
`system.<key>`: by the number of the error where there is one, never by a sentence of a library's
that a person would read (tests/unit/architecture/test_troubles.py).
"""

from __future__ import annotations

import errno
import functools
import json
import os
import re
import socket
import struct
import tomllib
import zipfile
import zlib

import msgspec

Told = tuple[str, dict[str, object]]

_NUMBERED = re.compile(r"\[Errno (-?\d+)\]")
# What has no number of its own, as it is written: SQLite's sentences, and the resolver's.
_SENTENCES = {
    "timed out": "ETIMEDOUT",
    "The read operation timed out": "ETIMEDOUT",
    "The write operation timed out": "ETIMEDOUT",
    "database or disk is full": "ENOSPC",
    "disk I/O error": "EIO",
    "attempt to write a readonly database": "EROFS",
    "unable to open database file": "unopened",
    "database is locked": "EBUSY",
    "database disk image is malformed": "damaged",
    "file is not a database": "foreign",
    "Name or service not known": "name",
    "No address associated with hostname": "name",
    "Temporary failure in name resolution": "name",
}
# What a reader of an archive or of a record meets in bytes that are not whole.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    msgspec.DecodeError,
    EOFError,
    NotImplementedError,
)
_LINE = re.compile(r"at line (\d+), column (\d+)")
_FIELD = re.compile(r" - at `\$\.?([^`]*)`$")
_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]*)`")
_BOUND = re.compile(r"`int` (>=|<=) (-?\d+)")


def of(value: object) -> Told | None:
    """The key below `system` and its values; `None` for what is no answer of the machine's."""
    if isinstance(value, str):
        return _of_text(value)
    return _of_error(value) if isinstance(value, Exception) else None


@functools.cache
def _by_sentence() -> dict[str, int]:
    return {os.strerror(number): number for number in errno.errorcode}


def _of_text(text: str) -> Told | None:
    if (number := _by_sentence().get(text)) is not None:
        return _numbered(number)
    if (key := _SENTENCES.get(text)) is not None:
        return key, {}
    found = _NUMBERED.match(text)
    return _numbered(int(found[1])) if found else None


def _numbered(number: int) -> Told:
    name = errno.errorcode.get(number, "")
    return (name if name in WORDED else "other"), {"name": name or str(number)}


def _of_error(error: Exception) -> Told:
    if isinstance(error, OSError):
        return _of_system(error)
    if isinstance(error, UnicodeError):
        return "text", {}
    if isinstance(error, (tomllib.TOMLDecodeError, json.JSONDecodeError)):
        line = _LINE.search(str(error)) or re.search(r"line (\d+) column (\d+)", str(error))
        return ("line", {"line": line[1], "column": line[2]}) if line else ("cut", {})
    if isinstance(error, msgspec.ValidationError):
        return _of_value(str(error))
    if isinstance(error, _DAMAGED):
        return "damaged", {}
    return _of_text(str(error)) or ("other", {"name": type(error).__name__})


def _of_system(error: OSError) -> Told:
    if isinstance(error, socket.gaierror):
        return "name", {}
    if isinstance(error, TimeoutError):
        return "ETIMEDOUT", {}
    if error.errno is None:
        return _of_text(str(error)) or ("other", {"name": type(error).__name__})
    return _numbered(error.errno)


def _of_value(text: str) -> Told:
    """What does not fit in a file of a person's, by the name they wrote."""
    place = _FIELD.search(text)
    where = place[1] if place else ""
    if unknown := _UNKNOWN_FIELD.search(text):
        return "field", {"name": f"{where}.{unknown[1]}".lstrip(".")}
    if bound := _BOUND.search(text):
        key = "least" if bound[1] == ">=" else "most"
        return key, {"name": where or "?", "limit": bound[2]}
    return "value", {"name": where or "?"}


# Of those a person can meet there are words; of the others the name.
WORDED = frozenset(
    (
        *("EPERM", "ENOENT", "EIO", "ENXIO", "EAGAIN", "ENOMEM", "EACCES", "EBUSY", "EEXIST"),
        *("ENODEV", "ENOTDIR", "EISDIR", "EINVAL", "ENFILE", "EMFILE", "EFBIG", "ENOSPC", "EROFS"),
        *("EPIPE", "ENAMETOOLONG", "ENOTEMPTY", "ELOOP", "EDQUOT", "ENOMEDIUM", "EADDRINUSE"),
        *("EADDRNOTAVAIL", "ENETDOWN", "ENETUNREACH", "ECONNABORTED", "ECONNRESET", "ENOTCONN"),
        *("ETIMEDOUT", "ECONNREFUSED", "EHOSTDOWN", "EHOSTUNREACH", "ESTALE", "EOPNOTSUPP"),
        *("ENOSYS", "EXDEV", "ETXTBSY", "EREMOTEIO", "ENODATA"),
    )
)
