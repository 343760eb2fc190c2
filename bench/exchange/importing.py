"""Takes bags in: verify, preview, apply in one transaction, answer with a receipt.

A bag is copied first and judged from the copy: a stick may change under our eyes. A
bad one is set aside whole with its reason and nothing of it reaches the record.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import BinaryIO

import msgspec

from bench.exchange import contents, kept, receipt
from bench.exchange.admission import admit
from bench.exchange.archive import MAX_FILE_BYTES, file_sha256, open_file, shown_name
from bench.exchange.reading import Bag, BagError
from bench.exchange.spool import Checked
from bench.exchange.trust import Heard, Judge
from bench.records import attachments, persons
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.signed import event
from bench.records.sql.failing import disk_error
from diagnostics import durable

_CHUNK = 1 << 20
# A hostile stick must not fill the disk with what we set aside.
MAX_QUARANTINE_BYTES = 1 << 30


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one bag. `outcome`: applied, preview, known, refused."""

    name: str
    outcome: str
    sha256: str = ""
    sender: str = ""
    events: int = 0
    added: int = 0
    attachments: int = 0
    kept_aside: int = 0  # signed after their bench was revoked: stored, count for nothing
    doubtful_clocks: int = 0
    receipt: bytes = b""
    error: BagError | None = None
    quarantined: str = ""
    kept: str = ""  # the name the original is kept under

    @property
    def unread(self) -> bool:
        """Nothing is known of it: the file could not be read."""
        return self.error is not None and self.error.code in ("bag_io", "bag_missing")


class ImportReport(msgspec.Struct, frozen=True):
    """What became of each bag, in the order given."""

    bags: tuple[Imported, ...]

    @property
    def ok(self) -> bool:
        """Whether none was refused."""
        return all(bag.error is None for bag in self.bags)

    @property
    def added(self) -> int:
        """New events in all."""
        return sum(bag.added for bag in self.bags)


class _Preview(Exception):
    """Leaves the transaction of a preview without keeping anything."""


def import_bags(
    log: Log,
    paths: Iterable[Path],
    *,
    preview: bool = False,
    heard: Heard | None = None,
) -> ImportReport:
    """Import bags one after the other; each is applied whole or not at all.

    `heard` registers the workshop of the sender whose fingerprint was read aloud, for a
    first bag received by hand. Raises `RecordsError`: `fingerprint_wrong` where a bag is of
    another, `store_*` where our own disk fails; everything wrong with a bag is in the report.
    """
    importer = _Importer(log, preview, heard)
    return ImportReport(tuple(importer.one(path) for path in paths))


