"""Accusé de réception: what a receiver holds, signed.

The sender's next export leaves out what the receiver says it holds. A bench whose chain
forks is never left out: a head says nothing about the other branch.

One that answers a challenge of this very moment is new by that. One that lay on a stick is
new by its number, which only grows: an old one would have us leave out what is held no more.
"""

from __future__ import annotations

import datetime
import re

import msgspec

from bench.exchange.vouching import vouched
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.signed import event, keys, sealed
from bench.records.store import Store
from diagnostics.learn import learn

MAX_NUMBER = 2**31 - 1
_MAX_SEQ = 2**53 - 1
_EPOCH = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
_HASH = re.compile("[0-9a-f]{64}")
HEARD = "heard:"  # in `meta`: the number of each receiver's latest word


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """`heads`: by bench, the last `[seq, hash]` up to which nothing is missing; chains known
    to fork are in `forked` instead. `bag` is "" where none was sent: it tells the heads only.
    """

    schema: int
    receiver: str
    number: int
    at: str
    bag: str
    events: int
    added: int
    heads: dict[str, tuple[int, str]]
    certificate: dict[str, str]
    nonce: str = ""  # the challenge it answers
    forked: list[str] = []


def heads(store: Store) -> dict[str, tuple[int, str]]:
    """The unbroken, unforked part of every chain: its last number and hash."""
    forked = {bench for (bench,) in store.query("SELECT DISTINCT bench FROM fork")}
    ends = store.query(
        # CROSS: SQLite would else go through all events, and ask of each for its chain.
        "SELECT c.bench, c.whole, lower(hex(e.hash)) FROM chain AS c"
        " CROSS JOIN event AS e WHERE e.bench = c.bench AND e.seq = c.whole"
    )
    return {bench: (seq, name) for bench, seq, name in ends if bench not in forked}


def make(log: Log, bag: str, *, events: int, added: int, nonce: str = "") -> bytes:
    """Sign a receipt for a bag (SHA-256 of its file), or of the heads alone."""
    with log.store.transaction():
        value = Receipt(
            schema=1,
            receiver=log.key.id,
            number=_next_number(log),
            at=event.timestamp(log.clock.now()),
            bag=bag,
            events=events,
            added=added,
            heads=heads(log.store),
            certificate=certificate_of(log.store, log.key.id),
            nonce=nonce,
            forked=sorted(b for (b,) in log.store.query("SELECT DISTINCT bench FROM fork")),
        )
    return sealed.sealed_bytes(log.key.seal("receipt", msgspec.to_builtins(value)))


