"""The image that is written: a file, or the stick we run from."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from io import FileIO
from pathlib import Path

import msgspec

from bench.errors.failure import Exit, Failure
from bench.setup.given import given_file
from bench.stick import origin
from bench.stick.partitions import device
from bench.stick.seen import is_image, read_head, read_table, running_slot
from bench.stick.table import HEAD_BYTES, ORIGIN, OURS, STATE, Table
from diagnostics.command import Runner
from wipe.decide.guard import boot_medium
from wipe.seen.topology import Topology

CHUNK_BYTES = 4 << 20
_MAX_MANIFEST = 1 << 20
_MAX_RELEASE = 2048  # a statement has about 500 bytes


class Source(msgspec.Struct, frozen=True):
    """An image. `sha256`: what it must have, or "". `kept`: stretches of it that are not where
    the rest is read, by offset: the head of a stick with partitions, its state."""

    path: str
    size_bytes: int
    head: bytes
    table: Table
    sha256: str
    kept: tuple[tuple[int, bytes], ...] = ()
    release: bytes = b""  # what its maker signed of it; nobody has looked at it yet

    def read(self, file: FileIO, view: memoryview, offset: int) -> None:
        """Fill `view`. Raises `OSError`."""
        file.seek(offset)
        left = view
        while left:
            got = file.readinto(left)
            if not got:
                raise OSError(5, "end reached too early")
            left = left[got:]
        for at, data in self.kept:
            first, last = max(at, offset), min(at + len(data), offset + len(view))
            if first < last:
                view[first - offset : last - offset] = data[first - at : last - at]

    def origin(self, sha256: str) -> bytes:
        """The note of it for a stick (`origin.py`). Raises `OSError`."""
        state = self.table.of_type(STATE)
        ranges = [(0, HEAD_BYTES)]
        kept = [self.head]
        if state is not None:
            ranges.append((state.start_bytes, state.size_bytes))
            buffer = bytearray(state.size_bytes)
            with Path(self.path).open("rb", buffering=0) as file:
                self.read(file, memoryview(buffer), state.start_bytes)
            kept.append(bytes(buffer))
        release = self.release.decode("ascii", "replace")
        note = origin.Origin(self.size_bytes, sha256, tuple(ranges), release)
        return origin.encode(note, tuple(kept))


def from_file(runner: Runner, path: str) -> Source:
    """An image file made by live/build, whole. Raises `Failure`."""
    place = given_file(path)
    head = read_head(path)
    table, _ = read_table(runner, path)
    if table is None or not table.fits_head or not is_image(head):
        raise Failure("stick_no_image", Exit.USAGE, path=path)
    size_bytes = place.stat().st_size
    if size_bytes != table.length_bytes:
        values = {"found": size_bytes, "wanted": table.length_bytes}
        raise Failure("stick_image_cut", Exit.USAGE, path=path, **values)
    return Source(path, size_bytes, head, table, _manifest(place), release=_beside(place))


def _beside(image: Path) -> bytes:
    """What was signed of it, in FILE.release; empty without one."""
    try:
        with Path(f"{image}.release").open("rb") as file:
            return file.read(_MAX_RELEASE)
    except OSError:
        return b""


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
    path, slot = f"/dev/{node.name}", running_slot(runner)
    return of_stick(runner, device(runner, path, slot, time.sleep) if slot else path)


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
    found, pieces = kept
    ranges = tuple((at, piece) for (at, _), piece in zip(found.ranges, pieces, strict=True))
    table = Table(parts, found.image_bytes, table.entries)
    release = found.release.encode()
    return Source(path, found.image_bytes, pieces[0], table, found.sha256, ranges, release)


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
