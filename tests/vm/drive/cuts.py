"""Cuts the power of one drive, and of who drives it, at a chosen SECURITY command.

The wipe process and its tools for this drive are killed outright (SIGKILL), and the
drive goes through a power cycle: what a power cut leaves behind, without a boot each.
"""

from __future__ import annotations

import dataclasses
import os
import signal
from pathlib import Path

from tests.vm.drive import sat
from tests.vm.drive.scsi import ABORTED, Drive, Reply, refuse


@dataclasses.dataclass
class Cut:
    """`command` is an ATA command code; `before` it is obeyed, or after."""

    command: int
    before: bool
    done: bool = False


def _victims(serial: str, path: str) -> list[int]:
    """Processes with the drive's path among their words, or wiping a job of this serial."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = (entry / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
        except OSError:
            continue
        job = Path(words[-2]) / "spec.json" if "wipe" in words and len(words) > 2 else None
        ours = job is not None and job.is_file() and f'"{serial}"' in job.read_text()
        if ours or path in words:
            found.append(int(entry.name))
    return found


class CutDrive(Drive):
    """A drive whose power fails once, at its cut."""

    cut: Cut | None = None
    path = ""

    def _fail(self, cut: Cut) -> Reply:
        cut.done = True
        for process in _victims(self.core.serial, self.path):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.core.power_cycle()
        return refuse(ABORTED, 0x29)  # power on occurred

    def execute(self, cdb: bytes, data_out: bytes = b"") -> Reply:
        cut = self.cut
        passed = sat.decode(cdb) if cdb[0] in (sat.PASS_12, sat.PASS_16) else None
        if cut is None or cut.done or passed is None or passed.taskfile.command != cut.command:
            return super().execute(cdb, data_out)
        if not cut.before:
            super().execute(cdb, data_out)
        return self._fail(cut)
