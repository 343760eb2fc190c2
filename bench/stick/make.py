"""A stick from the first byte to the file system for its records; each step read back.

The order is chosen for the plug that is pulled: the head, with boot code and partition table,
comes last. Cut off before, an empty stick starts no PC and must only be written again; a stick
whose records are kept has its old table, and them, until the new one is whole.
"""

from __future__ import annotations

import enum
import os
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import msgspec

from bench.erasing.candidates import present
from bench.errors.failure import Exit, Failure
from bench.stick import partitions, write
from bench.stick.decide import Answer, Wish, answer
from bench.stick.layout import END_BYTES, Layout
from bench.stick.seen import holds_filesystem, read_seen
from bench.stick.source import Source, digest
from bench.stick.table import DATA, HEAD_BYTES, SLOT, Part, Table
from bench.words.reasons import reason_text
from diagnostics.command import Runner
from diagnostics.model import DiskKind
from wipe.job.prepare import confirm_code, confirm_codes, target_from_node
from wipe.model.codes import Reason
from wipe.model.spec import Target
from wipe.seen.topology import Topology
from wipe.surface.io import Handle, open_target

if TYPE_CHECKING:
    from collections.abc import Iterator


class Phase(enum.StrEnum):
    """What is being done; sentences: bench/words, `stick.phase`."""

    CHECK = "check"
    PREPARE = "prepare"
    WRITE = "write"
    READ = "read"
    DIVIDE = "divide"


Show = Callable[[Phase, int, int], None]  # phase, bytes done, bytes in all


class Candidate(msgspec.Struct, frozen=True):
    """A stick, what would be written on it, and the answer."""

    target: Target
    number: str  # "8:16"
    confirm: str
    removable_bit: bool  # it says itself that it is a stick; a disk in an enclosure does not
    answer: Answer
    table: Table | None
    records: bool


class Written(msgspec.Struct, frozen=True):
    """What is on the stick now."""

    sha256: str
    image_bytes: int
    data: Part
    slot: Part | None
    made: bool = True  # False: the partition for the records was there already


def weigh(
    runner: Runner, topology: Topology, device: str, wish: Wish, source: Table | None
) -> Candidate:
    """May this stick be written? `source`: the image's table; `None`: the one on the stick."""
    real = runner.link(device) or device
    targets = present(topology, ())
    target = next((found for found in targets if found.path == real), None)
    target = target or target_from_node(real, topology)
    if target is None:
        raise Failure("disk_unknown", Exit.USAGE, path=device)
    seen = read_seen(runner, target.path)
    image = source or seen.table or Table((), 0, 0)
    node = topology.node(PurePosixPath(target.path).name)
    return Candidate(
        target=target,
        number=node.number if node is not None else "",
        confirm=confirm_codes(targets).get(target.path) or confirm_code(target),
        removable_bit=node is not None and node.kind in (DiskKind.USB_FLASH, DiskKind.SD),
        answer=answer(topology, target, seen, wish, image),
        table=seen.table,
        records=seen.records,
    )


def make(
    runner: Runner,
    candidate: Candidate,
    source: Source,
    wish: Wish,
    *,
    random: Callable[[int], bytes],
    show: Show,
) -> Written:
    """Write the image and make the partitions. Raises `Failure`; the stick is then not done."""
    layout = _wanted(candidate)
    path = candidate.target.path
    wanted = digest(source, lambda done: show(Phase.CHECK, done, source.size_bytes))
    with _opened(candidate) as handle:
        secret, keep = random(16), wish is Wish.KEEP
        starts = [part.start_bytes for part in layout.parts if part.uuid is None]
        free = () if keep else write.places(layout.parts[0].end_bytes, layout.stick_bytes)
        show(Phase.PREPARE, 0, 1)
        if not keep:
            write.blank(handle, [0, layout.stick_bytes - END_BYTES])
        write.mark(handle, free, secret)
        total = source.size_bytes
        found = write.body(handle, source, lambda done: show(Phase.WRITE, done, total))
        write.put(handle, layout.parts[0].start_bytes, source.origin(wanted))
        handle.drop_cache()
        back = write.read_back(handle, source, lambda done: show(Phase.READ, done, total))
        if found != wanted:
            raise Failure("stick_image_changed", Exit.FINDING, path=source.path)
        if back != wanted:
            raise Failure("stick_differs", Exit.FINDING, path=path)
        if write.unmarked(handle, free, secret):
            raise Failure("stick_size_lie", Exit.FINDING, path=path)
        show(Phase.DIVIDE, 0, 1)
        write.blank(handle, starts[1:])  # the first is the note
        made = partitions.compose(runner, source.head, source.table, layout)
        _put_table(handle, made, path, HEAD_BYTES)
    return _finish(runner, candidate, made.table, layout, wanted, fresh=not keep)


