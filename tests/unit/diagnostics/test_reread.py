"""A drive the probe had no time for: read again alone, with more time, and only when it helps."""

from __future__ import annotations

import json
from collections.abc import Sequence

from diagnostics.command import Completed, Content, Problem
from diagnostics.model import Disk, DiskKind, Smart
from diagnostics.reread import reread, unread
from tests.machines import invent

SLOW = Disk(path="/dev/sda", name="sda")
LSBLK = {"blockdevices": [{"name": "sda", "path": "/dev/sda", "type": "disk", "size": 10**12,
                           "rota": True, "tran": "sata", "serial": "WD-ETAB0001"}]}  # fmt: skip


class Patient:
    """A drive that answers nobody who waits less than a minute."""

    def __init__(self) -> None:
        self.limits: list[float] = []

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 10.0, stdin: bytes | None = None
    ) -> Completed:
        self.limits.append(timeout_s)
        if timeout_s < 60:
            return Completed(tuple(argv), None, b"", b"", timeout_s, Problem.TIMEOUT)
        report = invent.ata(
            model="WDC INVENTED", family="Invented", serial="WD-ETAB0001", firmware="1.0",
            size=10**12, rpm=7200, form="3.5 inches", hours=10, cycles=1, celsius=30,
            table=[(5, "Reallocated_Sector_Ct", 200, 200, 140, 0, True)],
        )  # fmt: skip
        out = LSBLK if argv[0] == "lsblk" else report
        return Completed(tuple(argv), 0, json.dumps(out).encode(), b"", 50.0)

    def read(self, path: str) -> Content:
        return Content(path, None, Problem.MISSING)

    def names(self, path: str) -> tuple[str, ...] | None:
        return None

    def link(self, path: str) -> str | None:
        return None

    def has(self, tool: str) -> bool:
        return True


def test_more_time_tells_the_kind() -> None:
    found = reread(Patient(), "/dev/sda")
    assert (found.kind, found.serial, found.size_bytes) == (DiskKind.HDD, "WD-ETAB0001", 10**12)
    assert found.smart is not None and found.smart.reallocated == 0


def test_too_little_time_changes_nothing() -> None:
    assert reread(Patient(), "/dev/sda", 5.0, SLOW) == SLOW


def test_only_what_was_not_read_is_read_again() -> None:
    runner = Patient()
    known = Disk(path="/dev/sdb", name="sdb", kind=DiskKind.SSD, smart=Smart(passed=True))
    bridge = Disk(path="/dev/sdc", name="sdc", transport="usb")
    virtual = Disk(path="/dev/vda", name="vda", kind=DiskKind.VIRTUAL)
    assert not unread(known) and not unread(virtual) and not unread(bridge, "not_supported")
    assert reread(runner, SLOW.path, known=SLOW).kind is DiskKind.HDD
    assert len(runner.limits) == 2  # lsblk and smartctl of the one disk
    assert unread(SLOW, "timeout") and not unread(bridge, "denied")
