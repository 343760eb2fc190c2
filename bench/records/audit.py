"""Checks a whole store: every byte, signature, chain and certificate."""

from __future__ import annotations

import hashlib
import itertools
import sqlite3

import msgspec
from sqlite_utils import Database

from bench.records.errors import RecordsError
from bench.records.fold import chains
from bench.records.kinds.packs import NOT_GIVEN
from bench.records.signed import event, keys
from bench.records.sql import schema, sealing, searching
from bench.records.sql.failing import database_error
from bench.records.store import SEALED_LATE, Store

# How many findings are named; more are counted. A store copied badly has millions.
MAX_NAMED = 200


class AuditFinding(msgspec.Struct, frozen=True):
    """One thing that is wrong or missing: a code, where, and what."""

    code: str
    bench: str = ""
    seq: int = 0
    detail: str = ""


class AuditReport(msgspec.Struct, frozen=True):
    """`ok` is false when something was altered; forks and gaps are findings, not damage.

    `packs_only`: benches of whose chain only what comes with a network's packs is here. What is
    between is owed to nobody here, and is no finding.
    """

    ok: bool
    events: int
    benches: int
    damage: tuple[AuditFinding, ...]
    notices: tuple[AuditFinding, ...]
    damage_count: int
    notice_count: int
    packs_only: tuple[str, ...] = ()


class _Notes:
    def __init__(self) -> None:
        self.damage: list[AuditFinding] = []
        self.notices: list[AuditFinding] = []
        self.counts = [0, 0]
        self.in_part: list[str] = []  # whose gaps are as they must be, each once

    def broken(self, finding: AuditFinding) -> None:
        self.counts[0] += 1
        self.damage += [finding] if len(self.damage) < MAX_NAMED else []

    def note(self, finding: AuditFinding) -> None:
        self.counts[1] += 1
        self.notices += [finding] if len(self.notices) < MAX_NAMED else []


def verify(store: Store, own: str = "") -> AuditReport:
    """Read every event back and check it against itself, its chain and its certificate. `own`: the
    bench whose store this is, of whose chain nothing may lack.

    Raises `RecordsError` only where the database cannot be read at all.
    """
    notes = _Notes()
    if store.in_file:
        _integrity(store, notes)
        _schema(store, notes)
    count = 0
    benches: set[str] = set()
    given = _given(store) - {own}
    last = _Chain("")
    for stored in store.query_stream(
        "SELECT e.bench, e.seq, e.tick, e.hash, e.body, s.key, e.signature FROM event AS e"
        " LEFT JOIN signer AS s ON s.bench = e.bench ORDER BY e.bench, e.seq, e.hash"
    ):
        count += 1
        benches.add(stored[0])
        if stored[0] != last.bench:
            last = _Chain(stored[0], in_part=stored[0] in given)
        _check_event(stored, notes)
        last.follow(stored, notes)
    _certificates(store, notes)
    _attachments(store, notes)
    _seal(store, notes)
    if not notes.counts[0]:  # events that do not hold give no tables to compare with
        _tables(store, notes)
    return AuditReport(
        ok=not notes.counts[0],
        events=count,
        benches=len(benches),
        damage=tuple(notes.damage),
        notices=tuple(notes.notices),
        damage_count=notes.counts[0],
        notice_count=notes.counts[1],
        packs_only=tuple(notes.in_part),
    )


def _given(store: Store) -> set[str]:
    """The benches of which packs are here, and nothing that does not come with them."""
    rows = store.query(
        "SELECT bench FROM signer WHERE EXISTS (SELECT 1 FROM event WHERE event.bench ="
        " signer.bench AND type >= 'pack.' AND type < 'pack/') AND NOT EXISTS"
        f" (SELECT 1 FROM event WHERE event.bench = signer.bench AND {NOT_GIVEN})"
    )
    return {bench for (bench,) in rows}


