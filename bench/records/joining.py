"""Joining a workshop, and being put out of it: the key ceremony as files and events.

The bench writes a request, somebody reads its fingerprint aloud at the workshop's
computer, the workshop's key answers with a certificate, its fingerprint is read aloud at
the bench, the bench records it. A lost stick is revoked there, after the last event that
is surely its own; a revocation too much is taken back there too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from bench.records.errors import RecordsError
from bench.records.log import Log, trust
from bench.records.signed import event, fingerprint, keys, sealed
from bench.records.signed.event import Event
from bench.records.signed.keys import Key
from diagnostics import durable
from diagnostics.learn import learn

REQUEST = "demande.etabli"  # in the data folder: what this bench asks, until it has joined


class Request(msgspec.Struct, frozen=True):
    """What a bench asks for: a name, and a certificate for a supervisor's key where it has one."""

    name: str = ""
    at: str = ""
    supervisor: str = ""


class Answer(msgspec.Struct, frozen=True):
    """The file a workshop answers with: the certificate of the bench, that of its supervisor,
    which numbers it knows to be given out, and the networks it is of, signed too."""

    bench: dict[str, str]
    supervisor: dict[str, str] | None = None
    numbers: dict[str, str] | None = None
    networks: dict[str, str] | None = None


class Numbers(msgspec.Struct, frozen=True):
    """A workshop says to one bench: the last number it knows of each block of numbers.

    A bench that keeps nothing would else begin its block again at each start.
    """

    bench: str
    last: dict[str, Annotated[int, msgspec.Meta(ge=0, le=10**6)]]


class Network(msgspec.Struct, frozen=True):
    """A region's workshop whose fingerprint was heard: its public key (hex) and its name."""

    key: str
    name: Annotated[str, msgspec.Meta(max_length=64)]


class Networks(msgspec.Struct, frozen=True):
    """A workshop says to one bench which networks it is of: they were heard at its computer, and
    need not be heard at each of its benches, some of which keep nothing."""

    bench: str
    known: Annotated[list[Network], msgspec.Meta(max_length=8)]


def request(log: Log, name: str, supervisor: str = "") -> bytes:
    """What a bench takes to the workshop: its key, the name it would have, the public key
    (hex) its supervisors sign with, "" where no code was chosen yet."""
    at = event.timestamp(log.clock.now())
    asked = {"name": name[:64], "at": at}
    return log.key.seal(
        "request", asked | ({"supervisor": supervisor} if supervisor else {})
    ).dumps()


def read_request(raw: bytes) -> tuple[bytes, Request]:
    """The bench's public key, whose fingerprint is heard, and what it asks for.

    Raises `RecordsError` (`sealed_*`).
    """
    value, envelope = sealed.read(raw, "request")
    public = bytes.fromhex(envelope.key)
    try:
        asked = msgspec.convert(value, Request)
    except msgspec.ValidationError:
        raise RecordsError("sealed_unreadable", kind="request") from None
    if asked.supervisor and not sealed.is_public_key(asked.supervisor):
        raise RecordsError("sealed_unreadable", kind="request")
    return public, asked


def admit(
    log: Log,
    workshop: Key,
    raw: bytes,
    *,
    heard: str,
    role: str = "bench",
    numbers: Mapping[str, int] | None = None,
) -> bytes:
    """Certify the bench of a request once its fingerprint was heard; gives the file to
    take back. `numbers`: the last one given out of each block.

    Raises `RecordsError`: `fingerprint_*`, `role_unknown`, `sealed_*`.
    """
    public, asked = read_request(raw)
    _compare(heard, public)
    at = event.timestamp(log.clock.now())
    name = asked.name[:64]
    certificate = keys.certify(workshop, public, name=name, role=role, at=at, supervised=True)
    supervisor = None
    if asked.supervisor:
        key = bytes.fromhex(asked.supervisor)
        supervisor = keys.certify_supervisor(workshop, keys.key_id(public), key, at=at).plain()
    log.append("bench.certified", {"certificate": certificate.plain()})
    told = {"bench": keys.key_id(public), "last": dict(numbers or {})}
    given = workshop.seal("numbers", told).plain() if numbers else None
    of = {"bench": keys.key_id(public), "known": _known(log)}
    known = workshop.seal("networks", of).plain() if of["known"] else None
    answer = Answer(certificate.plain(), supervisor, given, known)
    return msgspec.json.encode(answer, order="sorted") + b"\n"


