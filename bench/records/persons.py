"""Names, addresses, telephones: apart from the log, and erasable on request.

Events carry a random reference; who it is lies here and only here. Forgetting removes
the row, the files that name the person, and the bytes themselves (secure_delete), and
the log still verifies because it never held them (RGPD, article 17).
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import msgspec

from bench.records.attachments import WAS_PUBLIC
from bench.records.errors import RecordsError
from bench.records.kinds.network import PersonForgotten
from bench.records.log import OWN_BENCH, Log
from bench.records.rules.may import may, proven
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


def amend(log: Log, reference: str, fields: dict[str, str]) -> None:
    """Keep these details of a person instead of the earlier ones; the role and the day stay.

    Raises `RecordsError` (`person_unknown`, `person_fields`).
    """
    known = find(log.store, reference)
    if known is None:
        raise RecordsError("person_unknown", reference=reference[:64])
    _check(known.role, fields, known.keep_until)
    with log.store.transaction():
        log.store.db.conn.execute(
            "UPDATE person SET fields = ? WHERE reference = ?",
            (msgspec.json.encode(fields).decode(), reference),
        )


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


class Forgotten(msgspec.Struct, frozen=True):
    """What went with a person: how many files of the store, and how many of those may have left
    in a bag before they were known to name the person."""

    files: int = 0
    may_have_left: int = 0


def forget(log: Log, *references: str, papers: tuple[str, ...] = ()) -> Forgotten:
    """Erase persons and the files of the store that name them.

    Recorded as an event without any detail, so that a backup put back later forgets
    too. What lies beside the store (copies, and `papers` that name them) is owed from then
    on: see `copies.forgetting`. Raises `RecordsError` (`person_unknown`).
    """
    for reference in references:
        if find(log.store, reference) is None:
            raise RecordsError("person_unknown", reference=reference[:64])
    log.supervisor_for("person.forgotten")
    with log.store.transaction():
        gone = _erase(log.store, references)
        owe(log.store, Owed(papers=papers))
        for reference in references:
            log.append("person.forgotten", {"person": reference})
    log.store.scrub()
    return gone


def expired(log: Log) -> list[str]:
    """The references of all whose time is over."""
    today = log.clock.now().date().isoformat()
    rows = log.store.query(
        "SELECT reference FROM person WHERE keep_until <> '' AND keep_until < ?", (today,)
    )
    return [reference for (reference,) in rows]


def forgotten(store: Store) -> list[str]:
    """The references the log says were forgotten here, or by a supervisor of the own workshop.

    Persons never leave the store they were entered in: nobody elsewhere decides over them.
    What is erased does not come back, so another bench's word takes a supervisor's proof, also
    where that bench has none: a lost stick must not empty the table.
    """
    own = {w for (w,) in store.query("SELECT workshop FROM trust WHERE how IN ('own', 'joined')")}
    here, known = store.meta(OWN_BENCH), store.known()
    return [
        entry.data.person
        for entry in store.entries("e.type = 'person.forgotten'")
        if isinstance(entry.data, PersonForgotten)
        and known.workshop(entry.event.bench) in own
        and (entry.event.bench == here or proven(entry, known))
        and not may(entry, known)
    ]


def forget_again(store: Store, more: Sequence[str] = ()) -> int:
    """After a backup was put back: erase whom the log says was forgotten since, and `more`."""
    here = {person.reference for person in everyone(store)}
    gone = [name for name in dict.fromkeys((*forgotten(store), *more)) if name in here]
    if gone:
        with store.transaction():
            _erase(store, gone)
        store.scrub()
    return len(gone)


def _erase(store: Store, references: Sequence[str]) -> Forgotten:
    connection, gone = store.db.conn, []
    if store.in_file:
        connection.execute("PRAGMA secure_delete = ON")  # zeroes the bytes, not only the index
    for reference in references:
        files = connection.execute(
            f"SELECT sha256 FROM attachment WHERE {NAMES_PERSON}", (reference,)
        ).fetchall()
        gone += [bytes(sha256).hex() for (sha256,) in files]
        connection.execute(f"DELETE FROM attachment WHERE {NAMES_PERSON}", (reference,))
        connection.execute("DELETE FROM person WHERE reference = ?", (reference,))
    marks = [(WAS_PUBLIC + name,) for name in gone]
    left = sum(bool(store.meta(mark)) for (mark,) in marks)
    connection.executemany("DELETE FROM meta WHERE name = ?", marks)
    owe(store, Owed(references=tuple(references), files=tuple(gone)))
    return Forgotten(len(gone), left)


class Owed(msgspec.Struct, frozen=True):
    """What must still be erased beside the store: what names these persons, and these files."""

    references: tuple[str, ...] = ()
    files: tuple[str, ...] = ()  # SHA-256 of erased attachments: bags kept here may hold them
    papers: tuple[str, ...] = ()  # paths that were seen to hold a name
    waits_for: tuple[str, ...] = ()  # places that could not be reached the last time

    @property
    def nothing(self) -> bool:
        return self == Owed()


def owed(store: Store) -> Owed:
    """What is owed beside the store."""
    kept = store.meta(_OWED)
    try:
        return _DECODER.decode(kept) if isinstance(kept, str) else Owed()
    except msgspec.DecodeError:
        return Owed()


def owe(store: Store, more: Owed) -> None:
    """Add to what is owed."""
    before = owed(store)
    set_owed(
        store,
        Owed(
            tuple(dict.fromkeys((*before.references, *more.references))),
            tuple(dict.fromkeys((*before.files, *more.files))),
            tuple(dict.fromkeys((*before.papers, *more.papers))),
        ),
    )


def set_owed(store: Store, rest: Owed) -> None:
    """What is left of it."""
    store.set_meta(_OWED, msgspec.json.encode(rest).decode())


# An attachment may name several persons, parted by spaces. For SQL, with the reference once.
NAMES_PERSON = "instr(' ' || person || ' ', ' ' || ? || ' ') > 0"
_OWED = "forget_due"
_DECODER = msgspec.json.Decoder(Owed)
