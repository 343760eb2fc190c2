"""Makes a bag: a sealed, zipped BagIt (RFC 8493) of events, files and tables."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bench.exchange import contents, people, receipt, shared_packs
from bench.exchange.archive import MAX_FILE_BYTES, file_sha256
from bench.exchange.archive_writer import Writer
from bench.exchange.contents import Statement
from bench.records import attachments
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.lots import LotName, lot_named
from bench.records.signed import event
from bench.records.signed.event import Signed
from bench.records.signed.sealed import sealed_bytes
from bench.records.sql.failing import NO_ROOM
from bench.records.store import Store
from bench.words.version import VERSION

SOFTWARE = f"etabli {VERSION}"


class Exported(msgspec.Struct, frozen=True):
    """What left: the file, its SHA-256, and how much is in it."""

    path: str
    sha256: str
    scope: str
    events: int
    attachments: int
    size_bytes: int


@dataclass
class _Payload:
    """What was put in so far: hashes for the manifest, and sizes."""

    hashes: dict[str, str] = field(default_factory=dict)
    size: int = 0
    events: int = 0
    heads: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    devices: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)


def free_place(folder: Path, moment: datetime.datetime) -> Path:
    """Where a bag that is made at that moment goes in the folder: named by it, and the second one
    of a second by its count, so that none takes the place of one that is there."""
    stem, count = f"envoi-{moment:%Y%m%d-%H%M%S}", 1
    place = folder / f"{stem}.zip"
    while place.exists():
        count += 1
        place = folder / f"{stem}-{count}.zip"
    return place


def export_bag(
    log: Log,
    out: Path,
    *,
    since_receipt: bytes | None = None,
    since_heads: dict[str, tuple[int, str]] | None = None,
    lot: str | None = None,
    packs: bool = False,
) -> Exported:
    """Write a bag of everything, of one lot (`lot_named`), of the network's packs alone, or of
    what a receiver does not hold yet (`since_heads`: and is owed, `owed_to_nobody`).

    What it holds is known from its receipt, or from the heads it just told
    (`{bench: (seq, hash)}`), which are believed for this bag only. `out` appears whole
    or not at all. Raises `RecordsError`: `lot_unknown`, `lot_several`, `bag_too_big`,
    `bag_unwritable`, `bag_no_room`, `bag_not_kept`, `receipt_*`, `store_*`.
    """
    store = log.store
    held = _held(store, since_heads) if since_heads else {}
    since = ""
    if since_receipt is not None:
        told = receipt.record(store, since_receipt)
        held, since = _held(store, told.heads), told.bag
    named = lot_named(store, lot, log.workshop) if lot is not None else None
    scope = "packs" if packs else "lot" if lot is not None else "since" if held else "whole"
    try:
        with store.snapshot(), Writer(out, log.key) as writer:
            left_out = shared_packs.owed_to_nobody(log) if since_heads is not None else frozenset()
            payload = _write(log, writer, held, scope=scope, lot=named, since=since, out=left_out)
    except OSError as error:
        raise unwritable(out, error) from error
    except (zipfile.LargeZipFile, RuntimeError) as error:
        # The standard library says "File size too large" as a RuntimeError.
        raise RecordsError("bag_too_big", limit=MAX_FILE_BYTES) from error
    return _note(log, out, payload, scope)


def unwritable(out: Path, error: OSError) -> RecordsError:
    """Why a bag or receipt could not be written."""
    if error.errno in NO_ROOM:
        return RecordsError("bag_no_room", path=str(out.parent))
    return RecordsError("bag_unwritable", path=str(out), cause=error.strerror or str(error))


def _note(log: Log, out: Path, payload: _Payload, scope: str) -> Exported:
    """Remember what was sent: a receipt is believed for our own bags only."""
    digest = file_sha256(out)
    heads = msgspec.json.encode(payload.heads).decode()
    with log.store.transaction():
        log.store.db.conn.execute(
            "INSERT INTO bag_out VALUES (?, ?, ?, ?, ?) ON CONFLICT (sha256) DO UPDATE SET"
            " at = excluded.at, events = excluded.events, heads = excluded.heads,"
            " name = excluded.name",
            (digest, event.timestamp(log.clock.now()), payload.events, heads, out.name),
        )
    return Exported(
        path=str(out),
        sha256=digest,
        scope=scope,
        events=payload.events,
        attachments=len(payload.files),
        size_bytes=out.stat().st_size,
    )


def _write(
    log: Log,
    writer: Writer,
    held: dict[str, tuple[int, str]],
    *,
    scope: str,
    lot: LotName | None,
    since: str,
    out: frozenset[str],
) -> _Payload:
    store, payload, at = log.store, _Payload(), event.timestamp(log.clock.now())
    if scope == "packs":  # for every bench: nothing of machines, lots or people
        chosen, public = shared_packs.events(log), shared_packs.files(store)
        _write_events(writer, payload, chosen, public)
        _write_files(store, writer, payload)
    else:
        public = attachments.public_hashes(store)
        if scope == "since":
            public -= shared_packs.relayed(store, log.key.id)
        events = (each for each in _chosen(store, held, lot) if each.event.bench not in out)
        _write_events(writer, payload, events, public)
        _write_files(store, writer, payload)
        _write_tables(store, writer, payload, None if scope == "whole" else payload.devices, lot)
        package = msgspec.json.encode(people.descriptor(at, log.key.id))
        _add(writer, payload, contents.PACKAGE, msgspec.json.format(package, indent=1) + b"\n")
    statement = Statement(
        schema=1,
        sender=log.key.id,
        at=at,
        scope=scope,
        lot=lot.lot if lot else "",
        since=since,
        heads_from={bench: list(head) for bench, head in held.items()},
        heads_to=payload.heads,
        events=payload.events,
        events_sha256=payload.hashes[contents.EVENTS],
        attachments=len(payload.files),
        software=SOFTWARE,
        certificate=receipt.certificate_of(store, log.key.id),
    )
    signed = log.key.seal("statement", msgspec.to_builtins(statement))
    _add(writer, payload, contents.STATEMENT, sealed_bytes(signed))
    _write_tags(writer, payload, log.key.id, at[:10])
    return payload


def _write_tags(writer: Writer, payload: _Payload, sender: str, day: str) -> None:
    tags = {
        contents.BAGIT: contents.BAGIT_TEXT,
        contents.INFO: contents.write_info(
            sender, day, payload.size, len(payload.hashes), SOFTWARE
        ),
        contents.MANIFEST: contents.write_manifest(payload.hashes),
    }
    tagged = _Payload()
    for name, content in tags.items():
        _add(writer, tagged, name, content)
    writer.add(contents.TAG_MANIFEST, contents.write_manifest(tagged.hashes))


def _add(writer: Writer, payload: _Payload, name: str, content: bytes) -> None:
    with writer.member(name) as member:
        member.write(content)
    payload.hashes[name] = member.sha256
    payload.size += member.size


def _write_events(
    writer: Writer, payload: _Payload, chosen: Iterator[Signed], public: set[str]
) -> None:
    with writer.member(contents.EVENTS) as member:
        for signed in chosen:
            member.write(contents.write_line(signed))
            payload.events += 1
            _note_event(payload, signed, public)
    payload.hashes[contents.EVENTS] = member.sha256
    payload.size += member.size


def _note_event(payload: _Payload, signed: Signed, public: set[str]) -> None:
    noted = signed.event
    head = (noted.seq, signed.hash.hex())
    last = payload.heads.get(noted.bench)
    if last and last[0][0] == noted.seq:
        last.append(head)
    else:
        payload.heads[noted.bench] = [head]
    if noted.device:
        payload.devices.add(noted.device)
    if public:
        payload.files |= contents.hashes_in(signed.body) & public


def _write_files(store: Store, writer: Writer, payload: _Payload) -> None:
    for sha256 in sorted(payload.files):
        content = attachments.content(store, sha256)
        assert content is not None  # inside one snapshot of the database
        with writer.member(contents.ATTACHMENTS + sha256, stored=True) as member:
            member.write(content)
        payload.hashes[contents.ATTACHMENTS + sha256] = member.sha256
        payload.size += member.size


def _write_tables(
    store: Store,
    writer: Writer,
    payload: _Payload,
    devices: set[str] | None,
    lot: LotName | None,
) -> None:
    if devices is not None:
        aliases = store.query("SELECT device, root FROM alias")
        devices = devices | {root for device, root in aliases if device in devices}
    for table in people.shown():
        name = f"{contents.TABLES}{table.name}.csv"
        with writer.member(name) as member:
            for part in people.csv_rows(store, table, devices, lot):
                member.write(part)
        payload.hashes[name] = member.sha256
        payload.size += member.size


def _held(store: Store, claimed: dict[str, tuple[int, str]]) -> dict[str, tuple[int, str]]:
    """The receiver's heads that lie on chains we hold whole and unforked ourselves."""
    ours = receipt.heads(store)
    found: dict[str, tuple[int, str]] = {}
    for bench, (seq, name) in claimed.items():
        if bench not in ours or seq > ours[bench][0]:
            continue
        rows = store.query(
            "SELECT lower(hex(hash)) FROM event WHERE bench = ? AND seq = ?", (bench, seq)
        )
        if rows and rows[0][0] == name:
            found[bench] = (seq, name)
    return found