def _integrity(store: Store, notes: _Notes) -> None:
    try:
        rows = store.db.conn.execute("PRAGMA integrity_check(10)").fetchall()
    except sqlite3.Error as error:
        raise database_error(error, store.path) from error
    for (text,) in rows:
        if text != "ok":
            notes.broken(AuditFinding("database_damaged", detail=str(text)[:200]))


def _schema_troubles(connection: sqlite3.Connection) -> list[str]:
    """What is in a database's schema that the code does not create: names; "-" before what lacks.

    A foreign trigger would act at our next change, a view show what is not there.
    """
    wanted = _schema_of(schema.fresh().conn)
    found = _schema_of(connection)
    foreign = [name for name, made in found.items() if wanted.get(name) != made]
    return [*foreign, *(f"-{name}" for name in wanted if name not in found)]


def _schema_of(connection: sqlite3.Connection) -> dict[str, tuple[str, str, str]]:
    rows = connection.execute("SELECT name, type, tbl_name, coalesce(sql, '') FROM sqlite_schema")
    return {name: (kind, table, " ".join(sql.split())) for name, kind, table, sql in rows}


def _schema(store: Store, notes: _Notes) -> None:
    for name in _schema_troubles(store.file()):
        notes.broken(AuditFinding("schema_foreign", detail=name[:80]))


def _attachments(store: Store, notes: _Notes) -> None:
    """Every file against its own name."""
    for name, size, body in store.query_stream("SELECT sha256, size_bytes, body FROM attachment"):
        if hashlib.sha256(body).digest() != name or len(body) != size:
            notes.broken(AuditFinding("attachment_altered", detail=bytes(name).hex()[:12]))


def _seal(store: Store, notes: _Notes) -> None:
    """What no event covers, against the seal of the bench's key; a server's rows have none."""
    if not store.in_file:
        notes.note(AuditFinding("store_on_server"))
        return
    try:
        code = sealing.trouble(store.db.conn, store.key.public if store.key else None)
    except sqlite3.Error as error:
        raise database_error(error, store.path) from error
    if code == "store_unsealed" and not _has_worked_here(store):
        notes.note(AuditFinding(code))
    elif code:
        notes.broken(AuditFinding(code))
    late = store.meta(SEALED_LATE)
    if late is not None:
        notes.note(AuditFinding("sealed_late", detail=str(late)))


def _has_worked_here(store: Store) -> bool:
    """Whether the bench whose key this is has written in it: it sealed what it founded."""
    name = store.key.id if store.key else ""
    return bool(store.query("SELECT 1 FROM event WHERE bench = ? LIMIT 1", (name,)))


def _tables(store: Store, notes: _Notes) -> None:
    """The folded tables against those the events give."""
    anew = _folded_anew(store)
    try:
        same = all(of(anew) == of(store) for of in (Store.state_hash, _subjects, _chains))
    finally:
        anew.close()
    if not same or (store.in_file and not searching.is_whole(store.file())):
        notes.broken(AuditFinding("tables_altered"))


def _folded_anew(store: Store) -> Store:
    """The tables these events and registered workshops give, in a database of its own that is gone
    when it is closed. Nothing else of the store is in it."""
    database = Database(sqlite3.connect("", check_same_thread=False))
    schema.migrations.apply(database)
    apart = Store(database, store.path)
    for table in ("event", "signer", "trust"):
        rows = store.query_stream(f"SELECT * FROM {table}")
        first = next(rows, None)
        if first is not None:
            insert = f"INSERT INTO {table} VALUES ({', '.join('?' * len(first))})"
            with apart.transaction():
                apart.db.conn.executemany(insert, itertools.chain([first], rows))
    apart.rebuild()
    return apart


def _chains(store: Store) -> dict[str, tuple[int, int, int]]:
    """How far each chain is here, as receipts say it."""
    return chains.read(store.db.conn)


