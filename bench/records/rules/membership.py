"""What registered workshops said of a bench, read from signed statements. Pure.

A workshop speaks for the benches that recorded its certificate in their own chain, and
only where it is registered here: who makes up a workshop and certifies another's key with
it says nothing. The workshop a bench founded for itself has no word once it joined another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bench.records.errors import RecordsError
from bench.records.kinds import network
from bench.records.rules.known import COORDINATION, Bench, Place
from bench.records.signed import keys
from bench.records.sql.rows import Entry

_FOUNDING = 2  # the number of the certificate a bench writes when it is founded
STANDS, TAKEN_BACK, REFUSED = "stands", "taken_back", "refused"


@dataclass(frozen=True)
class Membership:
    """A bench, and every revocation of it: `STANDS`, `TAKEN_BACK` or `REFUSED`."""

    bench: Bench
    revocations: tuple[tuple[keys.Revocation, str], ...] = ()


def read(bench: str, entries: Iterable[Entry], workshops: Mapping[str, bool]) -> Membership:
    """What counts of the statements about a bench. `entries` are in order."""
    entries = list(entries)
    recorded = _recorded(bench, entries, workshops)
    revocations = [said for said, _ in _statements(entries, bench, keys.read_revocation)]
    if not recorded:
        return Membership(Bench(), tuple((said, REFUSED) for said in _unique(revocations)))
    back = {
        (said.revocation, said.workshop)
        for said, _ in _statements(entries, bench, keys.read_reinstatement)
    }
    judged = tuple((said, _judge(said, recorded, back)) for said in _unique(revocations))
    cuts = {Place(r.after_seq, r.after_hash) for r, state in judged if state == STANDS}
    certificate = recorded[-1][1]
    region = workshops[certificate.workshop]
    role = "bench" if certificate.role == COORDINATION and not region else certificate.role
    supervisors = _supervisors(bench, entries, {c.workshop for _, c in recorded})
    return Membership(Bench(certificate.workshop, role, tuple(sorted(cuts)), supervisors), judged)


def _recorded(
    bench: str, entries: list[Entry], workshops: Mapping[str, bool]
) -> list[tuple[int, keys.Certificate]]:
    """Certificates of registered workshops in the bench's own chain, with their numbers."""
    found = [
        (entry.event.seq, certificate)
        for certificate, entry in _statements(entries, bench, keys.read_certificate)
        if entry.event.bench == bench and certificate.workshop in workshops
    ]
    found.sort(key=lambda each: each[0])
    founding = {certificate.workshop for seq, certificate in found if seq <= _FOUNDING}
    return [each for each in found if each[1].workshop not in founding] or found


def _judge(
    said: keys.Revocation,
    recorded: list[tuple[int, keys.Certificate]],
    back: set[tuple[str, str]],
) -> str:
    """A workshop revokes the benches it certified, and no work from before they joined it."""
    since = [seq for seq, certificate in recorded if certificate.workshop == said.workshop]
    first = recorded[0][1].workshop
    if not since or (said.workshop != first and said.after_seq < since[0]):
        return REFUSED
    return TAKEN_BACK if (said.name, said.workshop) in back else STANDS


def _supervisors(
    bench: str, entries: list[Entry], workshops: set[str]
) -> tuple[tuple[str, Place], ...]:
    found = {
        (said.key, Place(entry.event.seq, entry.hash))
        for said, entry in _statements(entries, bench, keys.read_supervisor)
        if entry.event.bench == bench and said.workshop in workshops
    }
    return tuple(sorted(found))


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
