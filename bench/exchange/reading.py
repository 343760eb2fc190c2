"""Reads a bag from a hostile hand: everything is checked before anything is believed."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from bench.exchange import contents
from bench.exchange.archive import Archive
from bench.exchange.contents import Line, Statement
from bench.records import attachments
from bench.records.errors import RecordsError
from bench.records.signed import event, keys, sealed
from bench.records.signed.event import Signed

_MAX_STATEMENT = 4 * 1024 * 1024
Admit = Callable[[Archive, Statement], None]
# Verifying a signature releases the interpreter's lock, so threads share the work.
# Several portions wait per thread: reading never stops for verifying.
_PORTION = 256
_THREADS = max(1, min(8, os.cpu_count() or 1))


class BagError(msgspec.Struct, frozen=True):
    """Why a bag is refused: a code, and what its sentence needs."""

    code: str
    values: dict[str, object]

    @classmethod
    def of(cls, error: RecordsError) -> BagError:
        """The refusal an error stands for."""
        return cls(error.code, dict(error.values))


class Bag:
    """A bag whose seal, layout, manifests and statement hold. Its events are still to be
    read and checked with `signed_events`. Use as a context manager, or `close` it.
    """

    def __init__(self, path: Path, admit: Admit | None = None) -> None:
        """Raises `RecordsError` with one code: what is wrong first.

        `admit` raises where the sender is nobody's: before members are unpacked and hashed.
        """
        self.path = path
        self.archive = Archive(path)
        try:
            self.statement = _statement(self.archive)
            if admit:
                admit(self.archive, self.statement)
            if self.statement.events_sha256 != _check_tags(self.archive):
                raise RecordsError("statement_wrong", detail="events_sha256")
            self.certificates = _certificates(self.archive)
        except RecordsError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the file."""
        self.archive.close()

    @property
    def sender(self) -> str:
        """The bench that made it."""
        return self.archive.signer_id

    def certificate(self, bench: str) -> keys.Certificate | None:
        """The last the bag carries to vouch for a bench."""
        found = self.certificates.get(bench)
        return found[-1] if found else None

    def file_names(self) -> set[str]:
        """The hashes of the files it carries."""
        names = (name for name in self.archive.sizes if name.startswith(contents.ATTACHMENTS))
        return {name.removeprefix(contents.ATTACHMENTS) for name in names}

    def attachments(self) -> Iterator[tuple[str, bytes]]:
        """The files it carries, by SHA-256."""
        for name in sorted(self.archive.sizes):
            if name.startswith(contents.ATTACHMENTS):
                yield (
                    name.removeprefix(contents.ATTACHMENTS),
                    self.archive.read(name, attachments.MAX_BYTES),
                )

    def lines(self) -> Iterator[Line]:
        """Its events as lines, nothing checked but their spelling. Raises `RecordsError`."""
        count = 0
        for line in contents.lines(self.archive.chunks(contents.EVENTS)):
            count += 1
            if count > min(self.statement.events, contents.MAX_EVENTS):
                raise RecordsError("statement_wrong", detail="events")
            yield contents.read_line(line)
        if count != self.statement.events:
            raise RecordsError("statement_wrong", detail="events")

    def signed_events(
        self, known: Callable[[list[bytes]], dict[bytes, bytes]] | None = None
    ) -> Iterator[tuple[Signed, bool]]:
        """Its events with checked signatures, each with whether `known` has it already.

        An event held already, with the same signature, was checked when it came in.
        Raises `RecordsError` (`signature_wrong`) at the first that fails.
        """
        waiting: deque[Future[list[tuple[Signed, bool]]]] = deque()
        with ThreadPoolExecutor(_THREADS) as pool:
            try:
                for portion in _portions(self.lines()):
                    here = known([line.hash for line in portion]) if known else {}
                    waiting.append(pool.submit(_check, portion, here))
                    if len(waiting) > 2 * _THREADS:
                        yield from waiting.popleft().result()
                while waiting:
                    yield from waiting.popleft().result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)


