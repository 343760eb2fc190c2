"""Between the job folder and the first byte: find the disk, ask the guard, lock, open, check.

The wipe process asks everything again, whatever was asked when the job was
prepared: the disk may have been swapped, mounted or renamed since.
"""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath

import msgspec

from diagnostics.command import Runner
from wipe import lock
from wipe.codes import Code, Reason, because
from wipe.guard import examine
from wipe.io import Buffer, Handle, open_target
from wipe.progress import Progress
from wipe.ranges import overlaps
from wipe.reading import read_topology
from wipe.spec import Target, TargetKind
from wipe.standing import Standing
from wipe.stream import Key, open_stream
from wipe.topology import Node, Topology
from wipe.write import chunk_bytes

_PLACES = 16  # looked at after a power cycle for whether a whole pass is still there


class Ready(msgspec.Struct):
    """An opened, locked, checked target. `locks` are descriptors to keep open."""

    target: Target
    handle: Handle
    locks: list[int]
    node: Node | None
    boot_id: str | None
    same_attachment: bool  # nothing can have been lost since the last session
    others_seen: bool = True  # every process could be asked whether it holds the disk open


def make_ready(runner: Runner, jobs: Path, planned: Target, before: Standing) -> Ready | Reason:
    """Everything that must hold before a write; the first reason against it otherwise."""
    image = planned.path if planned.kind is TargetKind.IMAGE else None
    topology = read_topology(runner, image)
    target = resized(topology, find_again(topology, planned), before)
    node = topology.node(PurePosixPath(target.path).name) if image is None else None
    doubts = list(examine(topology, target).reasons)
    swapped = [one for one in doubts if one.code is Code.DISK_SWAPPED]
    if doubts != swapped:
        return next(one for one in doubts if one.code is not Code.DISK_SWAPPED)
    if node is not None and topology.blind and os.geteuid() != 0:
        return because(Code.DENIED, path=target.path)  # somebody's program may be writing it
    locks = lock.take(jobs, lock.lock_names(target, node.number if node else None))
    if isinstance(locks, Reason):
        return locks
    handle = open_target(target)
    if isinstance(handle, Reason):
        return handle
    ready = Ready(target, handle, locks, node, topology.boot_id, False)
    reason = _opened_is_planned(ready) or _recognise(ready, before, bool(swapped))
    if reason is not None:
        handle.close()
        return reason
    ready.others_seen = not topology.blind
    ready.same_attachment = (
        before.boot_id is not None
        and before.boot_id == topology.boot_id
        and (image is not None or _same_diskseq(before, node))
    )
    return ready


def _same_diskseq(before: Standing, node: Node | None) -> bool:
    """Before Linux 5.15 there is none, and a disk may have been pulled and put back unseen."""
    return node is not None and before.diskseq is not None and before.diskseq == node.diskseq


def resized(topology: Topology, target: Target, before: Standing) -> Target:
    """The target with the size it has since this job removed its hidden areas.

    The kernel may show the new size only after a power cycle; only sizes the journal knows from
    the drive itself are taken.
    """
    node = topology.node(PurePosixPath(target.path).name)
    fact = before.facts.get("hidden_areas", {})
    sizes = [before.size_bytes or target.size_bytes]
    for name in ("native_sectors", "dco_sectors"):
        if isinstance(fact.get(name), int):
            sizes.append(fact[name] * target.logical_sector_bytes)
    if target.kind is TargetKind.BLOCK and node is not None and node.size_bytes in sizes:
        return msgspec.structs.replace(target, size_bytes=node.size_bytes)
    return msgspec.structs.replace(target, size_bytes=sizes[0])


def find_again(topology: Topology, target: Target) -> Target:
    """After a reboot a disk may bear another name: follow serial and WWN, where just one has them.

    A disk with a WWN alone is followed too; one with neither is known by its place only.
    """
    name = (target.seen.serial, target.seen.wwn)
    if target.kind is TargetKind.IMAGE or not any(name):
        return target
    here = topology.node(PurePosixPath(target.path).name)
    if here is not None and (here.serial, here.wwn) == name:
        return target
    same = [node for node in topology.nodes if (node.serial, node.wwn) == name and not node.parent]
    if len(same) != 1:
        return target
    return msgspec.structs.replace(target, path=f"/dev/{same[0].name}")


