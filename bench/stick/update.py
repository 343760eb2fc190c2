"""A newer image on the stick we run from: written beside the one that runs, then tried once."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from bench.errors.failure import Exit, Failure
from bench.stick import state, write
from bench.stick.make import Phase, Show
from bench.stick.partitions import device
from bench.stick.release import believed
from bench.stick.seen import read_table, running_slot
from bench.stick.source import Source, digest
from bench.stick.state import State
from bench.stick.table import HEAD_BYTES, SLOT, STATE, Part
from bench.words.reasons import reason_text
from diagnostics.command import Runner
from wipe.decide.guard import boot_medium, in_use
from wipe.job.prepare import target_from_node
from wipe.model.codes import Reason
from wipe.seen.topology import Topology
from wipe.surface.io import Handle, open_target


class Own(msgspec.Struct, frozen=True):
    """The stick we run from: its slots, its state, and what of it runs."""

    path: str
    number: str  # "8:16"
    slots: tuple[Part, ...]
    state: Part
    running: int | None
    uuid: str  # of the image that runs


def own_stick(runner: Runner, topology: Topology) -> Own:
    """Raises `Failure`: pulled out, or made before there were updates."""
    node = boot_medium(topology)
    if node is None or not topology.live:
        raise Failure("stick_no_source", Exit.USAGE)
    path = f"/dev/{node.name}"
    table, _ = read_table(runner, path)
    place = table.of_type(STATE) if table is not None else None
    if table is None or place is None:
        raise Failure("stick_no_slot", Exit.REFUSED, path=path)
    uuid = next((mark.value for mark in topology.boot_marks if mark.kind == "uuid"), "")
    return Own(path, node.number, table.all_of_type(SLOT), place, running_slot(runner), uuid)


def update(
    runner: Runner,
    topology: Topology,
    source: Source,
    trusted: frozenset[str],
    *,
    show: Show,
    pause: Callable[[float], object],
) -> int:
    """Write `source` to the slot that does not run; give its number. Raises `Failure`.

    Nothing of the image that runs is touched: cut off anywhere, it starts as before.
    """
    own, said = own_stick(runner, topology), believed(source, trusted)
    if not own.uuid or said.uuid <= own.uuid:
        raise Failure("stick_older", Exit.REFUSED, found=said.uuid, running=own.uuid or "?")
    size = source.size_bytes
    if digest(source, lambda done: show(Phase.CHECK, done, size)) != said.sha256:
        raise Failure("stick_signature", Exit.REFUSED, path=source.path)
    with _opened(topology, own) as handle:
        at, now = _state(handle, own.state)
        number = state.slot_for(tuple(slot.number for slot in own.slots), own.running, now)
        slot = next((slot for slot in own.slots if slot.number == number), None)
        if slot is None or slot.size_bytes < size:
            raise Failure("stick_no_slot", Exit.REFUSED, path=own.path)
        _must_be_free(runner, topology, own.path, slot.number, pause)
        _put(handle, at, state.prepared(now, slot.number))
        write.blank(handle, [slot.start_bytes])
        found = write.body(handle, source, lambda done: show(Phase.WRITE, done, size), slot)
        write.put(handle, slot.start_bytes, source.head)
        handle.drop_cache()
        back = write.read_back(handle, source, lambda done: show(Phase.READ, done, size), slot)
        head = write.take(handle, slot.start_bytes, HEAD_BYTES)
        if found != said.sha256 or back != said.sha256 or head != source.head:
            raise Failure("stick_differs", Exit.FINDING, path=own.path)
        _put(handle, at, state.to_be_tried(state.prepared(now, slot.number), slot.number))
    return slot.number


def come_up(runner: Runner, topology: Topology) -> bool:
    """The first screen is there: an update that runs is good from now on. Raises `Failure`.

    True when that was written now.
    """
    own = own_stick(runner, topology)
    with _opened(topology, own) as handle:
        at, now = _state(handle, own.state)
        after = state.come_up(now, own.running)
        if after != now:
            _put(handle, at, after)
    return after != now


def _must_be_free(
    runner: Runner, topology: Topology, path: str, number: int, pause: Callable[[float], object]
) -> None:
    node = topology.node(device(runner, path, number, pause).rpartition("/")[2])
    used = in_use(topology, node) if node is not None else []
    if node is None or used:
        reasons = " ".join(map(reason_text, used))
        raise Failure("stick_refused", Exit.REFUSED, path=path, reasons=reasons)


@contextmanager
def _opened(topology: Topology, own: Own) -> Iterator[Handle]:
    """The stick we run from, of which a part is mounted."""
    path, target = own.path, target_from_node(own.path, topology)
    handle = open_target(target, shared=True) if target is not None else None
    if target is None or handle is None or isinstance(handle, Reason):
        reasons = reason_text(handle) if isinstance(handle, Reason) else ""
        raise Failure("stick_refused", Exit.REFUSED, path=path, reasons=reasons)
    try:
        opened = f"{os.major(handle.rdev)}:{os.minor(handle.rdev)}"
        if (opened, handle.size_bytes) != (own.number, target.size_bytes):
            raise Failure("disk_unknown", Exit.REFUSED, path=path)
        yield handle
        handle.flush()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Failure("stick_update_failed", Exit.MACHINE, path=path, why=why) from error
    finally:
        handle.close()


def _state(handle: Handle, place: Part) -> tuple[int, State]:
    """Where the block lies on the stick, and what it says. Raises `Failure`."""
    partition = write.take(handle, place.start_bytes, place.size_bytes)
    at = state.find(partition)
    if at is None:
        raise Failure("stick_state", Exit.MACHINE)
    return place.start_bytes + at, state.parse(partition[at : at + state.BLOCK_BYTES])


def _put(handle: Handle, at: int, wanted: State) -> None:
    """On the medium, and read back, before anything that depends on it."""
    block = state.compose(wanted)
    write.put(handle, at, block)
    handle.drop_cache()
    if write.take(handle, at, len(block)) != block:
        raise Failure("stick_state", Exit.MACHINE)
