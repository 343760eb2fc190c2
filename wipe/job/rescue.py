"""Drives left locked by a power cut during SECURITY ERASE UNIT, and our passwords for them.

The password of a drive is in the journal of its job before the drive has it.
At every start, a locked drive is looked up there by its serial, unlocked, and
its password taken off.
"""

from __future__ import annotations

from pathlib import Path

from diagnostics.command import Runner
from diagnostics.identity import DiskIdentity, Same, plain_serial, same
from wipe.journal import journal
from wipe.methods.ata import read_security
from wipe.methods.firmware import sender
from wipe.model.spec import Target, job_folders, read_spec
from wipe.seen import naming


def passwords(jobs: Path, target: Target) -> list[str]:
    """Every password our journals hold for this drive, the likeliest first.

    Within a journal only the last one can still be set; between journals the clock decides, which
    a flat battery sets back: it must not push the right one behind the four that may be tried.
    """
    if not target.serial:
        return []
    drive = naming.own(target)
    found: list[tuple[int, str, str]] = []
    try:
        folders = job_folders(jobs)
    except OSError:
        return []
    for folder in folders:
        spec = read_spec(folder)
        if spec is not None and _may_be(naming.own(spec.target), drive):
            lines = journal.read(folder).all("password")
            newest_first = enumerate(reversed(lines))
            found += [
                (-age, line.at, str(line.data.get("password", ""))) for age, line in newest_first
            ]
    return list(dict.fromkeys(word for *_, word in sorted(found, reverse=True) if word))


def _may_be(disk: DiskIdentity, drive: DiskIdentity) -> bool:
    """A doubted serial too leads to passwords: one fits no other drive, and erases nothing."""
    found = same(disk, drive)
    alike = plain_serial(disk.serial) == plain_serial(drive.serial)
    return found is Same.YES or (found is Same.UNKNOWN and alike)


def rescue(runner: Runner, jobs: Path, target: Target) -> bool | None:
    """Unlock a drive we locked. `None`: it needs none; else whether it is free now.

    A drive allows five attempts in a power cycle (ACS-4 4.18): at most four are spent.
    """
    run = sender(runner)
    security = read_security(run, target.path)
    if security is None or not security.enabled or security.frozen:
        return None
    for word in passwords(jobs, target)[:4]:
        for option in ("--security-unlock", "--security-disable"):
            run("hdparm", "--user-master", "u", option, word, target.path)
        now = read_security(run, target.path)
        if now is not None and not now.enabled:
            return True
    return False
