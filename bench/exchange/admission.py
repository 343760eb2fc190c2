"""Whether a bag is worth unpacking: asked of its seal and statement, before its members are read.

Anybody can seal a bag. A stranger's costs no more than its own bytes and a few signatures; who is
believed for what is judged afterwards, event by event (`bench.exchange.trust`).
"""

from __future__ import annotations

from collections.abc import Iterator

from bench.exchange import contents
from bench.exchange.archive import Archive
from bench.exchange.contents import Statement
from bench.records.errors import RecordsError
from bench.records.signed import keys
from bench.records.store import Store

# In a bag of before, whose statement names no certificate: how far one is looked for, and how
# many that look like one are tried.
_LOOKED_THROUGH = 96 << 20
_TRIES = 200


def admit(store: Store, archive: Archive, statement: Statement) -> None:
    """Refuse a sender whom no workshop registered here certified. Raises `key_unknown`.

    Never stricter than the judgement that follows: it only comes earlier.
    """
    sender = archive.signer_id
    known = store.known()
    trusted = set(known.workshops)
    if known.bench(sender).workshop in trusted:
        return
    if any(_vouches(told, sender, trusted) for told in _told(archive, statement, sender)):
        return
    raise RecordsError("key_unknown", bench=sender[:8])


def _told(archive: Archive, statement: Statement, sender: str) -> Iterator[object]:
    """What may be the sender's certificate: as stated, else among the first events."""
    if statement.certificate:
        yield statement.certificate
    tries, left = 0, _LOOKED_THROUGH
    for line in contents.lines(archive.chunks(contents.EVENTS)):
        left -= len(line)
        if left < 0 or tries >= _TRIES:
            return
        if b'"type":"bench.certified"' in line and sender.encode() in line:
            tries += 1
            try:
                yield contents.read_line(line).event().event.data.get("certificate")
            except RecordsError:
                return


def _vouches(told: object, sender: str, trusted: set[str]) -> bool:
    try:
        certificate = keys.read_certificate(told)
    except RecordsError:
        return False
    return certificate.bench == sender and certificate.workshop in trusted