_IN_LOT = "m.lot_of = ?1 AND m.lot = ?2"


_ABOUT_BENCHES = "event.type >= 'bench.' AND event.type < 'bench/'"


def _chosen(
    store: Store, held: dict[str, tuple[int, str]], lot: LotName | None
) -> Iterator[Signed]:
    """The events that leave, by chain. Those about benches always do: they carry the
    certificates without which the receiver could not trust the others.
    """
    if lot:
        return store.events(
            f"{_ABOUT_BENCHES} OR event.n IN (SELECT s.event FROM subject AS s"
            " JOIN event AS e ON e.n = s.event"
            " WHERE s.subject = 'lot:' || ?2 AND e.bench IN"
            " (SELECT bench FROM bench WHERE workshop = ?1 UNION SELECT ?1) OR s.subject IN ("
            f"SELECT 'machine:' || m.device FROM machine AS m WHERE {_IN_LOT} UNION ALL "
            "SELECT 'machine:' || a.device FROM machine AS m JOIN alias AS a"
            f" ON a.root = m.device WHERE {_IN_LOT}) OR s.subject IN ("
            "SELECT 'donor:' || l.donor FROM lot AS l WHERE l.workshop = ?1 AND l.lot = ?2))",
            lot,
        )
    if not held:
        return store.events()
    known = msgspec.json.encode({bench: seq for bench, (seq, _) in held.items()}).decode()
    return store.events(
        f"{_ABOUT_BENCHES} OR event.seq > coalesce("
        "(SELECT CAST(value AS INTEGER) FROM json_each(?) WHERE key = event.bench), 0)",
        (known,),
    )
