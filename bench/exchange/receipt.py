"""Accusé de réception: what a receiver holds after an import, signed.

The sender's next export leaves out what the receiver says it holds. A bench whose chain
forks is never left out: a head says nothing about the other branch.
"""

from __future__ import annotations

import msgspec

from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.signed import event, keys, sealed
from bench.records.store import Store
from diagnostics.learn import learn


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """`heads`: by bench, the last `[seq, hash]` up to which nothing is missing."""

    schema: int
    receiver: str
    number: int
    at: str
    bag: str
    events: int
    added: int
    heads: dict[str, tuple[int, str]]
    certificate: dict[str, str]


def heads(store: Store) -> dict[str, tuple[int, str]]:
    """The unbroken, unforked part of every chain: its last number and hash."""
    forked = {bench for (bench,) in store.query("SELECT DISTINCT bench FROM fork")}
    found: dict[str, tuple[int, str]] = {}
    for bench, count, last in store.query(
        "SELECT bench, count(*), max(seq) FROM event GROUP BY bench"
    ):
        if bench in forked:
            continue
        seq = last if count == last else _before_gap(store, bench)
        rows = store.query(
            "SELECT lower(hex(hash)) FROM event WHERE bench = ? AND seq = ?", (bench, seq)
        )
        if rows:
            found[bench] = (seq, rows[0][0])
    return found


def _before_gap(store: Store, bench: str) -> int:
    rows = store.query(
        "SELECT coalesce(max(seq), 0) FROM"
        " (SELECT seq, row_number() OVER (ORDER BY seq) AS place FROM event WHERE bench = ?)"
        " WHERE seq = place",
        (bench,),
    )
    return int(rows[0][0])


def make(log: Log, bag: str, *, number: int, events: int, added: int) -> bytes:
    """Sign a receipt for a bag (SHA-256 of its file)."""
    value = Receipt(
        schema=1,
        receiver=log.key.id,
        number=number,
        at=event.timestamp(log.clock.now()),
        bag=bag,
        events=events,
        added=added,
        heads=heads(log.store),
        certificate=certificate_of(log.store, log.key.id),
    )
    return sealed.sealed_bytes(log.key.seal("receipt", msgspec.to_builtins(value)))


def certificate_of(store: Store, bench: str) -> dict[str, str]:
    """A bench's certificate as its workshop signed it, empty where it has none."""
    rows = store.query(
        "SELECT body FROM event WHERE type = 'bench.certified' AND n IN"
        " (SELECT event FROM subject WHERE subject = ?) ORDER BY tick DESC, hash",
        (f"bench:{bench}",),
    )
    for (body,) in rows:
        statement = event.parse_stored(body).data.get("certificate")
        try:
            if keys.read_certificate(statement).bench == bench:
                return dict(statement) if isinstance(statement, dict) else {}
        except RecordsError:
            continue
    return {}


def read(store: Store, raw: bytes) -> Receipt:
    """Check a receipt: spelt right, signed, by a bench of a workshop registered here.

    Raises `RecordsError`: `receipt_unreadable`, `receipt_unknown_key`,
    `receipt_revoked_key`, `sealed_*`.
    """
    if len(raw) > 16 * 1024 * 1024:
        raise RecordsError("receipt_unreadable")
    value, envelope = sealed.read(raw, "receipt")
    try:
        receipt = msgspec.convert(value, Receipt)
    except msgspec.ValidationError:
        raise RecordsError("receipt_unreadable") from None
    signer = keys.key_id(bytes.fromhex(envelope.key))
    if signer != receipt.receiver:
        raise RecordsError("receipt_unreadable")
    try:
        certificate = keys.read_certificate(receipt.certificate)
    except RecordsError:
        raise RecordsError("receipt_unknown_key", bench=signer) from None
    known = store.query("SELECT 1 FROM trust WHERE workshop = ?", (certificate.workshop,))
    if certificate.bench != signer or not known:
        raise RecordsError("receipt_unknown_key", bench=signer)
    revoked = store.query(
        "SELECT 1 FROM bench WHERE bench = ? AND revoked_after IS NOT NULL", (signer,)
    )
    if revoked:
        raise RecordsError("receipt_revoked_key", bench=signer)
    return receipt


def record(store: Store, raw: bytes) -> Receipt:
    """Keep a receipt of a bag this store sent; the same one twice changes nothing.

    Raises `RecordsError`: as `read`; `receipt_foreign` (not for a bag of ours),
    `receipt_replayed` (an older one than the last of this receiver).
    """
    receipt = read(store, raw)
    with store.transaction():
        if not store.query("SELECT 1 FROM bag_out WHERE sha256 = ?", (receipt.bag,)):
            raise RecordsError("receipt_foreign", bag=receipt.bag[:12])
        known = store.query(
            "SELECT number, body FROM receipt WHERE receiver = ? ORDER BY number DESC LIMIT 1",
            (receipt.receiver,),
        )
        if known and known[0][1] == raw:
            return receipt
        if known and known[0][0] >= receipt.number:
            raise RecordsError("receipt_replayed", number=receipt.number, last=known[0][0])
        store.db.conn.execute(
            "INSERT INTO receipt VALUES (?, ?, ?, ?, ?)",
            (receipt.receiver, receipt.number, receipt.bag, receipt.at, raw),
        )
    return receipt


learn(Receipt)
