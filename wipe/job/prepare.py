"""Makes a job: target, confirmation code, job folder. Starts nothing."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from diagnostics import durable
from diagnostics.drivekind import settle
from diagnostics.identity import Doubt, Same, same
from diagnostics.model import Disk, DiskKind
from wipe.decide.plan import Plan
from wipe.journal.journal import rfc3339
from wipe.model.spec import JobSpec, Options, Seen, Target, TargetKind, write_spec
from wipe.seen import naming
from wipe.seen.reading import image_facts
from wipe.seen.topology import Node, Topology

_CODE_LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"  # nothing that looks like something else


def target_from_disk(disk: Disk, topology: Topology) -> Target | None:
    """The target of a probed disk; `None` when the kernel does not show it or its size."""
    node = topology.node(disk.name)
    if node is None or not node.size_bytes:
        return None
    sector = node.logical_sector_bytes or disk.logical_sector_bytes or 512
    return Target(
        path=disk.path,
        kind=TargetKind.BLOCK,
        size_bytes=node.size_bytes,
        logical_sector_bytes=sector,
        physical_sector_bytes=node.physical_sector_bytes or disk.physical_sector_bytes or sector,
        model=disk.model or node.model,
        serial=disk.serial or node.serial,
        # Over USB the kernel's is the bridge's: beside the disk's own serial it would be a lie.
        wwn=disk.wwn or (None if disk.serial and naming.over_usb(node.port) else node.wwn),
        disk_kind=settle(disk.kind, node.kind),
        # Nothing but overwriting may go through USB, whatever another source told of the cable.
        transport="usb" if node.transport == "usb" else disk.transport or node.transport,
        rotational=disk.rotational if disk.rotational is not None else node.rotational,
        usb_bridge=disk.usb_bridge,
        zoned=node.zoned or disk.zoned,
        seen=_seen(node, topology),
        doubt=_doubt(disk, node, topology),
    )


def _doubt(disk: Disk, node: Node, topology: Topology) -> Doubt | None:
    """The probe asked the disk itself; what only the kernel tells is the bridge's over USB."""
    told = naming.as_doubt(disk.serial_doubt)
    if told is not None or not (disk.serial or disk.wwn or node.serial or node.wwn):
        return told
    if not disk.serial and naming.over_usb(node.port):
        return Doubt.BRIDGE
    bridged = naming.over_usb(node.port) or disk.usb_bridge is not None
    return Doubt.SHARED if not bridged and naming.shared(topology, node) else None


def target_from_node(path: str, topology: Topology) -> Target | None:
    """The target of a device nobody probed (a loop device, a bare call)."""
    name = PurePosixPath(path).name
    return target_from_disk(Disk(path=f"/dev/{name}", name=name), topology)


def _seen(node: Node, topology: Topology) -> Seen:
    return Seen(
        serial=node.serial,
        wwn=node.wwn,
        diskseq=node.diskseq,
        boot_id=topology.boot_id,
        port=node.port,
        model=node.model,
    )


def target_from_image(path: str) -> Target | None:
    """The target of an image file; `None` when it is not there. The guard judges the rest."""
    facts = image_facts(path)
    if facts is None:
        return None
    return Target(
        path=str(Path(path).absolute()),
        kind=TargetKind.IMAGE,
        size_bytes=facts.size_bytes,
        disk_kind=DiskKind.IMAGE,
        transport="file",
        rotational=False,
        seen=Seen(inode=facts.inode),
    )


def told_apart(targets: Sequence[Target]) -> list[Target]:
    """The disks that are present, in doubt where two of them tell one number."""
    names = [naming.own(target) for target in targets]
    alike = {
        at
        for pair in itertools.combinations(range(len(targets)), 2)
        if all(names[at].named for at in pair) and same(*(names[at] for at in pair)) is Same.YES
        for at in pair
    }
    return [
        msgspec.structs.replace(target, doubt=Doubt.SHARED) if at in alike else target
        for at, target in enumerate(targets)
    ]


def confirm_code(target: Target) -> str:
    """What a person types to confirm: the serial's last four, else a derived code.

    Only letters and digits count, in capitals. Without four of them in a serial of the disk's
    own the code comes from its other marks, and is shown: see `confirm_codes`.
    """
    return _tail(target) or _derived(target, 0)


def confirm_codes(targets: Sequence[Target]) -> dict[str, str]:
    """The code of each disk that is present, by path: no two have the same.

    Disks whose serials end alike are told apart by shown codes, like those without a number.
    """
    tails = Counter(_tail(target) for target in targets)
    codes = {
        target.path: tail for target in targets if (tail := _tail(target)) and tails[tail] == 1
    }
    used = set(codes.values())
    for target in sorted(targets, key=lambda target: target.path):
        if target.path in codes:
            continue
        turns = (_derived(target, turn) for turn in itertools.count())
        code = next(turn for turn in turns if turn not in used and turn not in tails)
        codes[target.path] = code
        used.add(code)
    return codes


def _tail(target: Target) -> str:
    """The end of the serial as it stands on the disk's label; "" without one of its own."""
    if naming.doubt_of(target) is not None:
        return ""
    plain = "".join(
        character
        for character in (target.serial or "").upper()
        if character.isascii() and character.isalnum()
    )
    return plain[-4:] if len(plain) >= 4 else ""


def _derived(target: Target, turn: int) -> str:
    """Four letters from one plugging-in: stable while it lasts, none that look alike."""
    disk = naming.own(target)
    place = disk.attachment.token or disk.attachment.port or ""
    marks = f"{place}\n{target.path}\n{disk.wwn or ''}\n{target.size_bytes}\n{turn or ''}"
    number = int.from_bytes(hashlib.sha256(marks.encode()).digest()[:8], "big")
    letters = []
    for _ in range(4):
        number, rest = divmod(number, len(_CODE_LETTERS))
        letters.append(_CODE_LETTERS[rest])
    return "".join(letters)


def prepare(
    jobs: Path,
    target: Target,
    plan: Plan,
    *,
    now: Callable[[], datetime.datetime],
    random: Callable[[int], bytes],
    operator: str | None = None,
    options: Options | None = None,
    tool_version: str | None = None,
    bound_to: str | None = None,
) -> Path:
    """Make the job folder with its `spec.json`, durably; gives the folder. Raises `OSError`.

    `bound_to`: whatever the caller wants back unchanged; the journal's first line repeats it.
    """
    moment = now().astimezone(datetime.UTC)
    identifier = moment.strftime("%Y%m%dT%H%M%S") + "-" + random(4).hex()
    job = jobs / identifier
    durable.new_folder(job, as_folder=True)
    spec = JobSpec(
        id=identifier,
        created_at=rfc3339(moment),
        target=target,
        plan=plan.techniques,
        verify=plan.verify,
        operator=operator,
        options=options or Options(),
        tool_version=tool_version,
        bound_to=bound_to,
    )
    try:
        write_spec(job, spec)
    except OSError:
        shutil.rmtree(job, ignore_errors=True)  # half a job would be listed for ever
        raise
    return job