def _subjects(store: Store) -> str:
    """SHA-256 over which event is about what."""
    whole = hashlib.sha256()
    for subject, name in store.query_stream(
        "SELECT s.subject, hex(e.hash) FROM subject AS s JOIN event AS e ON e.n = s.event"
        " ORDER BY 1, 2"
    ):
        whole.update(f"{subject}\0{name}\n".encode())
    return whole.hexdigest()


def _check_event(stored: tuple[object, ...], notes: _Notes) -> None:
    bench, seq, tick, name, body, public, signature = stored
    assert isinstance(bench, str) and isinstance(seq, int) and isinstance(body, bytes)
    if hashlib.sha256(body).digest() != name:
        notes.broken(AuditFinding("event_altered", bench, seq))
        return
    try:
        parsed = event.parse(body)
    except RecordsError as error:
        notes.broken(AuditFinding("event_unreadable", bench, seq, error.code))
        return
    if (parsed.bench, parsed.seq, parsed.tick) != (bench, seq, tick):
        notes.broken(AuditFinding("event_misfiled", bench, seq))
    if not isinstance(public, bytes) or not isinstance(signature, bytes):
        notes.broken(AuditFinding("signature_missing", bench, seq))
    elif not event.signature_holds(event.Signed(parsed, body, public, signature)):
        notes.broken(AuditFinding("signature_wrong", bench, seq))


class _Chain:
    """One bench's chain as its events go by in order of number."""

    def __init__(self, bench: str, *, in_part: bool = False) -> None:
        self.bench, self.in_part = bench, in_part
        self.seq = 0
        self.before: dict[str, int] = {"": 0}  # hash -> tick, of the previous number
        self.here: dict[str, int] = {}

    def follow(self, stored: tuple[object, ...], notes: _Notes) -> None:
        """Check that an event follows one of the events with the number before it."""
        _, seq, tick, name, body, *_ = stored
        assert isinstance(seq, int) and isinstance(tick, int)
        assert isinstance(name, bytes) and isinstance(body, bytes)
        if seq != self.seq:
            known = self.here if self.seq == seq - 1 else {}
            if self.seq != seq - 1:
                self._lacks(seq, notes)
            self.before = known if self.seq else ({"": 0} if seq == 1 else {})
            self.seq, self.here = seq, {}
        elif self.here:
            notes.note(AuditFinding("fork", self.bench, seq))
        self.here[name.hex()] = tick
        prev = _prev(body)
        if self.before and prev not in self.before:
            notes.note(AuditFinding("chain_broken", self.bench, seq))
        elif self.before and self.before[prev] >= tick:
            notes.note(AuditFinding("tick_backwards", self.bench, seq))

    def _lacks(self, seq: int, notes: _Notes) -> None:
        """What is between the last event and this one is not here."""
        if self.in_part:
            notes.in_part += [self.bench] if self.bench not in notes.in_part else []
            return
        first, last = self.seq + 1, seq - 1
        detail = str(first) if first == last else f"{first}-{last}"
        notes.note(AuditFinding("events_missing", self.bench, seq, detail))


def _prev(body: bytes) -> str:
    try:
        return event.parse_stored(body).prev
    except (msgspec.DecodeError, RecursionError):
        return ""


def _certificates(store: Store, notes: _Notes) -> None:
    trusted = {workshop for (workshop,) in store.query("SELECT workshop FROM trust")}
    for bench, public in store.query("SELECT bench, key FROM signer"):
        if keys.key_id(public) != bench:
            notes.broken(AuditFinding("key_misfiled", bench))
    rows = store.query(
        "SELECT s.bench, b.workshop, b.revoked_after FROM signer AS s"
        " LEFT JOIN bench AS b ON b.bench = s.bench ORDER BY 1"
    )
    for bench, workshop, revoked_after in rows:
        if not workshop:
            notes.note(AuditFinding("bench_uncertified", bench))
        elif workshop not in trusted:
            notes.note(AuditFinding("workshop_unregistered", bench, detail=workshop))
        if revoked_after is not None:
            notes.note(AuditFinding("bench_revoked", bench, revoked_after))