def _known(log: Log) -> list[dict[str, str]]:
    rows = log.store.query("SELECT key, name FROM trust WHERE region = 1 ORDER BY workshop LIMIT 8")
    return [{"key": bytes(key).hex(), "name": name[:64]} for key, name in rows]


def read_answer(raw: bytes) -> tuple[keys.Certificate, Answer]:
    """The certificate of an answer, with the key of the workshop that signed it.

    Raises `RecordsError`: `certificate_unreadable`, `sealed_*`. The certificate alone, as
    versions before supervisors' keys wrote it, is read as well.
    """
    try:
        answer = msgspec.json.decode(raw, type=Answer)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        _, envelope = sealed.read(raw, "certificate")
        answer = Answer(envelope.plain())
    certificate = keys.read_certificate(answer.bench)
    if answer.supervisor is not None:
        supervisor = keys.read_supervisor(answer.supervisor)
        if (supervisor.bench, supervisor.workshop) != (certificate.bench, certificate.workshop):
            raise RecordsError("certificate_unreadable")
    _numbers(certificate, answer)
    _networks(certificate, answer)
    return certificate, answer


def numbers_of(raw: bytes) -> dict[str, int]:
    """The last number of each block that an answer tells. Raises as `read_answer`."""
    return _numbers(*read_answer(raw))


def _numbers(certificate: keys.Certificate, answer: Answer) -> dict[str, int]:
    if answer.numbers is None:
        return {}
    value, envelope = sealed.read(answer.numbers, "numbers")
    try:
        told = msgspec.convert(value, Numbers)
    except msgspec.ValidationError:
        raise RecordsError("certificate_unreadable") from None
    if (told.bench, envelope.key) != (certificate.bench, certificate.workshop_key):
        raise RecordsError("certificate_unreadable")
    return told.last


def _networks(certificate: keys.Certificate, answer: Answer) -> list[Network]:
    if answer.networks is None:
        return []
    value, envelope = sealed.read(answer.networks, "networks")
    try:
        told = msgspec.convert(value, Networks)
    except msgspec.ValidationError:
        raise RecordsError("certificate_unreadable") from None
    good = all(sealed.is_public_key(network.key) for network in told.known)
    if not good or (told.bench, envelope.key) != (certificate.bench, certificate.workshop_key):
        raise RecordsError("certificate_unreadable")
    return told.known


def of_heard(answers: Sequence[bytes], heard: str) -> bytes:
    """Of several answers that of the workshop that was heard. Where none is, the first: `join`
    refuses it, and says why. Raises `RecordsError`: `fingerprint_*` for what is no fingerprint.
    """
    spoken = fingerprint.read(heard)
    for raw in answers:
        try:
            certificate, _ = read_answer(raw)
        except RecordsError:
            continue
        if spoken.names(bytes.fromhex(certificate.workshop_key)):
            return raw
    return answers[0]


def join(log: Log, raw: bytes, *, heard: str) -> Event:
    """Record the certificate a workshop gave this bench, and trust that workshop, once the
    workshop's fingerprint was heard: a stick can bring a certificate of anybody. The networks that
    this workshop is of are trusted with it.

    The workshop this bench founded for itself ends: its key is removed, for a thief of the
    stick could speak with it. Raises `RecordsError`: `fingerprint_*`, `workshop_in_use`
    (its key certified other benches), `certificate_other`, `certificate_unreadable`, `sealed_*`.
    """
    certificate, answer = read_answer(raw)
    public = bytes.fromhex(certificate.workshop_key)
    if certificate.bench != log.key.id:
        raise RecordsError("certificate_other", bench=certificate.bench[:8])
    _compare(heard, public)
    founded = _founded(log, certificate.workshop)
    at = event.timestamp(log.clock.now())
    with log.store.transaction():
        trust(log.store, public, name=certificate.name, at=at, how="joined")
        for network in _networks(certificate, answer):
            key = bytes.fromhex(network.key)
            trust(log.store, key, name=network.name, at=at, how="workshop", region=True)
        recorded = log.append("bench.certified", {"certificate": answer.bench})
        if answer.supervisor is not None:
            log.append("supervisor.certified", {"certificate": answer.supervisor})
        if founded is not None:
            log.store.unregister(keys.load(founded).id)
    if founded is not None:
        durable.drop(founded)
    return recorded


