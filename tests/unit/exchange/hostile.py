"""Builds bags an attacker might: resealed with a key of his own, or of a certified bench.

The builder takes a good bag apart and puts it together again with one thing changed
and everything around it recomputed, so that only the check meant for it can refuse it.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.exchange import contents
from bench.exchange.archive import MAGIC, SEAL_BYTES
from bench.records.signed import sealed
from bench.records.signed.keys import Key

Members = dict[str, bytes]


def take_apart(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {info.filename.partition("/")[2]: archive.read(info) for info in archive.infolist()}


def with_events(members: Members, key: Key, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the event lines; statement and hashes are made to agree."""
    lines = change(members[contents.EVENTS].splitlines(keepends=True))
    members[contents.EVENTS] = b"".join(lines)
    value, _ = sealed.read(members[contents.STATEMENT], "statement")
    value["events"] = len(lines)
    value["events_sha256"] = hashlib.sha256(members[contents.EVENTS]).hexdigest()
    restate(members, key, value)


def restate(members: Members, key: Key, value: dict[str, object]) -> None:
    members[contents.STATEMENT] = sealed.sealed_bytes(key.seal("statement", value))


def reseal_tags(members: Members) -> None:
    """Manifests that agree with the payload as it is now."""
    payload = {name: body for name, body in members.items() if name.startswith("data/")}
    hashes = {name: hashlib.sha256(body).hexdigest() for name, body in payload.items()}
    members[contents.MANIFEST] = contents.write_manifest(hashes)
    size = sum(map(len, payload.values()))
    members[contents.INFO] = contents.write_info("x", "2026-01-01", size, len(payload), "x")
    tags = (contents.BAGIT, contents.INFO, contents.MANIFEST)
    members[contents.TAG_MANIFEST] = contents.write_manifest(
        {name: hashlib.sha256(members[name]).hexdigest() for name in tags}
    )


def put_together(
    out: Path,
    members: Members | list[tuple[str, bytes]],
    key: Key,
    *,
    folder: str = "bag/",
    change: Callable[[zipfile.ZipInfo], None] | None = None,
) -> None:
    """Zip and seal. `change` alters a member's header before it is written."""
    pairs = members if isinstance(members, list) else list(members.items())
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in pairs:
            info = zipfile.ZipInfo(folder + name, (1980, 1, 1, 0, 0, 0))
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            if change:
                change(info)
            archive.writestr(info, body)
        archive.comment = b" " * SEAL_BYTES
    seal(out, key)


def seal(path: Path, key: Key) -> None:
    """Seal whatever lies before the last `SEAL_BYTES` bytes."""
    body = path.read_bytes()[:-SEAL_BYTES]
    digest = hashlib.sha256(body).hexdigest().encode()
    signature = key.sign("bag", digest).hex().encode()
    public = key.public.hex().encode()
    path.write_bytes(body + MAGIC + digest + b" " + public + b" " + signature + b"\n")


def json_lines(*values: object) -> list[bytes]:
    return [msgspec.json.encode(value) + b"\n" for value in values]
