"""Which events and files of the network's packs a bench is given: those, and nothing else.

With them come the certificates and revocations of the benches that speak in them and of their
workshops, without which a receiver could not judge them. No machine, lot, person, day or member.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from bench.records import attachments
from bench.records.kinds.packs import NOT_GIVEN
from bench.records.log import Log
from bench.records.signed.event import Signed
from bench.records.store import Store

# Of a network's packs speak its coordination, and the own workshop in answer to them: of these
# the benches that did, this one, and who certified or revoked them. No other bench that joins or
# goes changes what is given, so nobody fetches it again for that.
_PACKS = "SELECT event FROM subject WHERE subject >= 'pack:' AND subject < 'pack;'"
_MEMBERS = "SELECT bench FROM bench WHERE workshop = ?1 OR workshop IN (SELECT workshop FROM pack)"
_SPEAKERS = f"SELECT ?2 AS bench UNION SELECT bench FROM event WHERE n IN ({_PACKS})"
_ABOUT = "SELECT event FROM subject WHERE subject IN (SELECT 'bench:' || bench FROM ({}) AS told)"
_JUDGES = f"SELECT bench FROM event WHERE n IN ({_ABOUT.format(_SPEAKERS)})"
_CHOSEN = (
    f"event.bench IN ({_MEMBERS}) AND event.type <> 'number.block' AND (event.n IN ({_PACKS})"
    f" OR event.n IN ({_ABOUT.format(f'{_SPEAKERS} UNION {_JUDGES}')}))"
)
# All that a store holds of a chain came so: whoever gave it holds it, and is owed none of it.
_OTHER = f"SELECT 1 FROM event WHERE bench = ? AND {NOT_GIVEN} LIMIT 1"


def events(log: Log) -> Iterator[Signed]:
    """The events to give."""
    return log.store.events(_CHOSEN, (log.workshop, log.key.id))


def files(store: Store) -> set[str]:
    """The files to give: of what holds now, and of rules that were accepted, however old."""
    rows = store.query(
        "SELECT file FROM pack WHERE state = 'current' OR state = 'older' AND event IN"
        " (SELECT publication FROM pack_answer WHERE answer = 'accepted')"
    )
    return {name for (name,) in rows} & attachments.public_hashes(store)


def given(store: Store, bench: str) -> bool:
    """Whether all that is here of another bench's chain is what is given with packs."""
    return not store.query(_OTHER, (bench,))


def owed_to_nobody(log: Log) -> frozenset[str]:
    """The benches of other workshops of whose chains nothing but what comes with packs is here: a
    push leaves them out. Who receives it may know that network by no other word, and would have to
    refuse the whole."""
    rows = log.store.query(
        "SELECT bench FROM signer WHERE bench <> ?1 AND bench NOT IN"
        " (SELECT bench FROM bench WHERE workshop = ?2)",
        (log.key.id, log.workshop),
    )
    return frozenset(bench for (bench,) in rows if given(log.store, bench))


def relayed(store: Store, own: str) -> set[str]:
    """The files of packs that others published: a push does not carry them back to who gave them;
    whoever lacks one asks for it, or takes a whole bag."""
    rows = store.query(
        "SELECT file FROM pack WHERE bench <> ?1"
        " AND file NOT IN (SELECT file FROM pack WHERE bench = ?1)",
        (own,),
    )
    return {name for (name,) in rows}


def networks(store: Store) -> list[str]:
    """The workshops that publish packs here, by name."""
    return sorted(name for (name,) in store.query("SELECT DISTINCT workshop FROM pack"))


def digest(log: Log) -> str:
    """One name (hex) for all that would be given now."""
    found = hashlib.sha256()
    for name in sorted(signed.hash for signed in events(log)):
        found.update(name)
    for each in sorted(files(log.store)):
        found.update(bytes.fromhex(each))
    return found.hexdigest()
