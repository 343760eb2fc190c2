"""How values go to PostgreSQL and come back: as SQLite takes and gives them.

Numbers and texts are sent without a type, so that the statement says what they are, as it does in
SQLite; a truth comes back as 0 or 1, a sum as a whole number.
"""

from __future__ import annotations

from typing import Any

import msgspec
import psycopg
from psycopg.adapt import AdaptersMap, Buffer, Dumper, Loader
from psycopg.pq import Format
from psycopg.types.numeric import NumericBinaryLoader
from psycopg.types.string import BytesBinaryDumper

from bench.records.postgres import pointers, text

_MOST = 2**63


class _Whole(Dumper):
    oid = 0  # unknown: a number wherever a number stands

    def dump(self, obj: int) -> bytes:
        if not -_MOST <= obj < _MOST:
            raise OverflowError("Python int too large to convert to SQL INTEGER")  # as SQLite's
        return b"%d" % obj

    def quote(self, obj: int) -> bytes:
        return b"%d" % obj  # psycopg's own statements have numbers in them


class _Text(Dumper):
    oid = 0

    def dump(self, obj: str) -> bytes:
        return text.written(obj).encode()


class _Bytes(BytesBinaryDumper):
    def dump(self, obj: Buffer) -> Buffer:
        return pointers.written(bytes(obj))


class _ReadText(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> str:
        return text.read(bytes(data).decode())


class _ReadTruth(Loader):
    format = Format.BINARY

    def load(self, data: Buffer) -> int:
        return bytes(data)[0]


class _ReadNumber(NumericBinaryLoader):
    def load(self, data: Buffer) -> Any:
        found = super().load(data)
        return int(found) if found == found.to_integral_value() else float(found)


class _ReadAny(Loader):
    """A local value of the store: text or a number, or bytes in a list."""

    format = Format.BINARY

    def load(self, data: Buffer) -> Any:
        found = msgspec.json.decode(bytes(data))
        return bytes.fromhex(found[0]) if isinstance(found, list) else found


def any_value(value: object) -> str:
    """A local value as its column keeps it."""
    kept = [value.hex()] if isinstance(value, bytes) else value
    return msgspec.json.encode(kept).decode()


class _Context:
    """What psycopg takes its ways of writing and reading from."""

    def __init__(self) -> None:
        self.adapters = AdaptersMap(psycopg.adapters)
        self.connection = None
        dumpers = ((int, _Whole), (bool, _Whole), (str, _Text), (bytes, _Bytes))
        for kind, dumper in dumpers:
            self.adapters.register_dumper(kind, dumper)
        for name in ("text", "varchar", "name"):
            self.adapters.register_loader(name, _ReadText)
        self.adapters.register_loader("bool", _ReadTruth)
        self.adapters.register_loader("numeric", _ReadNumber)
        self.adapters.register_loader("json", _ReadAny)


CONTEXT: Any = _Context()
