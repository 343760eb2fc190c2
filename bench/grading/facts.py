"""What the grading engine needs to know of a machine, and how to get it from what was read.

`None` and a missing key mean *not known*; the engine never takes them for good.
Codes, not sentences: the words are in `bench/words/*/grading.toml`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping

import msgspec

from diagnostics.checks.model import CheckOutcome
from diagnostics.model import Disk, Machine, leaves_with_machine
from diagnostics.suitability import Suitability, suitability


class Lock(enum.StrEnum):
    """State of a lock that outlives erasure (BIOS password, Absolute, Autopilot...)."""

    FREE = "free"
    LOCKED = "locked"
    UNKNOWN = "unknown"


class Erasure(enum.StrEnum):
    """What `wipe/decide/claim.py` said of a disk, or why there was nothing to erase."""

    PURGE = "purge"
    CLEAR = "clear"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    NONE = "none"
    REFUSED = "refused"
    NEW = "new"  # new or stock disk mounted by the workshop: never held the donor's data


class DiskFacts(msgspec.Struct, frozen=True):
    """One internal disk now in the machine."""

    name: str  # serial where read, else the kernel's name
    kind: str = "unknown"
    size_bytes: int | None = None
    verdict: str = "unknown"  # reuse, watch, scrap, unknown (diagnostics/health)
    erasure: str | None = None  # Erasure value; None = nothing known


class GradeFacts(msgspec.Struct, frozen=True):
    """Everything `engine.grade` looks at. Percentages 0-100 (a gauge may say more)."""

    kind: str | None = None  # laptop, desktop, all_in_one, mini, server, tablet...
    functions: dict[str, str] = {}  # check id -> CheckOutcome value
    disks: tuple[DiskFacts, ...] = ()
    battery_percent: int | None = None
    mains_only: bool = False  # sold as usable on mains only, and declared so
    dead_pixels: int | None = None
    cosmetic: dict[str, int] = {}  # question id -> step chosen, 0 = best
    locks: dict[str, str] = {}  # lock id -> Lock value
    software: str | None = None  # licensed, none, unlicensed
    uses: tuple[Suitability, ...] = ()  # diagnostics' answers, most demanding first


# Questions of `diagnostics.locks`, answered by a person like a test: passed = free.
LOCK_QUESTIONS = {
    "mdm_attestation": "autopilot",
    "absolute_hint": "absolute",
    "bios_password_unread": "bios_password",
    "apple_activation": "apple_lock",
    "chrome_enrolment": "chrome_enrolment",
}
# Codes of `Machine.locks` that name one of the locks above in another way.
_SAME_LOCK = {"absolute_enabled": "absolute"}
# Kinds that no fleet manager enrols: nothing to release.
_NEVER_ENROLLED = frozenset({"server", "board", "vm"})


def from_machine(
    machine: Machine,
    *,
    functions: Mapping[str, str] | None = None,
    verdicts: Mapping[str, str] | None = None,
    erasures: Mapping[str, str] | None = None,
    cosmetic: Mapping[str, int] | None = None,
    dead_pixels: int | None = None,
    mains_only: bool = False,
    donor_released: bool | None = None,
    lock_answers: Mapping[str, str] | None = None,
    software: str | None = None,
    disks: Iterable[Disk] | None = None,
    others: tuple[DiskFacts, ...] = (),
) -> GradeFacts:
    """Grade facts of a machine as read, plus what people and other steps said.

    `verdicts` and `erasures` are keyed by disk path, else by serial or WWN.
    `donor_released` is the donor's word that the machine left its online fleet
    (Autopilot cannot be read: its registration lives with Microsoft); a private
    donor counts as released.
    `disks` defaults to the internal ones: not USB, not optical, not removable.
    `others`: disks of the machine that this reading did not see.
    A check id of `LOCK_QUESTIONS` in `functions` is the answer about that lock.
    """
    answers, tested = _split(functions or {})
    internal = tuple(disks) if disks is not None else internal_disks(machine)
    judged = tuple(_disk(d, verdicts or {}, erasures or {}) for d in internal)
    return GradeFacts(
        kind=machine.identity.kind,
        functions=tested,
        disks=(*judged, *others),
        battery_percent=_worst_battery(machine),
        mains_only=mains_only,
        dead_pixels=dead_pixels,
        cosmetic=dict(cosmetic or {}),
        locks=_locks(machine, donor_released) | answers | dict(lock_answers or {}),
        software=software,
        uses=suitability(
            msgspec.structs.replace(machine, disks=internal),
            {disk.name: found.verdict for disk, found in zip(internal, judged, strict=True)},
        ),
    )


def internal_disks(machine: Machine) -> tuple[Disk, ...]:
    """The disks that leave with the machine: the boot stick and DVD drives do not."""
    return tuple(
        disk
        for disk in machine.disks
        if leaves_with_machine(disk.kind.value, disk.transport, disk.removable)
    )


def _disk(disk: Disk, verdicts: Mapping[str, str], erasures: Mapping[str, str]) -> DiskFacts:
    serial = disk.serial or disk.wwn or ""
    return DiskFacts(
        name=disk.serial or disk.name,
        kind=disk.kind.value,
        size_bytes=disk.size_bytes,
        verdict=verdicts.get(disk.path, verdicts.get(serial, "unknown")),
        erasure=erasures.get(disk.path, erasures.get(serial)),
    )


def _worst_battery(machine: Machine) -> int | None:
    """The weakest pack decides; one pack that cannot be read makes the whole unknown."""
    readings = [None if b.doubt else b.health_percent for b in machine.batteries]
    known = [reading for reading in readings if reading is not None]
    return min(known) if known and len(known) == len(readings) else None


def _locks(machine: Machine, donor_released: bool | None) -> dict[str, str]:
    firmware = machine.firmware
    states = {
        "bios_password": _tristate(firmware.admin_password),
        # WPBT is a hint, not a proof: present means "somebody must look", never "locked".
        "absolute": Lock.FREE if firmware.absolute_hint is False else Lock.UNKNOWN,
    }
    maker = (machine.identity.maker or "").casefold()
    if maker.startswith("apple"):
        states["apple_lock"] = Lock.UNKNOWN
    if maker == "google" or "coreboot" in (machine.firmware.vendor or "").casefold():
        states["chrome_enrolment"] = Lock.UNKNOWN
    if machine.identity.kind not in _NEVER_ENROLLED:
        states["autopilot"] = Lock.FREE if donor_released else Lock.UNKNOWN
    states |= {_SAME_LOCK.get(name, name): Lock.LOCKED for name in machine.locks}
    return {name: state.value for name, state in states.items()}


def _split(outcomes: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What people answered about locks, and the checks proper."""
    states = {CheckOutcome.PASSED.value: Lock.FREE, CheckOutcome.FAILED.value: Lock.LOCKED}
    answers = {
        LOCK_QUESTIONS[name]: states.get(outcome, Lock.UNKNOWN).value
        for name, outcome in outcomes.items()
        if name in LOCK_QUESTIONS and outcome in states
    }
    return answers, {k: v for k, v in outcomes.items() if k not in LOCK_QUESTIONS}


def _tristate(locked: bool | None) -> Lock:
    if locked is None:
        return Lock.UNKNOWN
    return Lock.LOCKED if locked else Lock.FREE
