"""One spelling for every record: RFC 8785 bytes, no floats, bounded depth and size.

Why no floats: RFC 8785 prints them as ECMAScript does, and two languages that
disagree on one digit would disagree on a signature. Why ASCII names: RFC 8785
sorts names by UTF-16 code unit and most libraries by UTF-8 byte; in ASCII the two
orders are the same, so a fast encoder gives the same bytes as the reference one.
"""

from __future__ import annotations

from typing import Any

import msgspec
import rfc8785

from bench.records.errors import RecordsError

MAX_INTEGER = 2**53 - 1  # RFC 8785 section 3.2.2.3: I-JSON integers
MAX_DEPTH = 12
MAX_BYTES = 256 * 1024  # a probe of a 24-disk server is about 60 KiB
MAX_NAME = 128


def check(value: Any, depth: int = 0) -> None:
    """Refuse what a record may not hold.

    Raises `RecordsError`: `value_float`, `value_too_deep`, `value_integer`,
    `value_name`, `value_text`, `value_kind`.
    """
    kind = type(value)
    if kind is str:
        # Cheap test first: nearly every string is ASCII, and no ASCII is a surrogate.
        if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
            raise RecordsError("value_text")
    elif kind is int:
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise RecordsError("value_integer")
    elif kind is dict:
        _check_depth(depth)
        for name, item in value.items():
            if name not in _seen_names:
                _check_name(name)
            check(item, depth + 1)
    elif kind is list or kind is tuple:
        _check_depth(depth)
        for item in value:
            check(item, depth + 1)
    elif value is not None and kind is not bool:
        code = "value_float" if kind is float else "value_kind"
        raise RecordsError(code, kind=kind.__name__)


# Names found good. Records repeat a few hundred; the limit is for a hostile one.
_seen_names: set[str] = set()


def _check_depth(depth: int) -> None:
    if depth >= MAX_DEPTH:
        raise RecordsError("value_too_deep", limit=MAX_DEPTH)


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not name.isascii() or not name.isprintable():
        raise RecordsError("value_name")
    if not 0 < len(name) <= MAX_NAME:
        raise RecordsError("value_name")
    if len(_seen_names) < 2000:
        _seen_names.add(name)


def dumps(value: Any) -> bytes:
    """The canonical bytes of a value, after `check`; raises also `value_too_big`."""
    check(value)
    raw = rfc8785.dumps(value)
    if len(raw) > MAX_BYTES:
        raise RecordsError("value_too_big", limit=MAX_BYTES)
    return raw


def loads(raw: bytes, max_bytes: int = MAX_BYTES) -> Any:
    """The value of canonical bytes; anything spelt another way is refused.

    Raises `RecordsError`: `value_too_big`, `value_unreadable` (not JSON, not UTF-8,
    nested beyond reason), `value_not_canonical`, and what `check` raises.
    """
    if len(raw) > max_bytes:
        raise RecordsError("value_too_big", limit=max_bytes)
    try:
        value = msgspec.json.decode(raw)
        check(value)
        # Equal to RFC 8785 for what `check` lets through, and forty times faster than
        # the reference encoder; tests/properties compare the two.
        again = msgspec.json.encode(value, order="sorted")
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        raise RecordsError("value_unreadable") from None
    if again != raw:
        raise RecordsError("value_not_canonical")
    return value


def pre_authentication(kind: str, body: bytes) -> bytes:
    """What is signed: the DSSE pre-authentication encoding of a type and a body.

    The lengths keep one type from being read as another (DSSE protocol, PAE;
    CVE-2022-35929 came from a type outside the signature).
    """
    name = kind.encode()
    return b"DSSEv1 %d %s %d %s" % (len(name), name, len(body), body)


def without_floats(value: Any, places: int = 3) -> Any:
    """A copy where each float is a decimal string ("41.5"), for values read from tools."""
    if isinstance(value, float):
        text = f"{value:.{places}f}".rstrip("0").rstrip(".")
        return text if text not in ("", "-0") else "0"
    if isinstance(value, dict):
        return {name: without_floats(item, places) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_floats(item, places) for item in value]
    return value