def _founded(log: Log, joining: str) -> Path | None:
    """The key file of this bench's own workshop, to be removed; `None` without one."""
    path = log.store.path.parent / "keys" / "workshop.key"
    if not path.exists():
        return None
    own = keys.load(path).id
    if own == joining:
        return None
    others = log.store.query(
        "SELECT count(*) FROM bench WHERE workshop = ? AND bench <> ?", (own, log.key.id)
    )
    if others[0][0]:
        raise RecordsError("workshop_in_use", count=others[0][0])
    return path


def revoke(log: Log, workshop: Key, bench: str, after: str, *, reason: str) -> Event:
    """Declare that of a bench's chain only one event and those before it count.

    `after` is its number, or `number:hash` (the beginning of it) where the chain forks
    there; "0": nothing counts. Raises `RecordsError`: `bench_unknown`, `bench_ambiguous`,
    `workshop_foreign` (only the workshop a bench recorded revokes it), `reason_missing`,
    `revoke_event_unknown`, `revoke_event_ambiguous`.
    """
    if not reason.strip():
        raise RecordsError("reason_missing")
    name = find_bench(log, bench)
    _ours(log, workshop, name)
    seq, hash = _find_event(log, name, after)
    at = event.timestamp(log.clock.now())
    statement = keys.revoke(workshop, name, seq, after_hash=hash, reason=reason[:200], at=at)
    return log.append("bench.revoked", {"revocation": statement.plain()})


def reinstate(log: Log, workshop: Key, bench: str, *, reason: str) -> int:
    """Take back the revocations of a bench that stand; gives how many.

    Raises `RecordsError`: as `revoke`; `not_revoked`.
    """
    if not reason.strip():
        raise RecordsError("reason_missing")
    name = find_bench(log, bench)
    _ours(log, workshop, name)
    standing = log.store.query(
        "SELECT name FROM revocation WHERE bench = ? AND workshop = ? AND state = 'stands'",
        (name, workshop.id),
    )
    if not standing:
        raise RecordsError("not_revoked", bench=name[:8])
    at = event.timestamp(log.clock.now())
    with log.store.transaction():
        for (revocation,) in standing:
            back = keys.reinstate(workshop, name, revocation, reason=reason[:200], at=at)
            log.append("bench.reinstated", {"reinstatement": back.plain()})
    return len(standing)


def _ours(log: Log, workshop: Key, bench: str) -> None:
    if log.store.known().bench(bench).workshop != workshop.id:
        raise RecordsError("workshop_foreign", bench=bench[:8])


def _find_event(log: Log, bench: str, after: str) -> tuple[int, str]:
    """Number and hash of the last event that counts."""
    number, _, start = after.partition(":")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        raise RecordsError("revoke_event_unknown", after=after[:40])
    if int(number) == 0:
        return 0, ""
    rows: list[tuple[Any, ...]] = log.store.query(
        "SELECT lower(hex(hash)) FROM event WHERE bench = ? AND seq = ?", (bench, int(number))
    )
    found = [str(hash) for (hash,) in rows if hash.startswith(start.lower())]
    if not found:
        raise RecordsError("revoke_event_unknown", after=after[:40])
    if len(found) > 1:
        shown = ", ".join(f"{number}:{hash[:12]}" for hash in sorted(found))
        raise RecordsError("revoke_event_ambiguous", found=shown)
    return int(number), found[0]


def _compare(heard: str, public: bytes) -> None:
    spoken = fingerprint.read(heard)
    if not spoken.names(public):
        raise spoken.refusal()


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


learn(Request, Answer, Numbers, Network, Networks)
