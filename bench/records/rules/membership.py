"""What registered workshops said of a bench, read from signed statements. Pure.

A workshop speaks for the benches that recorded its certificate in their own chain, and
only where it is registered here: who makes up a workshop and certifies another's key with
it says nothing. It speaks of the time the bench belonged to it. The workshop a bench founded
for itself has no word once it joined another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bench.records.errors import RecordsError
from bench.records.kinds import network
from bench.records.rules.known import COORDINATION, Bench, Cut, Place
from bench.records.signed import keys
from bench.records.sql.rows import Entry

_MOST_CUTS = 32  # the lowest; each is a walk along the chain
STANDS, TAKEN_BACK, REFUSED = "stands", "taken_back", "refused"


@dataclass(frozen=True)
class Membership:
    """A bench, and every revocation of it: `STANDS`, `TAKEN_BACK` or `REFUSED`."""

    bench: Bench
    revocations: tuple[tuple[keys.Revocation, str], ...] = ()


def read(bench: str, entries: Iterable[Entry], workshops: Mapping[str, bool]) -> Membership:
    """What counts of the statements about a bench. `entries` are in order."""
    entries = list(entries)
    joined = _joined(bench, entries, workshops)
    revocations = [said for said, _ in _statements(entries, bench, keys.read_revocation)]
    if not joined:
        return Membership(Bench(), tuple((said, REFUSED) for said in _unique(revocations)))
    times = _times(joined)
    back = {
        (said.revocation, said.workshop)
        for said, _ in _statements(entries, bench, keys.read_reinstatement)
    }
    judged = tuple((said, _judge(said, times, back)) for said in _unique(revocations))
    standing = [said for said, state in judged if state == STANDS]
    cuts = {cut for said in standing for cut in _cuts(said, times)}
    certificate = joined[-1][1]
    region = workshops[certificate.workshop]
    role = "bench" if certificate.role == COORDINATION and not region else certificate.role
    by = {workshop for _, workshop in times}
    supervisors = tuple(
        sorted({*_supervisors(bench, entries, by), *_supervised(bench, entries, by)})
    )
    kept = tuple(sorted(cuts)[:_MOST_CUTS])
    return Membership(Bench(certificate.workshop, role, kept, supervisors, times), judged)


def _joined(
    bench: str, entries: list[Entry], workshops: Mapping[str, bool]
) -> list[tuple[int, keys.Certificate]]:
    """The certificates of registered workshops that the bench recorded, each once, in the order
    the workshops signed them, with the number it joined at.

    A thief can repeat a certificate at any place of the stolen chain or beside it, but not write
    one: so the workshops' own times give the order, and the number is the first that fits it.
    """
    places: dict[keys.Certificate, set[int]] = {}
    for certificate, entry in _statements(entries, bench, keys.read_certificate):
        if entry.event.bench == bench and certificate.workshop in workshops:
            places.setdefault(certificate, set()).add(entry.event.seq)
    founding = {certificate.workshop for certificate in places if certificate.founding}
    joining = {c: seqs for c, seqs in places.items() if c.workshop not in founding} or places
    found: list[tuple[int, keys.Certificate]] = []
    last = 0
    for certificate, seqs in sorted(joining.items(), key=lambda each: (each[0].at, min(each[1]))):
        last = min((seq for seq in seqs if seq > last), default=last)
        found.append((last, certificate))
    return found


def _times(joined: list[tuple[int, keys.Certificate]]) -> tuple[tuple[int, str], ...]:
    """From which number on the bench belonged to which workshop."""
    times: list[tuple[int, str]] = []
    for seq, certificate in joined:
        if not times or times[-1][1] != certificate.workshop:
            times.append((seq if times else 0, certificate.workshop))
    return tuple(times)


def _judge(
    said: keys.Revocation, times: tuple[tuple[int, str], ...], back: set[tuple[str, str]]
) -> str:
    """A workshop revokes the benches it certified, for the time they belonged to it."""
    if said.workshop not in {workshop for _, workshop in times}:
        return REFUSED
    return TAKEN_BACK if (said.name, said.workshop) in back else STANDS


def _cuts(said: keys.Revocation, times: tuple[tuple[int, str], ...]) -> Iterator[Cut]:
    ends = [*(first for first, _ in times[1:]), 0]
    for (first, workshop), end in zip(times, ends, strict=True):
        if workshop == said.workshop:
            yield Cut(Place(said.after_seq, said.after_hash), first, end)


def _supervisors(
    bench: str, entries: list[Entry], workshops: set[str]
) -> Iterator[tuple[str, Place]]:
    """Where the bench recorded each supervisors' key that its workshop certified."""
    for said, entry in _statements(entries, bench, keys.read_supervisor):
        if entry.event.bench == bench and said.workshop in workshops:
            yield said.key, Place(entry.event.seq, entry.hash)


def _supervised(
    bench: str, entries: list[Entry], workshops: set[str]
) -> Iterator[tuple[str, Place]]:
    """Where it recorded that its workshop takes no supervisor's act without a proof."""
    for said, entry in _statements(entries, bench, keys.read_certificate):
        if entry.event.bench == bench and said.supervised and said.workshop in workshops:
            yield "", Place(entry.event.seq, entry.hash)


_Said = TypeVar("_Said", keys.Certificate, keys.Revocation, keys.Reinstatement, keys.SupervisorKey)
_READ: dict[Callable[[object], Any], tuple[type, str]] = {
    keys.read_certificate: (network.BenchCertified, "certificate"),
    keys.read_revocation: (network.BenchRevoked, "revocation"),
    keys.read_reinstatement: (network.BenchReinstated, "reinstatement"),
    keys.read_supervisor: (network.SupervisorCertified, "certificate"),
}


def _statements(
    entries: list[Entry], bench: str, reader: Callable[[object], _Said]
) -> Iterator[tuple[_Said, Entry]]:
    """The true statements of one kind about this bench; a false one says nothing."""
    kind, name = _READ[reader]
    for entry in entries:
        if not isinstance(entry.data, kind):
            continue
        try:
            said = reader(getattr(entry.data, name))
        except RecordsError:
            continue  # `log verify` shows it
        if said.bench == bench:
            yield said, entry


def _unique(found: list[keys.Revocation]) -> list[keys.Revocation]:
    """Each once: several benches may carry the same statement."""
    return list({said.name: said for said in found}.values())
