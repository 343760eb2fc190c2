"""The seal over what no signed event covers: persons, trust, local values, bags, receipts, and
whom a file names.

A sum over all rows (each row's hash as a number, added up) is kept beside them by triggers that
live only in the connections of this program, in the same transaction as the row; the bench's key
signs the sum when the transaction ends. So it costs what changes, not what is there, a power cut
leaves rows and seal of one moment, and a row changed by another hand never comes right again:
later changes are added to a sum it is not in.
"""

from __future__ import annotations

import functools
import hashlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path

import msgspec

from bench.records.errors import RecordsError
from bench.records.signed import keys, sealed
from bench.records.signed.keys import Key
from bench.records.sql.connection import PUT_META, Connection

# A sum of 1024 bits: no set of honest rows can be found that adds up to another's.
_SIZE = 128
_MODULUS = 1 << 8 * _SIZE
_SUM, SEAL = "seal_sum", "seal"
# What the folds keep in `meta` follows from the events; the seal cannot seal itself.
NOT_SEALED = ("tick", "fold_version", _SUM, SEAL)
TABLES: dict[str, tuple[str, ...]] = {
    "person": ("reference", "role", "fields", "at", "keep_until"),
    "trust": ("workshop", "key", "name", "at", "how", "region"),
    "meta": ("name", "value"),
    "bag_in": ("sha256", "at", "sender", "events", "added", "receipt"),
    "bag_out": ("sha256", "at", "events", "heads", "name"),
    "receipt": ("receiver", "number", "bag", "at", "body"),
    "attachment": ("sha256", "size_bytes", "person"),  # the body is its SHA-256
}
_ENCODER = msgspec.msgpack.Encoder()


def key_of(folder: Path) -> Key | None:
    """The bench's key in a folder of keys; `None` where it cannot be read."""
    try:
        return keys.load(folder / "bench.key")
    except RecordsError:
        return None


def _number(table: str, values: Iterable[object]) -> int:
    row = _ENCODER.encode((table, *values))
    return int.from_bytes(hashlib.shake_256(row).digest(_SIZE), "big")


def _moved(sign: int, before: bytes, table: str, *values: object) -> bytes:
    moved = int.from_bytes(before, "big") + sign * _number(table, values)
    return (moved % _MODULUS).to_bytes(_SIZE, "big")


def watch(connection: sqlite3.Connection) -> None:
    """Keep the sum up to date with whatever this connection changes from now on."""
    for name, sign in (("seal_add", 1), ("seal_take", -1)):
        move = functools.partial(_moved, sign)
        connection.create_function(name, -1, move, deterministic=True)
    connection.execute("PRAGMA recursive_triggers = ON")  # REPLACE takes the old row out too
    for table, columns in TABLES.items():
        for event, steps in (
            ("INSERT", ("NEW",)), ("DELETE", ("OLD",)), ("UPDATE", ("OLD", "NEW"))
        ):  # fmt: skip
            connection.execute(_trigger(table, columns, event, steps))


def _trigger(table: str, columns: tuple[str, ...], event: str, steps: tuple[str, ...]) -> str:
    names = ", ".join(repr(name) for name in NOT_SEALED)
    row = steps[0]
    when = f" WHEN {row}.name NOT IN ({names})" if table == "meta" else ""
    moves = "".join(
        f" UPDATE meta SET value = {'seal_add' if step == 'NEW' else 'seal_take'}(value, '{table}',"
        f" {', '.join(f'{step}.{column}' for column in columns)}) WHERE name = '{_SUM}';"
        for step in steps
    )
    return (
        f"CREATE TEMP TRIGGER seal_{table}_{event.lower()} AFTER {event} ON main.{table}{when}"
        f" BEGIN{moves} END"
    )


def count(connection: Connection) -> bytes:
    """The sum over all rows as they are."""
    whole = 0
    for table, columns in TABLES.items():
        for row in connection.execute(f"SELECT {', '.join(columns)} FROM {table}"):
            if table != "meta" or row[0] not in NOT_SEALED:
                whole += _number(table, row)
    return (whole % _MODULUS).to_bytes(_SIZE, "big")


def begin(connection: Connection, key: Key | None) -> None:
    """Seal what is there for the first time: a new store, or one of before seals. In the caller's
    transaction."""
    _put(connection, _SUM, count(connection))
    _put(connection, SEAL, "")
    if key is not None:
        _sign(connection, key)


def sum_of(connection: Connection) -> object:
    """The sum as it is kept: it tells whether a transaction changed any row."""
    found = connection.execute("SELECT value FROM meta WHERE name = ?", (_SUM,)).fetchone()
    return found[0] if found else None


def settle(connection: Connection, key: Key | None, before: object) -> None:
    """Sign the sum where it moved since `before`, at the end of a transaction.

    Only where the seal said what the sum was before: what another hand has changed stays unsealed.
    Without the key nothing is signed.
    """
    now = sum_of(connection)
    if key is None or now == before:
        return
    seal = connection.execute("SELECT value FROM meta WHERE name = ?", (SEAL,)).fetchone()
    if seal and _told(seal[0], key) == _digest(before):
        _sign(connection, key)


def _sign(connection: Connection, key: Key) -> None:
    ((whole,),) = connection.execute("SELECT value FROM meta WHERE name = ?", (_SUM,))
    _put(connection, SEAL, key.seal("store", {"sum": _digest(whole)}).dumps().decode())


def _put(connection: Connection, name: str, value: object) -> None:
    connection.execute(PUT_META, (name, value))


def _digest(whole: object) -> str:
    return hashlib.sha256(whole if isinstance(whole, bytes) else b"").hexdigest()


def _told(seal: object, key: Key) -> str:
    """The digest a seal of this key names, "" where it is none."""
    try:
        value, envelope = sealed.read(str(seal).encode(), "store")
    except RecordsError:
        return ""
    return str(value.get("sum")) if envelope.key == key.public.hex() else ""


def trouble(connection: Connection, public: bytes | None) -> str:
    """What is wrong with the seal, "" where nothing is: a code.

    `public`: the key of the bench whose store it is, `None` where nobody knows it.
    """
    kept = dict(
        connection.execute("SELECT name, value FROM meta WHERE name IN (?, ?)", (_SUM, SEAL))
    )
    seal = kept.get(SEAL)
    if seal == "":
        return "store_unsealed"
    try:
        value, envelope = sealed.read(str(seal).encode(), "store")
    except RecordsError:
        return "seal_broken"
    if public is not None and envelope.key != public.hex():
        return "seal_foreign"
    whole = count(connection)
    good = kept.get(_SUM) == whole and value.get("sum") == _digest(whole)
    return "" if good else "rows_altered"
