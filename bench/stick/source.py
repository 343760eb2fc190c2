"""The image that is written: a file, or the stick we run from."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from io import FileIO
from pathlib import Path

import msgspec

from bench.errors.failure import Exit, Failure
from bench.stick import origin
from bench.stick.seen import is_image, read_head, read_table
from bench.stick.table import HEAD_BYTES, ORIGIN, OURS, Table
from diagnostics.command import Runner
from wipe.decide.guard import boot_medium
from wipe.seen.topology import Topology

CHUNK_BYTES = 4 << 20
_MAX_MANIFEST = 1 << 20


class Source(msgspec.Struct, frozen=True):
    """An image: its first bytes, and where the rest is read. `sha256`: what it must have, or ""."""

    path: str
    size_bytes: int
    head: bytes
    table: Table
    sha256: str

    def read(self, file: FileIO, view: memoryview, offset: int) -> None:
        """Fill `view`, the head not from the file. Raises `OSError`."""
        if offset < HEAD_BYTES:
            part = self.head[offset : offset + len(view)]
            view[: len(part)] = part
            view, offset = view[len(part) :], offset + len(part)
        file.seek(offset)
        while view:
            got = file.readinto(view)
            if not got:
                raise OSError(5, "end reached too early")
            view = view[got:]


def from_file(runner: Runner, path: str) -> Source:
    """An image file made by live/build, whole. Raises `Failure`."""
    place = Path(path)
    if not place.is_file():
        raise Failure("file_missing", Exit.USAGE, path=path)
    head = read_head(path)
    table, _ = read_table(runner, path)
    if table is None or not table.fits_head or not is_image(head):
        raise Failure("stick_no_image", Exit.USAGE, path=path)
    size_bytes = place.stat().st_size
    if size_bytes != table.length_bytes:
        values = {"found": size_bytes, "wanted": table.length_bytes}
        raise Failure("stick_image_cut", Exit.USAGE, path=path, **values)
    return Source(path, size_bytes, head, table, _manifest(place))


def _manifest(image: Path) -> str:
    """The SHA-256 that live/build wrote beside it; "" without one."""
    try:
        with Path(f"{image}.manifest").open("rb") as file:
            text = file.read(_MAX_MANIFEST).decode("utf-8", "replace")
    except OSError:
        return ""
    found = re.match(r"image ([0-9a-f]{64})\n", text)
    return found[1] if found else ""


def from_boot_stick(runner: Runner, topology: Topology) -> Source:
    """The image of the stick we run from, as it was before its partitions were made.

    Raises `Failure`: pulled out, or not started from a stick.
    """
    node = boot_medium(topology)
    if node is None or not topology.live:
        raise Failure("stick_no_source", Exit.USAGE)
    return of_stick(runner, f"/dev/{node.name}")


def of_stick(runner: Runner, path: str) -> Source:
    """The image on a stick. Raises `Failure` where there is none that can be told."""
    head = read_head(path)
    table, _ = read_table(runner, path)
    if table is None or not table.fits_head or not is_image(head):
        raise Failure("stick_source_unlike", Exit.MACHINE, path=path)
    parts = tuple(part for part in table.parts if part.type not in OURS)
    note = table.of_type(ORIGIN)
    if note is None:  # written by dd, as it is
        plain = Table(parts, table.length_bytes, table.entries)
        return Source(path, table.length_bytes, head, plain, "")
    try:
        with Path(path).open("rb") as file:
            file.seek(note.start_bytes)
            kept = origin.decode(file.read(origin.ORIGIN_BYTES))
    except OSError:
        kept = None
    if kept is None or kept[0].image_bytes > note.start_bytes:
        raise Failure("stick_source_unlike", Exit.MACHINE, path=path)
    found, before = kept
    table = Table(parts, found.image_bytes, table.entries)
    return Source(path, found.image_bytes, before, table, found.sha256)


def digest(source: Source, show: Callable[[int], None]) -> str:
    """The SHA-256 of all of it. Raises `Failure` where it is not what it must be, or unread."""
    found = hashlib.sha256()
    buffer = memoryview(bytearray(CHUNK_BYTES))
    try:
        with Path(source.path).open("rb", buffering=0) as file:
            for at in range(0, source.size_bytes, CHUNK_BYTES):
                view = buffer[: min(CHUNK_BYTES, source.size_bytes - at)]
                source.read(file, view, at)
                found.update(view)
                show(at + len(view))
    except OSError as error:
        raise Failure("file_unreadable", path=source.path, why=error.strerror) from error
    if source.sha256 and found.hexdigest() != source.sha256:
        raise Failure("stick_image_changed", Exit.FINDING, path=source.path)
    return found.hexdigest()
