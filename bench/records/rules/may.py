"""The rules, as data, and the one function that applies them. Pure.

What a bench says of its own work (what it saw, tested, erased, printed) counts as long as
the bench is not revoked. What decides over the work of others is below, with who may.
"""

from __future__ import annotations

from enum import Enum

from bench.records.rules.known import Bench, Known, Place
from bench.records.sql.rows import Entry


class Who(Enum):
    """Whose word it takes, beside that of the bench whose chain it stands in."""

    WORKSHOP = "the bench's own registered workshop, by a statement it signed"
    SUPERVISOR = "a supervisor, by a key the workshop certified for this bench"
    HOLDER = "a bench of a workshop that holds or held the machine, or a region's"
    REGION = "a bench that coordinates a region registered here"
    OWN_WORKSHOP = "a supervisor of the workshop whose store it is"


# What is not here, every bench says for itself.
RULES: dict[str, frozenset[Who]] = {
    "bench.certified": frozenset({Who.WORKSHOP}),
    "bench.revoked": frozenset({Who.WORKSHOP}),
    "bench.reinstated": frozenset({Who.WORKSHOP}),
    "supervisor.certified": frozenset({Who.WORKSHOP}),
    "correction": frozenset({Who.SUPERVISOR, Who.HOLDER}),
    "grade.overridden": frozenset({Who.SUPERVISOR, Who.HOLDER}),
    "grade.validated": frozenset({Who.SUPERVISOR, Who.HOLDER}),
    "lock.answered": frozenset({Who.SUPERVISOR, Who.HOLDER}),
    "same_as": frozenset({Who.SUPERVISOR, Who.HOLDER}),
    "not_same": frozenset({Who.SUPERVISOR, Who.HOLDER}),
    "day.closed": frozenset({Who.SUPERVISOR}),  # of its own bench: the day is the signer's
    "day.reopened": frozenset({Who.SUPERVISOR}),
    "lot.closed": frozenset({Who.SUPERVISOR}),
    "handover.done": frozenset({Who.HOLDER}),
    "handover.undone": frozenset({Who.SUPERVISOR, Who.HOLDER}),
    "transfer.sent": frozenset({Who.HOLDER}),
    "reservation.made": frozenset({Who.HOLDER}),
    "pack.published": frozenset({Who.REGION}),
    "pack.withdrawn": frozenset({Who.REGION}),
    "pack.answered": frozenset({Who.SUPERVISOR}),  # for its own workshop alone
    "person.forgotten": frozenset({Who.SUPERVISOR, Who.OWN_WORKSHOP}),
}
# Why an event does not count.
REVOKED, UNSUPERVISED, NO_REGION = "revoked", "unsupervised", "no_region"


def asks(kind: str, who: Who) -> bool:
    """Whether events of this kind need the word of this one."""
    return who in RULES.get(kind, ())


def may(entry: Entry, known: Known) -> str:
    """Whether an event counts: "" when it does, else why not (`REVOKED`, `UNSUPERVISED`,
    `NO_REGION`).

    Who holds a machine is judged with the machine's other events, in the folds; statements
    of workshops in `membership`.
    """
    signer = known.bench(entry.event.bench)
    if not all(
        _leads_to(entry, cut.place, known) for cut in signer.cuts if cut.covers(entry.event.seq)
    ):
        return REVOKED
    if asks(entry.event.type, Who.SUPERVISOR) and not _supervised(entry, signer, known):
        return UNSUPERVISED
    if asks(entry.event.type, Who.REGION) and not known.coordinates(entry.event):
        return NO_REGION
    return ""


def _leads_to(entry: Entry, place: Place, known: Known) -> bool:
    if not place.event:
        return entry.event.seq <= place.seq
    return entry.hash in known.ancestors(place.event)


def _supervised(entry: Entry, signer: Bench, known: Known) -> bool:
    """Signed by a supervisor, or written before this bench had a supervisor's key.

    A key recorded off the branch a revocation keeps is not one: else a thief, by repeating
    it there, would make the acts written before it in the true chain doubtful.
    """
    if proven(entry, known):
        return True
    places = [place for _, place in signer.supervisors if kept(place, signer, known)]
    return all(entry.hash in known.ancestors(place.event) for place in places)


def proven(entry: Entry, known: Known) -> bool:
    """Whether an event carries the proof of a supervisor whose key the workshop certified."""
    signer = known.bench(entry.event.bench)
    return bool(entry.supervisor) and any(
        entry.supervisor == key and kept(place, signer, known) for key, place in signer.supervisors
    )


def kept(place: Place, signer: Bench, known: Known) -> bool:
    """Whether an event of a bench lies where its revocations leave it counting."""
    return all(
        place.event in known.ancestors(cut.place.event)
        if cut.place.event
        else place.seq <= cut.place.seq
        for cut in signer.cuts
        if cut.covers(place.seq)
    )
