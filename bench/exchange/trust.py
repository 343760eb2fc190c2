"""Whom a bag's events are believed from: benches certified by a registered workshop."""

from __future__ import annotations

import itertools

from bench.exchange.reading import Bag
from bench.records.errors import RecordsError
from bench.records.log import trust
from bench.records.signed import keys
from bench.records.signed.event import Event, Signed, parse_stored
from bench.records.store import Store


class Judge:
    """Judges signers against the store's registered workshops and the bag's certificates.

    Raises `RecordsError`: `key_unknown` (nobody registered here vouches for it),
    `key_revoked` (the sender itself was revoked and wrote on).
    """

    def __init__(self, store: Store, bag: Bag, *, first_use: bool) -> None:
        self._store = store
        self._bag = bag
        self._trusted = {name for (name,) in store.query("SELECT workshop FROM trust")}
        self._first: dict[str, keys.Certificate] = {}
        if first_use:
            for certificate in itertools.chain(*bag.certificates.values()):
                if certificate.workshop not in self._trusted:
                    self._first.setdefault(certificate.workshop, certificate)
        self._workshops = dict(
            store.query("SELECT bench, workshop FROM bench WHERE workshop <> ''")
        )
        self._revoked: dict[str, int] = {}
        self._accepted: set[str] = set()
        self._check_sender()

    def _check_sender(self) -> None:
        sender = self._bag.sender
        self._accept(sender)
        after = self._revoked.get(sender)
        if after is None:
            return
        head = self._bag.statement.heads_to.get(sender)
        seq = head[0][0] if isinstance(head, list) and head and isinstance(head[0], list) else 0
        if not isinstance(seq, int) or seq > after:
            raise RecordsError("key_revoked", bench=sender[:8], after=after)

    def signer(self, signed: Signed) -> None:
        """Refuse an event of a bench nobody vouches for."""
        if signed.event.bench not in self._accepted:
            self._accept(signed.event.bench)

    def _accept(self, bench: str) -> None:
        workshops = {certificate.workshop for certificate in self._bag.certificates.get(bench, ())}
        workshops.add(self._workshops.get(bench, ""))
        if not workshops & (self._trusted | self._first.keys()):
            raise RecordsError("key_unknown", bench=bench[:8])
        self._accepted.add(bench)
        after = [r.after_seq for r in revocations(self._store, bench) if r.workshop in workshops]
        if after:
            self._revoked[bench] = min(after)

    def too_late(self, event: Event) -> bool:
        """Whether an event was signed after its bench was revoked here."""
        after = self._revoked.get(event.bench)
        return after is not None and event.seq > after

    def register(self, at: str) -> None:
        """Register the workshops met for the first time, where that was asked for."""
        for certificate in self._first.values():
            public = bytes.fromhex(certificate.workshop_key)
            trust(self._store, public, name=certificate.name, at=at, how="first_use")


def revocations(store: Store, bench: str) -> list[keys.Revocation]:
    """What workshops said to revoke a bench, whether or not its certificate came yet."""
    found: list[keys.Revocation] = []
    for (body,) in store.query(
        "SELECT body FROM event WHERE type = 'bench.revoked' AND n IN"
        " (SELECT event FROM subject WHERE subject = ?)",
        (f"bench:{bench}",),
    ):
        try:
            revocation = keys.read_revocation(parse_stored(body).data.get("revocation"))
        except RecordsError:
            continue
        if revocation.bench == bench:
            found.append(revocation)
    return found
