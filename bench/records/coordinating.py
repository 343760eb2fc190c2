"""The computer of a workshop's key becomes the coordination of a region: for itself, at first.

A region is a workshop that others hear as one. Here that workshop says so of itself: its
certificate gives this bench the role, and its key is registered as a region's, without which no
role of coordination counts. Both are words of this folder: elsewhere the role counts where
somebody registers this workshop as a region, its fingerprint heard.
"""

from __future__ import annotations

from bench.records.errors import RecordsError
from bench.records.log import Log, trust
from bench.records.rules.known import COORDINATION
from bench.records.signed import event, keys
from bench.records.signed.keys import Key


def coordinate(log: Log, workshop: Key) -> bool:
    """Give this bench the role, by its own workshop's key; `False` where it has it already.

    Raises `RecordsError`: `workshop_foreign` (the key is not of the workshop this bench is of).
    """
    bench = log.key.id
    if log.store.known().bench(bench).workshop != workshop.id:
        raise RecordsError("workshop_foreign", bench=bench[:8])
    if log.coordinates:
        return False
    ((name,),) = log.store.query("SELECT name FROM bench WHERE bench = ?", (bench,))
    # The order of a workshop's words is that of their times: a clock set back since must not
    # put this one before the word that it follows.
    at = max(event.timestamp(log.clock.now()), _last_word(log))
    public = log.key.public
    certificate = keys.certify(workshop, public, name=name, role=COORDINATION, at=at)
    with log.store.transaction():
        trust(log.store, workshop.public, name=name, at=at, how="own", region=True)
        log.append("bench.certified", {"certificate": certificate.plain()})
    return True


def _last_word(log: Log) -> str:
    """The time of the latest certificate that this bench recorded of itself."""
    rows = log.store.query(
        "SELECT body FROM event WHERE type = 'bench.certified' AND bench = ?1 AND n IN"
        " (SELECT event FROM subject WHERE subject = 'bench:' || ?1)",
        (log.key.id,),
    )
    told = (event.parse_stored(body).data.get("certificate") for (body,) in rows)
    return max((keys.read_certificate(each).at for each in told), default="")
