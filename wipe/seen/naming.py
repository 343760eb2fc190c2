"""Who a target and who a device is, in the words of `diagnostics.identity`. Pure.

A target knows two numbers: what the drive said of itself when it was probed (`serial`, `wwn`)
and what the kernel showed then (`seen`). The first names the disk for people, locks and papers;
the second is compared with what the kernel shows now. Over USB the kernel shows the bridge's
number, whatever is behind it: there only one plugging-in, or the disk's own answer, counts.
"""

from __future__ import annotations

import re

from diagnostics.identity import Attachment, DiskIdentity, Doubt, Same, same
from diagnostics.model import Disk
from wipe.model.spec import Target, TargetKind
from wipe.seen.topology import Node, Topology

_USB = re.compile(r"/usb[0-9]+(/|$)")


def over_usb(port: str | None) -> bool:
    """Whether a device hangs on a USB bus, by its sysfs path."""
    return port is not None and _USB.search(port) is not None


def doubt_of(target: Target) -> Doubt | None:
    """Why the target's number is not the disk's own.

    A job made before ports were kept does not say who told its number: over USB it is doubted.
    """
    if target.doubt is not None:
        return target.doubt
    bridged = target.usb_bridge is not None or target.transport == "usb"
    return Doubt.BRIDGE if bridged and target.seen.port is None else None


def as_doubt(word: str | None) -> Doubt | None:
    """The doubt a probe names; one this version does not know is a doubt all the same."""
    if not word:
        return None
    try:
        return Doubt(word)
    except ValueError:
        return Doubt.BRIDGE


def own(target: Target) -> DiskIdentity:
    """The disk as people, locks and papers name it."""
    seen_wwn = target.seen.wwn
    return DiskIdentity(
        model=target.model,
        serial=target.serial or target.seen.serial,
        wwn=target.wwn or (None if target.serial and over_usb(target.seen.port) else seen_wwn),
        size_bytes=target.size_bytes,
        attachment=_attachment(target),
        doubt=doubt_of(target),
    )


def of_disk(disk: Disk) -> DiskIdentity:
    """A probed disk, wherever it was plugged."""
    doubt = as_doubt(disk.serial_doubt)
    return DiskIdentity(disk.model, disk.serial, disk.wwn, disk.size_bytes, doubt=doubt)


def as_seen(target: Target) -> DiskIdentity:
    """The target as the kernel showed it when it was planned."""
    seen = target.seen
    bridged = over_usb(seen.port) or target.usb_bridge is not None or target.transport == "usb"
    return DiskIdentity(
        model=seen.model,
        serial=seen.serial,
        wwn=seen.wwn,
        size_bytes=target.size_bytes,
        attachment=_attachment(target),
        doubt=doubt_of(target) or (Doubt.BRIDGE if bridged else None),
    )


def _attachment(target: Target) -> Attachment:
    seen = target.seen
    if target.kind is TargetKind.IMAGE:
        return Attachment(inode=seen.inode)
    return Attachment(boot_id=seen.boot_id, diskseq=seen.diskseq, port=seen.port)


def of_node(topology: Topology, node: Node) -> DiskIdentity:
    """The device as the kernel shows it now."""
    doubt = Doubt.BRIDGE if over_usb(node.port) else None
    if doubt is None and shared(topology, node):
        doubt = Doubt.SHARED
    return _plain(topology, node, doubt)


def shared(topology: Topology, node: Node) -> bool:
    """Whether another whole device is there that tells the same number, and no WWN of its own."""
    mine = _plain(topology, node, None)
    others = (
        _plain(topology, member, None)
        for member in topology.nodes
        if member.name != node.name and _whole(member)
    )
    return mine.named and any(other.named and same(other, mine) is Same.YES for other in others)


def _whole(node: Node) -> bool:
    """A disk of its own: no partition, no volume on top, no hidden path of another device."""
    layered = node.mapper_uuid is not None or node.md or node.hidden
    return node.parent is None and not layered


def _plain(topology: Topology, node: Node, doubt: Doubt | None) -> DiskIdentity:
    return DiskIdentity(
        model=node.model,
        serial=node.serial,
        wwn=node.wwn,
        size_bytes=node.size_bytes,
        attachment=Attachment(topology.boot_id, node.diskseq, node.port),
        doubt=doubt,
    )
