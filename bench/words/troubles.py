"""What the system and the libraries answer in English, as a key of our words and its values.

Whoever fails hands on the exception, or its text as another program gave it. Both lead to
`system.<key>`: by the number of the error where there is one, never by a sentence of a library's
that a person would read (tests/unit/architecture/test_troubles.py).
"""

from __future__ import annotations

import errno
import functools
import os
import re

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
# By the name of the class: importing each library to know its errors would cost every start.
_KEYS = {
    "json.decoder.JSONDecodeError": "line",
    "tomllib.TOMLDecodeError": "line",
    "msgspec.ValidationError": "value",
    "socket.gaierror": "name",
    "builtins.TimeoutError": "ETIMEDOUT",
    # Their numbers are OpenSSL's, not the system's.
    "ssl.SSLEOFError": "ECONNRESET",
    "ssl.SSLZeroReturnError": "ECONNRESET",
    "ssl.SSLSyscallError": "ECONNRESET",
    "ssl.SSLCertVerificationError": "certificate",
    "ssl.SSLError": "tls",
    "builtins.UnicodeError": "text",
    "builtins.RecursionError": "deep",
    # Of an archive or a record whose bytes are not whole.
    "zipfile.BadZipFile": "damaged",
    "zlib.error": "damaged",
    "struct.error": "damaged",
    "msgspec.DecodeError": "damaged",
    "builtins.EOFError": "damaged",
    "builtins.NotImplementedError": "damaged",
}
_LINE = re.compile(r"line (\d+),? column (\d+)")
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
    kinds = (f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__)
    key = next((_KEYS[kind] for kind in kinds if kind in _KEYS), "")
    if key == "line":
        line = _LINE.search(str(error))
        return ("line", {"line": line[1], "column": line[2]}) if line else ("cut", {})
    if key == "value":
        return _of_value(str(error))
    if key:
        return key, {}
    if isinstance(error, OSError) and error.errno is not None:
        return _numbered(error.errno)
    return _of_text(str(error)) or ("other", {"name": type(error).__name__})


def _of_value(text: str) -> Told:
    """What does not fit in a file of a person's, by the name they wrote."""
    place = _FIELD.search(text)
    where = _name(place[1]) if place else ""
    if unknown := _UNKNOWN_FIELD.search(text):
        return "field", {"name": f"{where}.{_name(unknown[1])}".lstrip(".")}
    if bound := _BOUND.search(text):
        key = "least" if bound[1] == ">=" else "most"
        return key, {"name": where or "?", "limit": bound[2]}
    return "value", {"name": where or "?"}


def _name(written: str) -> str:
    """A name somebody wrote, fit for a sentence: short, and nothing that is not seen."""
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in written[:80])


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
