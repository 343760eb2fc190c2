"""Asks a disk behind a USB bridge for its own number, where the bridge lets the question through.

The kernel shows the bridge's number; the disk's own was read when the job was planned
(`diagnostics`). Before it counts again it is asked again. Reads only.
"""

from __future__ import annotations

from pathlib import PurePosixPath

import msgspec

from diagnostics.command import Runner
from diagnostics.identity import DiskIdentity, Doubt, Same, same
from wipe.model.spec import Target
from wipe.seen import naming
from wipe.seen.topology import Topology


def asks(target: Target) -> bool:
    """Whether the job's disk bears a number that only the disk itself can tell."""
    return naming.own(target).named and not naming.as_seen(target).named


def is_it(runner: Runner, target: Target) -> Same:
    """Whether the disk at the target's path says it is the target's."""
    if not asks(target):
        return Same.UNKNOWN
    return same(naming.own(target), _told(runner, target))


def follow(runner: Runner, topology: Topology, target: Target) -> Target:
    """The target where its disk is now: on another USB port it may bear another name."""
    if not asks(target):
        return target
    here = topology.node(PurePosixPath(target.path).name)
    if (
        here is not None
        and same(naming.as_seen(target), naming.of_node(topology, here)) is Same.YES
    ):
        return target
    found = []
    for node in topology.nodes:
        if node.parent is None and node.size_bytes and naming.over_usb(node.port):
            there = msgspec.structs.replace(target, path=f"/dev/{node.name}")
            if is_it(runner, there) is Same.YES:
                seen = msgspec.structs.replace(target.seen, serial=node.serial, wwn=node.wwn)
                found.append(msgspec.structs.replace(there, seen=seen))
    return found[0] if len(found) == 1 else target


def _told(runner: Runner, target: Target) -> DiskIdentity:
    """What the disk says of itself; in doubt where only its bridge answered."""
    for typed in ((), ("-d", "sat")):  # smartctl does not know every bridge that lets ATA through
        done = runner.run(("smartctl", "-i", "-j", *typed, target.path), timeout_s=20.0)
        found = parse(done.stdout)
        if found.named:
            return msgspec.structs.replace(found, size_bytes=target.size_bytes)
    return DiskIdentity(doubt=Doubt.BRIDGE)


class _Device(msgspec.Struct, frozen=True):
    protocol: str = ""


class _Name(msgspec.Struct, frozen=True):
    naa: int
    oui: int
    id: int


class _Answer(msgspec.Struct, frozen=True):
    device: _Device = _Device()
    serial_number: str | None = None
    model_name: str | None = None
    wwn: _Name | None = None


_ANSWERS = msgspec.json.Decoder(_Answer)


def parse(raw: bytes) -> DiskIdentity:
    """`smartctl -i -j`. IDENTIFY and an NVMe controller's answer are the disk's own words;
    INQUIRY is the bridge's."""
    try:
        told = _ANSWERS.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return DiskIdentity(doubt=Doubt.BRIDGE)
    own = told.device.protocol.upper() in ("ATA", "NVME")
    name = told.wwn
    return DiskIdentity(
        model=told.model_name,
        serial=told.serial_number,
        wwn=f"0x{name.naa:x}{name.oui:06x}{name.id:09x}" if name is not None else None,
        doubt=None if own else Doubt.BRIDGE,
    )