def _next_number(log: Log) -> int:
    """One more than the last; the seconds since 2020 where that is more, so that a receiver put
    back from a backup does not count again from where it was.
    """
    ((taken,),) = log.store.query("SELECT count(*) FROM bag_in")
    last = max(int(log.store.meta("receipt_number") or 0), int(taken))
    seconds = int((log.clock.now() - _EPOCH).total_seconds())
    number = min(max(last + 1, min(seconds, MAX_NUMBER // 2)), MAX_NUMBER)
    log.store.set_meta("receipt_number", number)
    return number


def again(log: Log, bag: str, nonce: str) -> bytes:
    """A new receipt for a bag that was taken in, empty where it was not: what is held now."""
    rows = log.store.query("SELECT events, added FROM bag_in WHERE sha256 = ?", (bag,))
    return make(log, bag, events=rows[0][0], added=rows[0][1], nonce=nonce) if rows else b""


def certificate_of(store: Store, bench: str) -> dict[str, str]:
    """The certificate a bench recorded itself, of the workshop it counts for; else the last.

    One that others tell of it says nothing: anybody can make one for anybody's key.
    """
    workshop = store.known().bench(bench).workshop
    rows = store.query(
        "SELECT body FROM event WHERE type = 'bench.certified' AND bench = ? AND n IN"
        " (SELECT event FROM subject WHERE subject = ?) ORDER BY seq DESC, hash",
        (bench, f"bench:{bench}"),
    )
    found: dict[str, dict[str, str]] = {}
    for (body,) in rows:
        statement = event.parse_stored(body).data.get("certificate")
        try:
            certificate = keys.read_certificate(statement)
        except RecordsError:
            continue
        if certificate.bench == bench and isinstance(statement, dict):
            found.setdefault(certificate.workshop, dict(statement))
    return found.get(workshop) or next(iter(found.values()), {})


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
    _check_values(receipt)
    try:
        vouched(store, signer, receipt.certificate)
    except RecordsError as error:
        which = "revoked" if error.code == "key_revoked" else "unknown"
        raise RecordsError(f"receipt_{which}_key", bench=signer) from None
    return receipt


def _check_values(receipt: Receipt) -> None:
    good = 0 < receipt.number <= MAX_NUMBER and all(
        0 < seq <= _MAX_SEQ and _HASH.fullmatch(name) for seq, name in receipt.heads.values()
    )
    if not good:
        raise RecordsError("receipt_unreadable")


def record(store: Store, raw: bytes, *, receiver: str = "", nonce: str = "") -> Receipt:
    """Keep a receipt of a bag this store sent; the same one twice changes nothing.

    With the challenge given to a receiver a moment ago, its answer is its latest word,
    whatever its number. Raises `RecordsError`: as `read`; `receipt_foreign` (not for a bag
    of ours, not the answer to our challenge), `receipt_replayed` (older than the last).
    """
    receipt = read(store, raw)
    if nonce and (receipt.receiver, receipt.nonce) != (receiver, nonce):
        raise RecordsError("receipt_foreign", bag=receipt.bag[:12])
    with store.transaction():
        ours = store.query("SELECT 1 FROM bag_out WHERE sha256 = ?", (receipt.bag,))
        if not ours and not (nonce and not receipt.bag):
            raise RecordsError("receipt_foreign", bag=receipt.bag[:12])
        if not nonce and _is_old(store, receipt, raw):
            return receipt
        _keep(store, receipt, raw)
    return receipt


def _is_old(store: Store, receipt: Receipt, raw: bytes) -> bool:
    """Whether it is the latest word, known already. Raises `receipt_replayed`."""
    known = last(store, receipt.receiver)
    if known == raw:
        return True
    ((highest,),) = store.query(
        "SELECT coalesce(max(number), 0) FROM receipt WHERE receiver = ?", (receipt.receiver,)
    )
    if known is not None and highest >= receipt.number:
        raise RecordsError("receipt_replayed", number=receipt.number, last=highest)
    return False


def _keep(store: Store, receipt: Receipt, raw: bytes) -> None:
    word = (receipt.receiver, receipt.number)
    # Of words about heads alone the latest is kept; what was told of a bag stays.
    store.db.conn.execute(
        "DELETE FROM receipt WHERE receiver = ? AND number < ? AND bag = ''", word
    )
    store.db.conn.execute(
        "INSERT INTO receipt VALUES (?, ?, ?, ?, ?) ON CONFLICT (receiver, number)"
        " DO UPDATE SET bag = excluded.bag, at = excluded.at, body = excluded.body",
        (*word, receipt.bag, receipt.at, raw),
    )
    store.set_meta(HEARD + receipt.receiver, receipt.number)


def last(store: Store, receiver: str) -> bytes | None:
    """The latest word of a receiver as it came, `None` where it never spoke."""
    rows = store.query(
        "SELECT r.body FROM receipt AS r LEFT JOIN meta AS m ON m.name = ?1 || r.receiver"
        " WHERE r.receiver = ?2"
        " ORDER BY r.number = CAST(CAST(m.value AS TEXT) AS INTEGER) DESC, r.number DESC LIMIT 1",
        (HEARD, receiver),
    )
    return bytes(rows[0][0]) if rows else None


learn(Receipt)