class _Importer:
    def __init__(self, log: Log, preview: bool, heard: Heard | None) -> None:
        self.log = log
        self.preview = preview
        self.heard = heard
        self.folder = log.store.path.parent

    def one(self, path: Path) -> Imported:
        try:
            return self._one(path)
        except OSError as error:  # reading the bag is `bag_io`: what is left is our own disk
            raise disk_error(error, self.folder) from error

    def _one(self, path: Path) -> Imported:
        try:
            spool = self._copy(path)
        except RecordsError as error:
            return Imported(name=shown_name(path), outcome="refused", error=BagError.of(error))
        try:
            done = self._judge(shown_name(path), spool)
            if done.outcome in ("applied", "known"):
                # Known: a power cut may have come between applying and keeping.
                return msgspec.structs.replace(
                    done, kept=kept.keep(spool, self.folder, done.sha256)
                )
            return done
        finally:
            durable.drop(spool)

    def _copy(self, path: Path) -> Path:
        folder = self.folder / "incoming"
        spool = folder / f"{os.getpid()}-{self.log.random(8).hex()}.part"
        with open_file(path) as source:
            try:
                durable.folder(folder)
                for stale in folder.glob("*.part"):
                    _remove_stale(stale)
                with os.fdopen(durable.new_file(spool), "wb") as target:
                    _copy_limited(source, target, shown_name(path))
            except (OSError, RecordsError):
                durable.drop(spool)
                raise
        return spool

    def _judge(self, name: str, spool: Path) -> Imported:
        digest = file_sha256(spool)
        known = self.log.store.query(
            "SELECT sender, events, receipt FROM bag_in WHERE sha256 = ?", (digest,)
        )
        if known and self.heard is None:  # with a fingerprint somebody wants more than its events
            sender, events, answer = known[0]
            return Imported(
                name=name,
                outcome="known",
                sha256=digest,
                sender=sender,
                events=events,
                receipt=answer,
            )
        try:
            gate = None if self.heard else partial(admit, self.log.store)
            with Bag(spool, gate) as bag:
                return self._apply(name, digest, bag)
        except RecordsError as error:
            if error.code.startswith("store_") or error.code.startswith("fingerprint_"):
                raise  # our disk failed, or who typed; not the bag
            refusal = BagError.of(error)
            if refusal.code == "bag_io":  # nobody knows our copy by its name
                refusal = BagError(refusal.code, refusal.values | {"path": name})
            aside = "" if self.preview else self._set_aside(name, digest, spool, refusal)
            return Imported(
                name=name, outcome="refused", sha256=digest, error=refusal, quarantined=aside
            )

    def _apply(self, name: str, digest: str, bag: Bag) -> Imported:
        store = self.log.store
        judge = Judge(store, bag, heard=self.heard)
        answer, added, files = b"", 0, 0
        try:
            with Checked(self.folder / "incoming") as new:
                late, doubtful = self._read_events(bag, judge, new)
                with store.transaction():
                    judge.register(event.timestamp(self.log.clock.now()))
                    added = store.add(new)
                    files = self._attach(bag)
                    if self.preview:
                        raise _Preview
                    answer = self._receipt(digest, bag, added)
        except _Preview:
            pass
        else:
            persons.forget_again(store)  # somebody may have been forgotten elsewhere
        return Imported(
            name=name,
            outcome="preview" if self.preview else "applied",
            sha256=digest,
            sender=bag.sender,
            events=bag.statement.events,
            added=added,
            attachments=files,
            kept_aside=late,
            doubtful_clocks=doubtful,
            receipt=answer,
        )

    def _read_events(self, bag: Bag, judge: Judge, new: Checked) -> tuple[int, int]:
        """Put new events into `new`; gives how many came too late, how many have a
        doubtful clock.

        Those too late are stored as well, because who learns of the revocation afterwards
        has stored them: the record stays the same set everywhere. No fold counts them.
        """
        late = doubtful = 0
        unnamed = bag.file_names()
        newest = event.timestamp(self.log.clock.now() + datetime.timedelta(days=2))
        for signed, known in bag.signed_events(self.log.store.knows):
            too_late = judge.signer(signed)
            if unnamed:
                unnamed -= contents.hashes_in(signed.body)
            if known:
                continue
            if too_late:
                late += 1
            else:
                doubtful += not "2020" <= signed.event.at <= newest
            new.put(signed)
        if unnamed:  # nobody could ever ask for it: it would only fill the disk
            raise RecordsError("attachment_unnamed", name=min(unnamed)[:12])
        return late, doubtful

    def _attach(self, bag: Bag) -> int:
        count = 0
        for sha256, content in bag.attachments():
            if attachments.attach(self.log.store, content) != sha256:
                raise RecordsError("manifest_wrong", name=sha256)
            count += 1
        return count

    def _receipt(self, digest: str, bag: Bag, added: int) -> bytes:
        store = self.log.store
        twin = store.query("SELECT receipt FROM bag_in WHERE sha256 = ?", (digest,))
        if twin:  # another process took the same bag a moment ago
            return bytes(twin[0][0])
        events = bag.statement.events
        answer = receipt.make(self.log, digest, events=events, added=added)
        now = event.timestamp(self.log.clock.now())
        store.db.conn.execute(
            "INSERT INTO bag_in VALUES (?, ?, ?, ?, ?, ?)",
            (digest, now, bag.sender, events, added, answer),
        )
        return answer

    def _set_aside(self, name: str, digest: str, spool: Path, refusal: BagError) -> str:
        """Keep the bag and why; gives the name it is kept under, "" where it is not kept."""
        folder = self.folder / "quarantine"
        reason = {
            "name": name[:200],
            "sha256": digest,
            "at": event.timestamp(self.log.clock.now()),
            "code": refusal.code,
            "values": {key: str(value)[:200] for key, value in refusal.values.items()},
        }
        try:
            durable.folder(folder)
            held = sum(each.stat().st_size for each in folder.iterdir())
            durable.write_whole(folder / f"{digest}.json", msgspec.json.encode(reason) + b"\n")
            if held + spool.stat().st_size > MAX_QUARANTINE_BYTES:
                return ""
            durable.move(spool, folder / f"{digest}.zip")
        except OSError:
            return ""  # a full disk: the refusal itself is in the report
        return f"{digest}.zip"


def _copy_limited(source: BinaryIO, target: BinaryIO, name: str) -> None:
    """Raises `RecordsError` for what is wrong with the source, `OSError` for the target's disk."""
    size = 0
    while part := _part(source, name):
        size += len(part)
        if size > MAX_FILE_BYTES:
            raise RecordsError("bag_too_big", limit=MAX_FILE_BYTES)
        target.write(part)


def _part(source: BinaryIO, name: str) -> bytes:
    try:
        return source.read(_CHUNK)
    except OSError as error:
        cause = error.strerror or type(error).__name__
        raise RecordsError("bag_io", path=name, detail=cause) from error


def _remove_stale(path: Path) -> None:
    """Remove a copy whose process is gone: a power cut in the middle of an import."""
    owner = path.name.partition("-")[0]
    if owner.isdigit() and not Path(f"/proc/{owner}").exists():
        durable.drop(path)
