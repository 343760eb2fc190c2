"""Disks in trouble, as the real guard, planner and words show them; for walking and tests."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from bench.erasing.candidates import Candidate
from bench.guide.shown import DiskChoice
from bench.workbench.disks import choice
from diagnostics.model import DiskKind
from wipe.decide.guard import GuardAnswer
from wipe.decide.plan import plan
from wipe.job.prepare import confirm_code
from wipe.model.capabilities import Capabilities, Security
from wipe.model.codes import Code, Reason, because
from wipe.model.spec import Target, TargetKind

SSD = Target(
    path="/dev/sda",
    kind=TargetKind.BLOCK,
    size_bytes=256_060_514_304,
    model="Samsung SSD 860 EVO 250GB",
    serial="S3Z9NB0K8F3K",
    disk_kind=DiskKind.SSD,
    transport="sata",
)


def shown(target: Target, can: Capabilities, *against: Reason) -> DiskChoice:
    """The disk as the screens get it."""
    answer = GuardAnswer(not against, against)
    return choice(Candidate(target, answer, plan(target, can), confirm_code(target)))


def security(**facts: bool) -> Capabilities:
    return Capabilities(read=True, security=Security(supported=True, **facts))


def without_serial() -> DiskChoice:
    return shown(msgspec.structs.replace(SSD, serial=None), Capabilities(read=True))


def on_usb() -> DiskChoice:
    bridged = msgspec.structs.replace(SSD, transport="usb", usb_bridge="152d:0578")
    return shown(bridged, Capabilities(read=True))


CASES: dict[str, Callable[[], DiskChoice]] = {
    "frozen": lambda: shown(SSD, security(frozen=True)),
    "locked": lambda: shown(SSD, security(enabled=True, locked=True)),
    "raid": lambda: shown(SSD, Capabilities(behind_raid=True)),
    "root": lambda: shown(SSD, Capabilities(), because(Code.HOLDS_ROOT)),
    "mounted": lambda: shown(SSD, Capabilities(), because(Code.MOUNTED, at="/media/photos")),
    "swap": lambda: shown(SSD, Capabilities(), because(Code.SWAP)),
    "no_serial": without_serial,
    "usb": on_usb,
}
