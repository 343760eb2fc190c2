"""Files that events name by hash: attestations, journals, photographs.

They lie in the database so that one transaction covers them, and a backup too. One
that names persons carries their references, parted by spaces: it never leaves, and `forget`
of any of them erases it.
"""

from __future__ import annotations

import hashlib

from bench.records.errors import RecordsError
from bench.records.store import Store

WAS_PUBLIC = "was_public:"  # rows of `meta`: bags had left before it named a person
MAX_BYTES = 32 * 1024 * 1024


def attach(store: Store, content: bytes, *, person: str = "") -> str:
    """Keep a file; gives its SHA-256 (hex). Raises `RecordsError` (`attachment_too_big`)."""
    if len(content) > MAX_BYTES:
        raise RecordsError("attachment_too_big", limit=MAX_BYTES)
    digest = hashlib.sha256(content)
    with store.transaction():
        store.db.conn.execute(
            "INSERT INTO attachment VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (digest.digest(), len(content), content, person),
        )
        if person:
            _name(store, digest.digest(), person)
    return digest.hexdigest()


def _name(store: Store, digest: bytes, person: str) -> None:
    """The file may have been kept before anybody knew that it names this person."""
    ((before,),) = store.query("SELECT person FROM attachment WHERE sha256 = ?", (digest,))
    if person in before.split():
        return
    named = f"{before} {person}".strip()
    store.db.conn.execute("UPDATE attachment SET person = ? WHERE sha256 = ?", (named, digest))
    if not before and store.query("SELECT 1 FROM bag_out LIMIT 1"):
        store.set_meta(WAS_PUBLIC + digest.hex(), 1)


def content(store: Store, sha256: str) -> bytes | None:
    """The file of this hash, `None` where it is not here."""
    rows = store.query("SELECT body FROM attachment WHERE sha256 = ?", (bytes.fromhex(sha256),))
    return bytes(rows[0][0]) if rows else None


def public_hashes(store: Store) -> set[str]:
    """The files that may leave."""
    rows = store.query("SELECT lower(hex(sha256)) FROM attachment WHERE person = ''")
    return {name for (name,) in rows}
