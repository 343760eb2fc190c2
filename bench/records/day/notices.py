"""What a supervisor is warned of: revocations, clock, disk, forks, backups, what is only here."""

from __future__ import annotations

import datetime
import shutil
from typing import Any

import msgspec

from bench.records.copies import snapshots
from bench.records.log import Log
from bench.records.rules import membership
from bench.records.signed import event
from bench.records.store import Store

SHOWN = 200
LOW_DISK_BYTES = 500 * 1024 * 1024
MAX_UNSYNCED = 500
MAX_BACKUP_DAYS = 7


class Notice(msgspec.Struct, frozen=True):
    """A warning: a code and what its sentence needs."""

    code: str
    values: dict[str, Any]


def unsynced_events(log: Log) -> int:
    """Events of this bench that nobody else holds, by the latest word of each receiver."""
    own = log.key.id
    told = [
        head for (body,) in log.store.query(_LATEST_WORDS, (own,)) if (head := _head(body, own))
    ]
    confirmed = [
        seq
        for seq, name in told
        # A head of a hash that is not ours says nothing of what we wrote.
        if log.store.query(
            "SELECT 1 FROM event WHERE bench = ? AND seq = ? AND lower(hex(hash)) = ?",
            (own, seq, name),
        )
    ]
    return number_of(
        log.store,
        "SELECT count(*) FROM event WHERE bench = ? AND seq > ?",
        own,
        max(confirmed, default=0),
    )


# `heard:` is written by bench.exchange.receipt: a receiver put back from a backup counts anew.
_LATEST_WORDS = (
    "SELECT r.body FROM receipt AS r LEFT JOIN bench AS b ON b.bench = r.receiver"
    " LEFT JOIN meta AS m ON m.name = 'heard:' || r.receiver"
    " WHERE r.receiver <> ? AND b.revoked_after IS NULL AND r.number = coalesce("
    "CAST(CAST(m.value AS TEXT) AS INTEGER),"
    " (SELECT max(number) FROM receipt WHERE receiver = r.receiver))"
)


def _head(body: bytes, bench: str) -> tuple[int, str] | None:
    """What a receipt says of a bench's chain. It was checked when it came in."""
    try:
        seq, name = msgspec.json.decode(msgspec.json.decode(body)["body"])["heads"][bench]
    except (msgspec.DecodeError, KeyError, TypeError, ValueError):
        return None
    return (seq, name) if isinstance(seq, int) and isinstance(name, str) else None


def warnings(log: Log, unsynced: int) -> tuple[Notice, ...]:
    """Clock, disk, forks, backup, and events nobody else has."""
    store, now = log.store, log.clock.now()
    found = revocations(store)  # first: the screens show three
    last = text_of(
        store,
        "SELECT max(json_extract(body, '$.at')) FROM (SELECT body FROM event"
        " WHERE bench = ? ORDER BY seq DESC LIMIT 50) AS latest",
        log.key.id,
    )
    if now.year < 2025 or (last and last > event.timestamp(now + datetime.timedelta(minutes=5))):
        found.append(Notice("clock", {"now": event.timestamp(now), "last": last}))
    try:
        free = shutil.disk_usage(store.path.parent).free
    except OSError:
        free = 0
    if free < LOW_DISK_BYTES:
        found.append(Notice("disk", {"free_bytes": free}))
    if unsynced > MAX_UNSYNCED:
        found.append(Notice("unsynced", {"events": unsynced}))
    if isinstance(store.meta("pin"), bytes):
        found.append(Notice("code_old", {}))
    elif not log.has_supervisor() and (store.meta("supervisor_public") or log.needs_supervisor()):
        chosen = store.meta("supervisor_public")
        found.append(Notice("code_uncertified" if chosen else "code_missing", {}))
    if forks := number_of(store, "SELECT count(*) FROM fork"):
        found.append(Notice("fork", {"count": forks}))
    oldest = event.timestamp(now - datetime.timedelta(days=MAX_BACKUP_DAYS))
    saved = store.meta("backup_at")
    if not saved or str(saved) < oldest:
        found.append(Notice("backup", {"at": str(saved or "")}))
    for trouble in snapshots.troubles(store):
        found.append(Notice(trouble.code, {"path": trouble.path, "cause": trouble.cause}))
    return tuple(found)


def revocations(store: Store) -> list[Notice]:
    """Every revocation that stands, and those that somebody without the right tried."""
    rows = store.query(
        "SELECT b.name, r.bench, r.after_seq, r.after_hash, r.reason, r.state FROM revocation AS r"
        " LEFT JOIN bench AS b ON b.bench = r.bench WHERE r.state <> 'taken_back'"
        f" ORDER BY r.state, r.at DESC LIMIT {SHOWN}"
    )
    found = []
    for name, bench, seq, hash, reason, state in rows:
        values = {"name": f"{name} ({bench[:8]})".strip(), "seq": seq, "reason": reason}
        refused = state == membership.REFUSED
        found.append(Notice("revocation_refused" if refused else "bench_revoked", values))
        if not refused and seq and not hash:
            found.append(Notice("revocation_weak", values))
    return found


def number_of(store: Store, sql: str, *values: Any) -> int:
    """The one number that a SELECT gives."""
    return int(store.query(sql, values)[0][0])


def text_of(store: Store, sql: str, *values: Any) -> str:
    """The one text that a SELECT gives, "" where there is none."""
    return str(store.query(sql, values)[0][0] or "")
