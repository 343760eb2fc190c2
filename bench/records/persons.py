"""Names, addresses, telephones: apart from the log, and erasable on request.

Events carry a random reference; who it is lies here and only here. Forgetting removes
the row, the files that name the person, and the bytes themselves (secure_delete), and
the log still verifies because it never held them (RGPD, article 17).
"""

from __future__ import annotations

import datetime

import msgspec

from bench.records.errors import RecordsError
from bench.records.kinds.network import PersonForgotten
from bench.records.log import Log
from bench.records.rules.may import may
from bench.records.signed import event
from bench.records.store import Store

ROLES = ("donor", "prescriber", "beneficiary", "operator", "contact")
MAX_FIELDS = 30
MAX_TEXT = 500


class Person(msgspec.Struct, frozen=True):
    """What is known of a person; `keep_until` is a day, "" for as long as needed."""

    reference: str
    role: str
    fields: dict[str, str]
    at: str
    keep_until: str


def add(
    log: Log, role: str, fields: dict[str, str], *, keep_until: str = "", reference: str = ""
) -> str:
    """Keep a person's details; gives the reference to put into events: `reference`, or a new one.

    Raises `RecordsError` (`person_fields`).
    """
    _check(role, fields, keep_until)
    reference = reference or log.new_reference()
    at = event.timestamp(log.clock.now())
    with log.store.transaction():
        log.store.db.conn.execute(
            "INSERT INTO person VALUES (?, ?, ?, ?, ?)",
            (reference, role, msgspec.json.encode(fields).decode(), at, keep_until),
        )
    return reference


def _check(role: str, fields: dict[str, str], keep_until: str) -> None:
    good = role in ROLES and 0 < len(fields) <= MAX_FIELDS
    for name, value in fields.items():
        good &= isinstance(value, str) and len(value) <= MAX_TEXT and 0 < len(name) <= 64
    if keep_until:
        try:
            datetime.date.fromisoformat(keep_until)
        except ValueError:
            good = False
    if not good:
        raise RecordsError("person_fields")


def find(store: Store, reference: str) -> Person | None:
    """The person of a reference; `None` where it is not, or no longer, known here."""
    found = _read(store, "WHERE reference = ?", reference)
    return found[0] if found else None


def everyone(store: Store, role: str = "") -> list[Person]:
    """All persons, or those of a role."""
    return _read(store, "WHERE role = ?", role) if role else _read(store, "")


def _read(store: Store, where: str, *values: str) -> list[Person]:
    rows = store.query(
        f"SELECT reference, role, fields, at, keep_until FROM person {where} ORDER BY at, 1",
        values,
    )
    return [
        Person(reference, role, msgspec.json.decode(fields, type=dict[str, str]), at, keep)
        for reference, role, fields, at, keep in rows
    ]


def forget(log: Log, reference: str) -> int:
    """Erase a person and the files that name them; gives how many files.

    Recorded as an event without any detail, so that a backup put back later forgets
    too. Raises `RecordsError` (`person_unknown`).
    """
    if find(log.store, reference) is None:
        raise RecordsError("person_unknown", reference=reference[:64])
    log.supervisor_for("person.forgotten")
    with log.store.transaction():
        files = _erase(log.store, [reference])
        log.append("person.forgotten", {"person": reference})
    _scrub(log.store)
    return files


def forget_expired(log: Log) -> int:
    """Forget all whose time is over; gives how many persons."""
    today = log.clock.now().date().isoformat()
    rows = log.store.query(
        "SELECT reference FROM person WHERE keep_until <> '' AND keep_until < ?", (today,)
    )
    for (reference,) in rows:
        forget(log, reference)
    return len(rows)


def forgotten(store: Store) -> list[str]:
    """The references the log says were forgotten by benches of this store's own workshop.

    Persons never leave the store they were entered in: nobody elsewhere decides over them,
    and a lost stick must not empty the table.
    """
    own = {w for (w,) in store.query("SELECT workshop FROM trust WHERE how IN ('own', 'joined')")}
    known = store.known()
    return [
        entry.data.person
        for entry in store.entries("e.type = 'person.forgotten'")
        if isinstance(entry.data, PersonForgotten)
        and known.workshop(entry.event.bench) in own
        and not may(entry, known)
    ]


def forget_again(store: Store) -> int:
    """After a backup was put back: erase whom the log says was forgotten since."""
    here = {person.reference for person in everyone(store)}
    gone = [name for name in forgotten(store) if name in here]
    if gone:
        with store.transaction():
            _erase(store, gone)
        _scrub(store)
    return len(gone)


def _erase(store: Store, references: list[str]) -> int:
    connection, files = store.db.conn, 0
    connection.execute("PRAGMA secure_delete = ON")  # zeroes the bytes, not only the index
    for reference in references:
        files += connection.execute(
            "DELETE FROM attachment WHERE person = ?", (reference,)
        ).rowcount
        connection.execute("DELETE FROM person WHERE reference = ?", (reference,))
    return files


def _scrub(store: Store) -> None:
    """Empty the write-ahead log: until then it still holds the page as it was."""
    store.query("PRAGMA wal_checkpoint(TRUNCATE)")
