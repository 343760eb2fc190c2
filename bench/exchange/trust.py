"""Whom a bag's events are believed from: benches that recorded a registered workshop's word."""

from __future__ import annotations

from dataclasses import dataclass

from bench.exchange.reading import Bag
from bench.records.errors import RecordsError
from bench.records.log import trust
from bench.records.rules import may
from bench.records.rules.known import Bench, Cut, Known, Place
from bench.records.signed import fingerprint, keys
from bench.records.signed.event import Signed
from bench.records.sql.rows import Entry
from bench.records.store import Store


@dataclass(frozen=True)
class Heard:
    """A workshop's fingerprint, read aloud to whoever imports; `region`: it speaks for a region."""

    spoken: fingerprint.Spoken
    region: bool = False

    @classmethod
    def typed(cls, text: str, region: bool = False) -> Heard:
        """As it was typed. Raises `RecordsError` (`fingerprint_*`) before any bag is looked at."""
        return cls(fingerprint.read(text), region)


class Judge:
    """Judges signers against the store's registered workshops and the bag's certificates.

    A certificate counts where the bench itself recorded it: anybody can make one for the
    key of another. With `heard`, the one workshop of that fingerprint is registered too: the
    sender's, or one whose events a sender relays who is known here.
    Raises `RecordsError`: `key_unknown` (nobody registered here vouches for the sender),
    `key_unknown_relayed` (nor for a bench whose events it relays),
    `key_revoked` (the sender itself was revoked and wrote on), `fingerprint_wrong`,
    `fingerprint_unchecked`.
    """

    def __init__(self, store: Store, bag: Bag, *, heard: Heard | None = None) -> None:
        self._store = store
        self._bag = bag
        self._heard = heard
        self._known: Known = store.known()
        self._first = self._find(heard) if heard else None
        self._accepted: set[str] = set()
        self._accept(bag.sender)

    def _find(self, heard: Heard) -> keys.Certificate | None:
        """A certificate of the workshop heard, the sender's first."""
        told = self._bag.certificates
        senders = (self._bag.sender, *(bench for bench in told if bench != self._bag.sender))
        for certificate in (each for bench in senders for each in told.get(bench, ())):
            if heard.spoken.names(bytes.fromhex(certificate.workshop_key)):
                return certificate
        raise heard.spoken.refusal()

    def signer(self, signed: Signed) -> bool:
        """Refuse an event of a bench nobody vouches for; gives whether the event is too late.

        Too late: its bench was revoked here, and the event does not lead to the one that the
        revocation names. What the sender says of its own chain's end is not asked.
        """
        bench = signed.event.bench
        if bench not in self._accepted:
            self._accept(bench)
        after = self._known.bench(bench).revoked_after
        if after is None:
            return False
        late = signed.event.seq > after or self._beside(signed)
        if late and bench == self._bag.sender:
            raise RecordsError("key_revoked", bench=bench[:8], after=after)
        return late

    def _beside(self, signed: Signed) -> bool:
        """Whether an event with a good number lies on another branch than the one kept; while
        what leads to where the bench was revoked is not here, nobody can say so.
        """
        bench = self._known.bench(signed.event.bench)
        places = [cut.place for cut in bench.cuts]
        here = all(not at.event or len(self._known.ancestors(at.event)) >= at.seq for at in places)
        entry = Entry(signed.event, signed.hash.hex(), None)
        return here and may.may(entry, self._known) == may.REVOKED

    def _accept(self, bench: str) -> None:
        workshops = {each.workshop for each in self._bag.certificates.get(bench, ())}
        workshops.add(self._known.bench(bench).workshop)
        first = {self._first.workshop} if self._first else set()
        if not workshops & (self._known.workshops.keys() | first):
            raise self._stranger(bench)
        self._accepted.add(bench)
        if not self._known.bench(bench).workshop:
            cuts = [place for by, place in self._revoked(bench) if by in workshops]
            self._known.benches[bench] = Bench(cuts=tuple(Cut(place) for place in sorted(cuts)))

    def _stranger(self, bench: str) -> RecordsError:
        if bench == self._bag.sender:
            return RecordsError("key_unknown", bench=bench[:8])
        names = {each.name for each in self._bag.certificates.get(bench, ())}
        return RecordsError("key_unknown_relayed", bench=bench[:8], name=min(names, default="?"))

    def _revoked(self, bench: str) -> list[tuple[str, Place]]:
        """Who revoked a bench of which nothing else is here yet, and after what."""
        rows = self._store.query(
            "SELECT workshop, after_seq, after_hash FROM revocation WHERE bench = ?", (bench,)
        )
        return [(workshop, Place(seq, hash)) for workshop, seq, hash in rows]

    def register(self, at: str) -> None:
        """Register the workshop whose fingerprint was heard."""
        if self._first is not None and self._heard is not None:
            trust(
                self._store,
                bytes.fromhex(self._first.workshop_key),
                name=self._first.name,
                at=at,
                how="fingerprint",
                region=self._heard.region,
            )
