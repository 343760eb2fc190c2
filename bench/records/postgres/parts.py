"""Parts of the record on further servers: the bytes of a workshop's events and files.

What is searched, counted and joined stays on the main server; a row whose bytes were moved keeps
a pointer, as PostgreSQL itself keeps a long value out of its row. A part is a partition of the
tables `body` and `file`, and a foreign table (postgres_fdw): it is written in the main server's
transaction, and COMMIT there goes before COMMIT here. What a crash between the two leaves is a row
nobody points to. Bytes are found by their SHA-256, so whoever changes them there is found out.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.raw_cursor import RawCursor

from bench.records.postgres import pointers
from bench.records.postgres.lines import SCHEMA
from bench.records.postgres.pointers import EVENT, FILE, MARK, Pointer

BYTEA = 17  # OID
TABLES = {EVENT: "body", FILE: "file"}
_AT_ONCE = {EVENT: 4_000, FILE: 8}  # asked for together: a file has up to 32 MB
# Rows a round trip: of the foreign tables' options.
AHEAD = {EVENT: "batch_size '500', fetch_size '2000'", FILE: "batch_size '1', fetch_size '4'"}

MARK_SQL = f"'\\x{MARK.hex()}'::bytea"
_FAR_FILE = f"'\\x{(MARK + FILE).hex()}'::bytea"
_PART = (
    "(get_byte(kept, 5)::bigint << 24) + (get_byte(kept, 6) << 16)"
    " + (get_byte(kept, 7) << 8) + get_byte(kept, 8)"
)
# Made where there are none, and again when they are another version's.
MADE = (
    "CREATE TABLE IF NOT EXISTS part (number INTEGER PRIMARY KEY, workshop TEXT NOT NULL UNIQUE,"
    " server TEXT NOT NULL, upto INTEGER NOT NULL)",
    *(
        f"CREATE TABLE IF NOT EXISTS {table} (part INTEGER NOT NULL, hash BLOB NOT NULL,"
        " bytes BLOB NOT NULL) PARTITION BY LIST (part)"
        for table in TABLES.values()
    ),
    # What SQLite's functions read in the server: the pointer's bytes, NULL where they are gone.
    "CREATE OR REPLACE FUNCTION at_hand(kept bytea) RETURNS bytea LANGUAGE plpgsql STABLE strict"
    f" AS $$ DECLARE whole bytea; BEGIN IF substr(kept, 1, 4) <> {MARK_SQL}"
    f" OR octet_length(kept) <= 32 THEN RETURN kept; END IF; IF get_byte(kept, 4) = {EVENT[0]} THEN"
    f" SELECT bytes INTO whole FROM {SCHEMA}.body WHERE part = {_PART} AND hash = substr(kept, 10);"
    f" ELSIF get_byte(kept, 4) = {FILE[0]} THEN"
    f" SELECT bytes INTO whole FROM {SCHEMA}.file WHERE part = {_PART} AND hash = substr(kept, 10);"
    " ELSE RETURN substr(kept, 1, 4) || substr(kept, 6); END IF;"
    " RETURN whole; END $$",
    "CREATE OR REPLACE FUNCTION json_extract(body bytea, place text) RETURNS text"
    " LANGUAGE sql STABLE strict AS $$ SELECT readable_json(convert_from(at_hand(body), 'UTF8'))"
    " #>> string_to_array(substr(place, 3), '.') $$",
    "CREATE OR REPLACE FUNCTION instr(whole bytea, part bytea) RETURNS integer"
    " LANGUAGE sql STABLE strict AS $$ SELECT position(part IN at_hand(whole)) $$",
    # A file that turns out to name a person comes home, and one that is forgotten is so there too.
    "CREATE OR REPLACE FUNCTION keep_home() RETURNS trigger LANGUAGE plpgsql AS $$"
    f" DECLARE kept bytea := OLD.body; BEGIN IF substr(kept, 1, 5) = {_FAR_FILE}"
    " AND octet_length(kept) > 32 THEN IF TG_OP = 'UPDATE' THEN"
    f" NEW.body := {SCHEMA}.at_hand(kept);"
    " IF sha256(NEW.body) IS DISTINCT FROM OLD.sha256 THEN RAISE EXCEPTION 'the file is not there'"
    " USING ERRCODE = 'XX001'; END IF; END IF;"
    f" DELETE FROM {SCHEMA}.file WHERE part = {_PART} AND hash = substr(kept, 10); END IF;"
    " IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$",
    "DROP TRIGGER IF EXISTS keep_home ON attachment",
    "CREATE TRIGGER keep_home BEFORE DELETE OR UPDATE OF person ON attachment"
    " FOR EACH ROW EXECUTE FUNCTION keep_home()",
)


def brought(line: psycopg.Connection[Any], columns: list[int], rows: list[Any]) -> list[Any]:
    """These rows with the bytes their pointers mean, of each part asked together; `columns`: which
    hold bytes. Empty bytes where a part has them no more: their hash tells. Raises `psycopg.Error`.
    """
    kept = [(at, column) for at, row in enumerate(rows) for column in columns if _odd(row[column])]
    if not kept:
        return rows
    found = {(at, column): pointers.read(rows[at][column]) for at, column in kept}
    far = _fetched(line, {each for each in found.values() if isinstance(each, Pointer)})
    made = list(rows)
    for (at, column), value in found.items():
        whole = far.get(value, b"") if isinstance(value, Pointer) else value
        made[at] = (*made[at][:column], whole, *made[at][column + 1 :])
    return made


def _odd(value: bytes | None) -> bool:
    return value is not None and value[: len(MARK)] == MARK and len(value) > 32


def _fetched(line: psycopg.Connection[Any], wanted: set[Pointer]) -> dict[Pointer, bytes]:
    by_part: dict[tuple[bytes, int], list[bytes]] = {}
    for kind, part, name in wanted:
        by_part.setdefault((kind, part), []).append(name)
    found = {}
    for (kind, part), names in by_part.items():
        if kind not in TABLES:
            continue
        asked = f"SELECT hash, bytes FROM {TABLES[kind]} WHERE part = $1 AND hash = ANY($2)"
        for start in range(0, len(names), _AT_ONCE[kind]):
            some = names[start : start + _AT_ONCE[kind]]
            rows = RawCursor(line).execute(asked, (part, some), binary=True).fetchall()
            found.update({Pointer(kind, part, name): whole for name, whole in rows})
    return found