def _portions(found: Iterator[Line]) -> Iterator[list[Line]]:
    while portion := list(itertools.islice(found, _PORTION)):
        yield portion


def _check(portion: list[Line], here: dict[bytes, bytes]) -> list[tuple[Signed, bool]]:
    checked = []
    for line in portion:
        held = here.get(line.hash)
        if held == line.signature:
            checked.append((line.stored_event(), True))
            continue
        signed = line.event()
        if not event.signature_holds(signed):
            where = signed.event
            raise RecordsError("signature_wrong", bench=where.bench[:8], seq=where.seq)
        checked.append((signed, held is not None))
    return checked


def _check_tags(archive: Archive) -> str:
    """RFC 8493 section 3: the bag is complete and every file is what the manifests say.

    Gives the hash of the events.
    """
    if archive.read(contents.BAGIT, 200) != contents.BAGIT_TEXT:
        raise RecordsError("manifest_wrong", name=contents.BAGIT)
    payload = contents.read_manifest(
        archive.read(contents.MANIFEST, len(archive.sizes) * contents.MAX_MANIFEST_LINE)
    )
    tags = contents.read_manifest(archive.read(contents.TAG_MANIFEST, 2000))
    held = {name for name in archive.sizes if name.startswith("data/")}
    if held != set(payload):
        odd = sorted(held ^ set(payload))[0]
        raise RecordsError("manifest_wrong", name=odd)
    if set(tags) != {contents.BAGIT, contents.INFO, contents.MANIFEST}:
        raise RecordsError("manifest_wrong", name=contents.TAG_MANIFEST)
    for name, sha256 in (tags | payload).items():
        if member_sha256(archive, name) != sha256:
            raise RecordsError("manifest_wrong", name=name)
        if name.startswith(contents.ATTACHMENTS) and not name.endswith(sha256):
            raise RecordsError("manifest_wrong", name=name)
    size = sum(archive.sizes[name] for name in payload)
    oxum = contents.payload_oxum(archive.read(contents.INFO, 10_000))
    if oxum != f"{size}.{len(payload)}":
        raise RecordsError("manifest_wrong", name=contents.INFO)
    if contents.EVENTS not in payload:
        raise RecordsError("bag_member_missing", name=contents.EVENTS)
    return payload[contents.EVENTS]


def member_sha256(archive: Archive, name: str) -> str:
    """The SHA-256 of a member. Raises `RecordsError`."""
    found = hashlib.sha256()
    for chunk in archive.chunks(name):
        found.update(chunk)
    return found.hexdigest()


def _statement(archive: Archive) -> Statement:
    value, envelope = sealed.read(archive.read(contents.STATEMENT, _MAX_STATEMENT), "statement")
    try:
        statement = msgspec.convert(value, Statement)
    except msgspec.ValidationError:
        raise RecordsError("statement_wrong", detail="shape") from None
    if envelope.key != archive.signer.hex() or statement.sender != archive.signer_id:
        raise RecordsError("statement_wrong", detail="sender")
    return statement


def _certificates(archive: Archive) -> dict[str, list[keys.Certificate]]:
    """Certificates among the events, each checked; false ones are left out."""
    found: dict[str, list[keys.Certificate]] = {}
    count = 0
    for line in contents.lines(archive.chunks(contents.EVENTS)):
        if b'"type":"bench.certified"' not in line:
            continue  # a quick look: parsing every event twice would double the time
        certified = contents.read_line(line).event().event
        if certified.type != "bench.certified":
            continue
        count += 1  # of a sender nobody knows yet: each costs a signature
        if count > contents.MAX_CERTIFICATES:
            raise RecordsError("statement_wrong", detail="certificates")
        try:
            certificate = keys.read_certificate(certified.data.get("certificate"))
        except RecordsError:
            continue
        # Of its own chain: anybody can certify the key of another, with a workshop made up.
        if certificate.bench == certified.bench:
            found.setdefault(certificate.bench, []).append(certificate)
    return found
