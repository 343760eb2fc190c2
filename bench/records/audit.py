"""Checks a whole store: every byte, signature, chain and certificate."""

from __future__ import annotations

import hashlib
import sqlite3

import msgspec

from bench.records.errors import RecordsError
from bench.records.signed import event, keys
from bench.records.store import Store, database_error

# How many findings are named; more are counted. A store copied badly has millions.
MAX_NAMED = 200


class AuditFinding(msgspec.Struct, frozen=True):
    """One thing that is wrong or missing: a code, where, and what."""

    code: str
    bench: str = ""
    seq: int = 0
    detail: str = ""


class AuditReport(msgspec.Struct, frozen=True):
    """`ok` is false when something was altered; forks and gaps are findings, not damage."""

    ok: bool
    events: int
    benches: int
    damage: tuple[AuditFinding, ...]
    notices: tuple[AuditFinding, ...]
    damage_count: int
    notice_count: int


class _Notes:
    def __init__(self) -> None:
        self.damage: list[AuditFinding] = []
        self.notices: list[AuditFinding] = []
        self.counts = [0, 0]

    def broken(self, finding: AuditFinding) -> None:
        self.counts[0] += 1
        self.damage += [finding] if len(self.damage) < MAX_NAMED else []

    def note(self, finding: AuditFinding) -> None:
        self.counts[1] += 1
        self.notices += [finding] if len(self.notices) < MAX_NAMED else []


def verify(store: Store) -> AuditReport:
    """Read every event back and check it against itself, its chain and its certificate.

    Raises `RecordsError` only where the database cannot be read at all.
    """
    notes = _Notes()
    _integrity(store, notes)
    count = 0
    benches: set[str] = set()
    last = _Chain("")
    for stored in store.query_stream(
        "SELECT e.bench, e.seq, e.tick, e.hash, e.body, s.key, e.signature FROM event AS e"
        " LEFT JOIN signer AS s ON s.bench = e.bench ORDER BY e.bench, e.seq, e.hash"
    ):
        count += 1
        benches.add(stored[0])
        if stored[0] != last.bench:
            last = _Chain(stored[0])
        _check_event(stored, notes)
        last.follow(stored, notes)
    _certificates(store, notes)
    return AuditReport(
        ok=not notes.counts[0],
        events=count,
        benches=len(benches),
        damage=tuple(notes.damage),
        notices=tuple(notes.notices),
        damage_count=notes.counts[0],
        notice_count=notes.counts[1],
    )


def _integrity(store: Store, notes: _Notes) -> None:
    try:
        rows = store.db.conn.execute("PRAGMA integrity_check(10)").fetchall()
    except sqlite3.Error as error:
        raise database_error(error, store.path) from error
    for (text,) in rows:
        if text != "ok":
            notes.broken(AuditFinding("database_damaged", detail=str(text)[:200]))


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

    def __init__(self, bench: str) -> None:
        self.bench = bench
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
            if self.seq and self.seq != seq - 1:
                detail = f"{self.seq + 1}-{seq - 1}"
                notes.note(AuditFinding("events_missing", self.bench, seq, detail))
            elif not self.seq and seq != 1:
                notes.note(AuditFinding("events_missing", self.bench, seq, f"1-{seq - 1}"))
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
