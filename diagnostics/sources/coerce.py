"""Takes values out of untrusted JSON and text without ever raising.

Drives, firmware and other people's reports hold numbers as strings, integers of a
thousand digits, lists where objects belong. Each function gives the value in the
asked type or `None`.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import msgspec

MAX_INTEGER = 2**63 - 1  # what SQLite, msgspec and everything downstream can hold
_DIGITS = re.compile(r"[+-]?\d{1,19}")
_NUMBER = re.compile(r"[+-]?\d{1,19}")


def integer(value: object, low: int = -MAX_INTEGER, high: int = MAX_INTEGER) -> int | None:
    """A whole number within bounds; also from "123", " 1,234 " and 12.0. Never from booleans."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        digits = value.strip().replace(",", "")
        value = int(digits) if _DIGITS.fullmatch(digits) else None
    elif isinstance(value, float):
        value = int(value) if math.isfinite(value) and abs(value) < 2**53 else None
    if isinstance(value, int) and low <= value <= high:
        return value
    return None


def first_integer(value: object, low: int = 0, high: int = MAX_INTEGER) -> int | None:
    """The first whole number in a text such as "7 (2000 0)" or "3200 MT/s"."""
    if not isinstance(value, str):
        return integer(value, low, high)
    found = _NUMBER.search(value[:200])
    return integer(found[0], low, high) if found else None


def boolean(value: object) -> bool | None:
    """True or false; also 0/1 and "0"/"1"/"true"/"false", as old lsblk printed."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    if isinstance(value, str):
        return {"1": True, "true": True, "0": False, "false": False}.get(value.strip().lower())
    return None


def text(value: object, limit: int = 200) -> str | None:
    """A trimmed, printable, non-empty text of at most `limit` signs."""
    if not isinstance(value, str):
        return None
    if value.isprintable() and len(value) <= limit:  # nearly always
        return " ".join(value.split()) or None
    tidy = " ".join("".join(c if c.isprintable() else " " for c in value[: limit * 4]).split())
    return tidy[:limit] or None


def mapping(value: object) -> dict[str, Any]:
    """The object, or an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: object, limit: int = 4096) -> list[Any]:
    """The list, or an empty one; cut at `limit`."""
    return value[:limit] if isinstance(value, list) else []


def dig(value: object, *keys: str) -> Any:
    """The value under nested keys, or `None`."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def utf8(data: bytes) -> bytes:
    """The bytes as UTF-8: PowerShell's `>` writes a report as UTF-16, with its mark in front."""
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return data
    return data.decode("utf-16", "replace").encode("utf-8", "replace")


def load_json(data: bytes | str) -> Any:
    """JSON of any quality: tolerates a BOM, trailing NULs, bad UTF-8, control signs in strings.

    Raises `ValueError` (only) when no JSON value can be read at all.
    """
    raw = utf8(data.encode("utf-8", "replace") if isinstance(data, str) else data)
    try:
        return msgspec.json.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError, OverflowError):
        pass
    tidy = raw.decode("utf-8-sig", "replace").strip("\x00 \t\r\n\ufeff")
    try:
        return json.loads(tidy, strict=False)
    except (ValueError, RecursionError) as error:
        raise ValueError("not JSON") from error