def _opened_is_planned(ready: Ready) -> Reason | None:
    """What was opened is what the guard looked at."""
    handle, target, node = ready.handle, ready.target, ready.node
    if handle.size_bytes != target.size_bytes:
        return because(Code.SIZE_CHANGED, planned=target.size_bytes, found=handle.size_bytes)
    if node is not None:
        opened = f"{os.major(handle.rdev)}:{os.minor(handle.rdev)}"
        return None if opened == node.number else because(Code.DISK_SWAPPED)
    found = os.fstat(handle.plain)
    if f"{found.st_dev}:{found.st_ino}" != target.seen.inode:
        return because(Code.IMAGE_SWAPPED)
    return because(Code.IMAGE_HARD_LINKED, links=found.st_nlink) if found.st_nlink != 1 else None


def _recognise(ready: Ready, before: Standing, swapped: bool) -> Reason | None:
    """A block device without serial and WWN is known again only by what we wrote on it."""
    seen = ready.target.seen
    if ready.target.kind is TargetKind.IMAGE or seen.serial or seen.wwn:
        return None
    rebooted = seen.boot_id != ready.boot_id
    if not swapped and not rebooted:
        return None
    if proves_itself(ready.handle, before):
        return None
    return because(Code.CONTENT_CHANGED if before.position_bytes else Code.DISK_SWAPPED)


def proves_itself(handle: Handle, before: Standing) -> bool:
    """Whether the disk holds our stream where the journal says it was written."""
    key = before.keys.get(before.sweep)
    chunk = chunk_bytes(handle.size_bytes)
    if key is None or not key.secret or before.position_bytes < chunk:
        return False
    last = before.position_bytes - chunk
    offsets = {0, last // 2 // chunk * chunk, last // chunk * chunk}
    listed = (*before.unwritten, *before.unreadable)
    return all(
        matches(handle, key, offset, chunk)
        for offset in offsets
        if not overlaps(listed, offset, chunk)
    )


def matches(handle: Handle, key: Key, offset: int, length: int) -> bool:
    """Whether [offset, offset + length) is what the key makes of it."""
    actual, wanted = Buffer(length), Buffer(length)
    try:
        handle.read(actual.view[:length], offset)
    except OSError:
        return False
    open_stream(key, length).fill(wanted.view[:length], offset)
    return actual.same(wanted, length)


def step_back(handle: Handle, key: Key, before: Standing, position: int) -> int:
    """After a power cut: how far back the disk really holds what it had confirmed.

    Drives exist that confirm a flush and forget. Going back doubles until one chunk is right;
    the read-back at the end still checks everything.
    """
    chunk = chunk_bytes(handle.size_bytes)
    back = chunk
    listed = (*before.unwritten, *before.unreadable)
    while position > 0:
        start = max(position - chunk, 0)
        length = position - start
        if overlaps(listed, start, length) or matches(handle, key, start, length):
            return position
        position = max(position - back, 0) // chunk * chunk
        back *= 2
    return 0


def kept_pass(handle: Handle, before: Standing, position: int) -> bool:
    """Whether the disk still holds, from `position` on, what the pass before wrote there.

    Places may hold the present pass already: it was ahead of its last durable position.
    """
    keys = [before.keys[one] for one in (before.sweep - 1, before.sweep) if one in before.keys]
    chunk = chunk_bytes(handle.size_bytes)
    last = max(handle.size_bytes - 1, 0) // chunk
    first = -(-position // chunk)
    chunks = {first + (last - first) * part // _PLACES for part in range(_PLACES + 1)}
    listed = (*before.unwritten, *before.unreadable)
    for offset in (one * chunk for one in sorted(chunks) if first <= one <= last):
        length = min(chunk, handle.size_bytes - offset)
        if overlaps(listed, offset, length):
            continue
        if not any(matches(handle, key, offset, length) for key in keys):
            return False
    return True


def believe(standing: Standing, progress: Progress | None, *, nothing_lost: bool) -> int:
    """Where to go on: the record of the last instant, or the last durable checkpoint."""
    if (
        progress is not None
        and nothing_lost
        and progress.session in standing.sessions
        and progress.journal_lines <= standing.lines
        and progress.sweep == standing.sweep
        and progress.position_bytes > standing.position_bytes
    ):
        return progress.position_bytes
    return standing.position_bytes
