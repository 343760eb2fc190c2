"""Taking the network's packs from the server one pushes to: asked for on the same line.

What comes is a bag like any other and is believed as one: by the signatures in it and the
workshops registered here, never for who handed it over.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import msgspec

from bench.exchange.importing import Imported, import_bags
from bench.exchange.trust import Heard
from bench.exchange.wire import Offer, Server
from bench.records.errors import RecordsError
from bench.records.log import Log
from bench.records.sql.failing import disk_error
from diagnostics import durable

MOST_BYTES = 512 << 20
_NAME = re.compile("[0-9a-f]{64}")


class Fetched(msgspec.Struct, frozen=True):
    """What became of it. `outcome`: none (nothing to give), known (all is here), applied, refused
    (`code`), unknown_network (nobody registered here speaks in it), not_served (an older server).
    """

    outcome: str
    added: int = 0
    code: str = ""


def fetch(log: Log, server: Server, heard: Heard | None = None) -> Fetched:
    """Take the packs a server has to give. `heard`: the network's fingerprint, read aloud.

    Raises `RecordsError`: `push_*` (the line failed), `fingerprint_*`, `store_*`.
    """
    try:
        offer = server.packs()
    except RecordsError as error:
        if error.values.get("detail") == "upload_name":
            return Fetched("not_served")
        raise
    if not offer.sha256:
        return Fetched("none")
    if not _NAME.fullmatch(offer.sha256) or not 0 < offer.size_bytes <= MOST_BYTES:
        raise RecordsError("push_refused", url=server.url, detail="packs")
    if heard is None and not set(offer.networks) <= log.store.known().workshops.keys():
        return Fetched("unknown_network")
    if log.store.query("SELECT 1 FROM bag_in WHERE sha256 = ?", (offer.sha256,)):
        return Fetched("known")
    bag = _taken(log, server, offer, heard)
    if bag.error is not None:
        return Fetched("refused", code=bag.error.code)
    return Fetched(bag.outcome, bag.added)


def _taken(log: Log, server: Server, offer: Offer, heard: Heard | None) -> Imported:
    folder = log.store.path.parent / "incoming"
    spool = folder / f"{os.getpid()}-packs-{log.random(8).hex()}.part"
    try:
        durable.folder(folder)
        _download(server, offer, spool)
        (bag,) = import_bags(log, [spool], heard=heard).bags
    except OSError as error:
        raise disk_error(error, folder) from error
    finally:
        durable.drop(spool)
    return bag


def _download(server: Server, offer: Offer, spool: Path) -> None:
    size, found = 0, hashlib.sha256()
    with os.fdopen(durable.new_file(spool), "wb") as file:
        while size < offer.size_bytes:
            part = server.packs_part(offer.sha256, size)
            size += len(part)
            if not part or size > offer.size_bytes:
                raise RecordsError("push_refused", url=server.url, detail="packs")
            found.update(part)
            file.write(part)
    if found.hexdigest() != offer.sha256:
        raise RecordsError("push_refused", url=server.url, detail="packs")