def make_data(
    runner: Runner, candidate: Candidate, source: Source, show: Show = lambda *_: None
) -> Written:
    """Only the partitions behind the image of a stick that another tool wrote; or what of it is
    missing. The stick we run from may be this one. Raises `Failure`."""
    layout, table = _wanted(candidate), candidate.table
    data = table.of_type(DATA) if table is not None else None
    if table is not None and data is not None:
        if candidate.answer.there:
            return Written(source.sha256, source.size_bytes, data, table.of_type(SLOT), made=False)
        return _finish(runner, candidate, table, layout, source.sha256, fresh=True)
    path = candidate.target.path
    show(Phase.DIVIDE, 0, 1)
    with _opened(candidate) as handle:
        made = partitions.compose(runner, source.head, source.table, layout)
        write.blank(handle, [part.start_bytes for part in layout.parts])
        write.put(handle, layout.parts[0].start_bytes, source.origin(source.sha256))
        _put_table(handle, made, path, 2 * 512 + made.table.entries * 128)
    return _finish(runner, candidate, made.table, layout, source.sha256, fresh=True)


def _wanted(candidate: Candidate) -> Layout:
    if candidate.answer.layout is None:
        raise Failure("stick_refused", Exit.REFUSED, path=candidate.target.path, reasons="")
    return candidate.answer.layout


@contextmanager
def _opened(candidate: Candidate) -> Iterator[Handle]:
    """The stick that was weighed, for us alone; what goes wrong with it is said as such."""
    target = candidate.target
    handle = open_target(target, shared=candidate.answer.own)
    if isinstance(handle, Reason):
        reasons = reason_text(handle)
        raise Failure("stick_refused", Exit.REFUSED, path=target.path, reasons=reasons)
    try:
        if not _is_it(handle, candidate):
            raise Failure("disk_unknown", Exit.REFUSED, path=target.path)
        yield handle
        handle.flush()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Failure("stick_failed", Exit.MACHINE, path=target.path, why=why) from error
    finally:
        handle.close()


def _is_it(handle: Handle, candidate: Candidate) -> bool:
    opened = f"{os.major(handle.rdev)}:{os.minor(handle.rdev)}"
    return opened == candidate.number and handle.size_bytes == candidate.target.size_bytes


def _put_table(handle: Handle, made: partitions.Made, path: str, head_bytes: int) -> None:
    """First the backup at the end, then the head at once; both are read again."""
    head = made.head[:head_bytes]
    end = handle.size_bytes - END_BYTES
    write.put(handle, end, made.tail)
    handle.flush()
    write.put(handle, 0, head)
    handle.drop_cache()
    if write.take(handle, 0, len(head)) != head or write.take(handle, end, END_BYTES) != made.tail:
        raise Failure("stick_differs", Exit.FINDING, path=path)


def _finish(
    runner: Runner, candidate: Candidate, table: Table, layout: Layout, sha256: str, *, fresh: bool
) -> Written:
    """The kernel is told; `fresh`: the partition for the records gets its file system."""
    data = table.of_type(DATA)
    if data is None:
        raise Failure("stick_table", Exit.MACHINE, why=DATA)
    path = candidate.target.path
    partitions.tell_kernel(runner, path)
    if fresh:
        node = partitions.device(runner, path, data.number, time.sleep)
        partitions.make_filesystem(runner, node, data.size_bytes)
        if not holds_filesystem(runner, path, data):
            raise Failure("stick_differs", Exit.FINDING, path=path)
    return Written(sha256, layout.image_bytes, data, table.of_type(SLOT), made=fresh)
