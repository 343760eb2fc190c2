"""Joining a workshop, and being put out of it: the key ceremony as files and events.

The bench writes a request, somebody reads its fingerprint aloud at the workshop's
computer, the workshop's key answers with a certificate, the bench records it. A lost
stick is revoked there, after the last number that is surely its own.
"""

from __future__ import annotations

from typing import Any

from bench.records.errors import RecordsError
from bench.records.log import Log, trust
from bench.records.signed import event, keys, sealed
from bench.records.signed.event import Event
from bench.records.signed.keys import Key


def request(log: Log, name: str) -> bytes:
    """What a bench takes to the workshop: its key and the name it would have."""
    at = event.timestamp(log.clock.now())
    return log.key.seal("request", {"name": name[:64], "at": at}).dumps()


def read_request(raw: bytes) -> tuple[bytes, str, str]:
    """The bench's public key, its name, and the fingerprint to compare by voice.

    Raises `RecordsError` (`sealed_*`).
    """
    value, envelope = sealed.read(raw, "request")
    public = bytes.fromhex(envelope.key)
    name = value.get("name")
    return public, name[:64] if isinstance(name, str) else "", keys.fingerprint(public)


def admit(log: Log, workshop: Key, raw: bytes, *, heard: str, role: str = "bench") -> bytes:
    """Certify the bench of a request once its fingerprint was heard; gives the file to
    take back.

    Raises `RecordsError`: `fingerprint_wrong`, `role_unknown`, `sealed_*`.
    """
    public, name, fingerprint = read_request(raw)
    if "".join(heard.split()) != "".join(fingerprint.split()):
        raise RecordsError("fingerprint_wrong")
    at = event.timestamp(log.clock.now())
    certificate = keys.certify(workshop, public, name=name, role=role, at=at)
    log.append("bench.certified", {"certificate": certificate.plain()})
    return certificate.dumps()


def join(log: Log, raw: bytes) -> Event:
    """Record the certificate a workshop gave this bench, and trust that workshop.

    Raises `RecordsError`: `certificate_other`, `certificate_unreadable`, `sealed_*`.
    """
    _, envelope = sealed.read(raw, "certificate")
    certificate = keys.read_certificate(envelope)
    if certificate.bench != log.key.id:
        raise RecordsError("certificate_other", bench=certificate.bench[:8])
    at = event.timestamp(log.clock.now())
    public = bytes.fromhex(certificate.workshop_key)
    with log.store.transaction():
        trust(log.store, public, name=certificate.name, at=at, how="joined")
        return log.append("bench.certified", {"certificate": envelope.plain()})


def revoke(log: Log, workshop: Key, bench: str, after_seq: int, *, reason: str) -> Event:
    """Declare that what a bench signed after a number does not count.

    Raises `RecordsError`: `bench_unknown`, `bench_ambiguous`, `workshop_foreign` (only
    the workshop that certified a bench revokes it), `reason_missing`.
    """
    if not reason.strip():
        raise RecordsError("reason_missing")
    name = find_bench(log, bench)
    certified: list[Any] = [
        keys.read_certificate(event.event.data.get("certificate"))
        for event in log.store.events("event.type = 'bench.certified'")
        if event.event.data.get("certificate")
    ]
    mine = [
        certificate
        for certificate in certified
        if certificate.bench == name and certificate.workshop == workshop.id
    ]
    if not mine:
        raise RecordsError("workshop_foreign", bench=name[:8])
    at = event.timestamp(log.clock.now())
    statement = keys.revoke(workshop, name, after_seq, reason=reason, at=at)
    return log.append("bench.revoked", {"revocation": statement.plain()})


def find_bench(log: Log, start: str) -> str:
    """The bench whose name begins so. Raises `RecordsError`."""
    rows = log.store.query(
        "SELECT bench FROM bench WHERE substr(bench, 1, ?) = ?", (len(start), start)
    )
    if not start or not rows:
        raise RecordsError("bench_unknown", bench=start[:32])
    if len(rows) > 1:
        raise RecordsError("bench_ambiguous", bench=start[:32])
    return str(rows[0][0])
