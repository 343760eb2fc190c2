"""Between the job folder and the first byte: find the disk, ask the guard, lock, open, check.

The wipe process asks everything again, whatever was asked when the job was
prepared: the disk may have been swapped, mounted or renamed since.
"""

from __future__ import annotations

import os
import time
from pathlib import Path, PurePosixPath

import msgspec

from diagnostics.command import Runner
from diagnostics.identity import Same, same
from wipe.decide.guard import examine, may_erase
from wipe.journal import lock
from wipe.journal.standing import Standing
from wipe.methods.hidden import rescan
from wipe.model.codes import Code, Reason, because
from wipe.model.spec import Target, TargetKind
from wipe.seen import naming, own_number
from wipe.seen.reading import read_topology
from wipe.seen.topology import Node, Topology
from wipe.surface.held import proves_itself, streams_left
from wipe.surface.io import Handle, open_target
from wipe.surface.write import chunk_bytes

# A SCSI drive that was erasing itself when the power went goes on with it, and is "not ready"
# until it is through (SBC-4, sanitize operations). A kernel that asked its size meanwhile holds it
# for zero.
WAKE_TRIES = 10
WAKE_PAUSE_S = 3.0


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
    topology, target = _find(runner, planned, before)
    for _ in range(WAKE_TRIES if before.touched and image is None else 0):
        shown = topology.node(PurePosixPath(target.path).name)
        if shown is None or shown.size_bytes:
            break
        rescan(target.path)
        time.sleep(WAKE_PAUSE_S)
        topology, target = _find(runner, planned, before)
    node = topology.node(PurePosixPath(target.path).name) if image is None else None
    doubts = list(may_erase(topology, target).reasons)
    swapped = [doubt for doubt in doubts if doubt.code is Code.DISK_SWAPPED]
    if doubts != swapped:
        return next(doubt for doubt in doubts if doubt.code is not Code.DISK_SWAPPED)
    if node is not None and topology.blind and os.geteuid() != 0:
        return because(Code.DENIED, path=target.path)  # somebody's program may be writing it
    locks = lock.take(jobs, lock.lock_names(target, node.number if node else None))
    if isinstance(locks, Reason):
        return locks
    handle = open_target(target)
    if isinstance(handle, Reason):
        return handle
    ready = Ready(target, handle, locks, node, topology.boot_id, False)
    known = not swapped and _known(topology, ready)
    reason = _opened_is_planned(ready) or (
        _changed_inside(runner, ready, before) if known else _recognise(runner, ready, before)
    )
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


def _find(runner: Runner, planned: Target, before: Standing) -> tuple[Topology, Target]:
    """The machine's disks now, and the one the job is about where it is now."""
    image = planned.path if planned.kind is TargetKind.IMAGE else None
    topology = read_topology(runner, image)
    target = own_number.follow(
        runner, topology, find_again(topology, rebound(topology, planned, before))
    )
    return topology, measure_again(topology, target, before)


def not_alone(runner: Runner, target: Target) -> Reason | None:
    """Who may have written beside us, asked once more at the end; or the file is another by now.

    What was opened and closed again in between is not seen; what it wrote before the read-back is.
    """
    image = target.kind is TargetKind.IMAGE
    topology = read_topology(runner, target.path if image else None)
    against = examine(topology, target).reasons
    return next((reason for reason in against if image or reason.code is Code.HELD_OPEN), None)


def _same_diskseq(before: Standing, node: Node | None) -> bool:
    """Before Linux 5.15 there is none, and a disk may have been pulled and put back unseen."""
    return node is not None and before.diskseq is not None and before.diskseq == node.diskseq


def measure_again(topology: Topology, target: Target, before: Standing) -> Target:
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


def rebound(topology: Topology, target: Target, before: Standing) -> Target:
    """The target as bound to the plugging-in of the last session, which knew the disk again."""
    if target.kind is TargetKind.IMAGE or not before.begun or topology.boot_id is None:
        return target
    if before.boot_id != topology.boot_id:
        return target  # it means nothing any more; the one of the plan may still do
    seen = msgspec.structs.replace(target.seen, boot_id=before.boot_id, diskseq=before.diskseq)
    return msgspec.structs.replace(target, seen=seen)


def find_again(topology: Topology, target: Target) -> Target:
    """After a reboot a disk may bear another name: follow its own number, where just one has it.

    A disk with a WWN alone is followed too; one whose number is not its own is known by its
    place only: whatever tells that number elsewhere may be another disk.
    """
    planned = naming.as_seen(target)
    if target.kind is TargetKind.IMAGE or not planned.named:
        return target
    disks = {
        node.name: naming.of_node(topology, node) for node in topology.nodes if not node.parent
    }
    here = disks.get(PurePosixPath(target.path).name)
    if here is not None and same(planned, here) is Same.YES:
        return target
    found = [name for name, disk in disks.items() if same(planned, disk) is Same.YES]
    if len(found) != 1:
        return target
    return msgspec.structs.replace(target, path=f"/dev/{found[0]}")


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


def _known(topology: Topology, ready: Ready) -> bool:
    """Whether the kernel alone tells that this is the disk that was planned."""
    target, node = ready.target, ready.node
    if target.kind is TargetKind.IMAGE or node is None:
        return True  # its inode was compared
    return same(naming.as_seen(target), naming.of_node(topology, node)) is Same.YES


def _changed_inside(runner: Runner, ready: Ready, before: Standing) -> Reason | None:
    """A dock may keep its own connection while the disk in it is changed: the plugging-in is the
    same, the disk is not. It is asked for its number, or must hold what this job wrote."""
    target = ready.target
    bridged = target.usb_bridge is not None or target.transport == "usb"
    if target.kind is TargetKind.IMAGE or not (bridged or naming.over_usb(target.seen.port)):
        return None
    if own_number.asks(target):
        told = own_number.is_it(runner, target)
        if told is not Same.UNKNOWN:
            return None if told is Same.YES else because(Code.DISK_SWAPPED)
    if not before.touched or not streams_left(ready.handle, before, chunk_bytes(target.size_bytes)):
        return None  # nothing was written that could tell it from another
    return None if proves_itself(ready.handle, before) else because(Code.CONTENT_CHANGED)


def _recognise(runner: Runner, ready: Ready, before: Standing) -> Reason | None:
    """A disk the kernel cannot name is known again by its own answer, or by what we wrote on it."""
    target = ready.target
    if own_number.is_it(runner, target) is Same.YES:
        return None
    if proves_itself(ready.handle, before):
        return None
    if target.seen.diskseq is None and target.seen.boot_id == ready.boot_id:
        return because(Code.ATTACHMENT_UNKNOWN)
    return because(Code.CONTENT_CHANGED if before.touched else Code.DISK_SWAPPED)
