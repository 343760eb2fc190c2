"""Makes a job: target, confirmation code, job folder. Starts nothing."""

from __future__ import annotations

import datetime
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from diagnostics.drivekind import settled
from diagnostics.model import Disk, DiskKind
from wipe.journal import rfc3339
from wipe.plan import Plan
from wipe.reading import image_facts
from wipe.spec import JobSpec, Options, Seen, Target, TargetKind, fsync_folder, write_spec
from wipe.topology import Node, Topology

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
        wwn=disk.wwn or node.wwn,
        disk_kind=settled(disk.kind, node.kind),
        # Nothing but overwriting may go through USB, whatever another source told of the cable.
        transport="usb" if node.transport == "usb" else disk.transport or node.transport,
        rotational=disk.rotational if disk.rotational is not None else node.rotational,
        usb_bridge=disk.usb_bridge,
        zoned=node.zoned or disk.zoned,
        seen=_seen(node, topology),
    )


def target_from_node(path: str, topology: Topology) -> Target | None:
    """The target of a device nobody probed (a loop device, a bare call)."""
    name = PurePosixPath(path).name
    return target_from_disk(Disk(path=f"/dev/{name}", name=name), topology)


def _seen(node: Node, topology: Topology) -> Seen:
    return Seen(node.serial, node.wwn, node.diskseq, topology.boot_id)


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


def confirm_code(target: Target) -> str:
    """What a person types to confirm: the serial's last four, else a derived code.

    Only letters and digits count, in capitals. Without four of them in the serial the code
    comes from the disk's other marks: stable, four characters, none that look alike.
    """
    plain = "".join(one for one in (target.serial or "").upper() if one.isascii() and one.isalnum())
    if len(plain) >= 4:
        return plain[-4:]
    marks = f"{target.seen.inode or target.path}\n{target.wwn or ''}\n{target.size_bytes}"
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
) -> Path:
    """Make the job folder with its `spec.json`, durably; gives the folder. Raises `OSError`."""
    moment = now().astimezone(datetime.UTC)
    identifier = moment.strftime("%Y%m%dT%H%M%S") + "-" + random(4).hex()
    jobs.mkdir(mode=0o700, parents=True, exist_ok=True)
    job = jobs / identifier
    job.mkdir(mode=0o700)
    spec = JobSpec(
        id=identifier,
        created_at=rfc3339(moment),
        target=target,
        plan=plan.techniques,
        verify=plan.verify,
        operator=operator,
        options=options or Options(),
        tool_version=tool_version,
    )
    try:
        fsync_folder(jobs)
        write_spec(job, spec)
    except OSError:
        shutil.rmtree(job, ignore_errors=True)  # half a job would be listed for ever
        raise
    return job
