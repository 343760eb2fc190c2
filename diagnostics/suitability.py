"""What a machine is still good for, why not for more, and the cheapest change that lifts it. Pure.

Profiles, prices and processor lists are data (`suitability.toml`). A requirement whose fact is
not known is neither met nor failed: the profile is then `unknown`, never `yes`.
"""

from __future__ import annotations

import enum
import functools
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

import msgspec

from diagnostics.learn import learn
from diagnostics.model import Battery, Cpu, Disk, DiskKind, Machine

FLASH = (DiskKind.SSD, DiskKind.NVME, DiskKind.EMMC, DiskKind.UFS, DiskKind.SAS_SSD)
_NOT_INTERNAL = (DiskKind.OPTICAL, DiskKind.USB_FLASH, DiskKind.SD, DiskKind.VIRTUAL)
_PORTABLE = ("laptop", "tablet")


class Fit(enum.Enum):
    """Whether a machine meets a profile."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minimums of one use; `None` or empty = not asked."""

    id: str
    ram_bytes: int | None = None
    disk_bytes: int | None = None
    flash: bool = False
    verdicts: tuple[str, ...] = ()
    cpu_flags: tuple[str, ...] = ()
    cpu_level: int | None = None
    tpm_version: int | None = None
    firmware_mode: str | None = None
    windows11_cpu: bool = False
    width_px: int | None = None
    devices: tuple[str, ...] = ()
    battery_percent: int | None = None


class Upgrade(msgspec.Struct, frozen=True):
    """A change, the reasons it lifts, and its cost."""

    code: str
    lifts: tuple[str, ...]
    euros: int


class Why(msgspec.Struct, frozen=True):
    """One requirement not met (`known`) or not checked: its code, the value, the minimum."""

    code: str
    known: bool
    value: int | str | None = None
    minimum: int | str | None = None


class Suitability(msgspec.Struct, frozen=True):
    """The answer for one profile. `upgrade` lifts every reason, or is empty where none can."""

    profile: str
    fit: Fit
    reasons: tuple[Why, ...] = ()
    upgrade: tuple[str, ...] = ()
    upgrade_euros: int | None = None


class _Cpu(msgspec.Struct, frozen=True):
    pattern: str
    supported: bool


class _Blocked(msgspec.Struct, frozen=True):
    """Processors the installer turns away by number. `except_models` are not among them."""

    vendor: str
    families: tuple[int, int]  # from, to
    models: tuple[int, int] = (0, 255)
    except_models: tuple[int, ...] = ()


class CpuList(msgspec.Struct, frozen=True):
    """Where the processor list comes from, and when it was last gone through."""

    source: str
    as_of: str
    blocked_source: str


class _Data(msgspec.Struct, frozen=True):
    profile: tuple[Profile, ...]
    upgrade: tuple[Upgrade, ...]
    windows11_list: CpuList
    windows11_cpu: tuple[_Cpu, ...]
    windows11_blocked: tuple[_Blocked, ...]


@functools.cache
def data() -> _Data:
    """The data file."""
    path = Path(__file__).with_name("suitability.toml")
    with path.open("rb") as file:
        return msgspec.convert(tomllib.load(file), _Data)


def windows11_cpu(model: str | None, cpu: Cpu | None = None) -> bool | None:
    """Whether Microsoft lists a processor of this name for Windows 11; `None` = not known.

    `cpu` adds the numbers by which the installer itself turns processors away. A name that is
    listed on a number that is turned away is a contradiction: not known.
    """
    listed = next(
        (row.supported for row in data().windows11_cpu if model and re.search(row.pattern, model)),
        None,
    )
    if cpu is None or not _turned_away(cpu):
        return listed
    return None if listed else False


def _turned_away(cpu: Cpu) -> bool:
    family, number = cpu.family, cpu.model_number
    if family is None or number is None:
        return False
    return any(
        row.vendor == cpu.vendor
        and row.families[0] <= family <= row.families[1]
        and row.models[0] <= number <= row.models[1]
        and number not in row.except_models
        for row in data().windows11_blocked
    )


def suitability(machine: Machine, verdicts: Mapping[str, str]) -> tuple[Suitability, ...]:
    """One answer a profile, most demanding first. `verdicts` maps a disk's name to its verdict."""
    return tuple(_answer(profile, machine, verdicts) for profile in data().profile)


def best(answers: tuple[Suitability, ...]) -> str:
    """The most demanding profile that is met; "parts" where none is."""
    return next((answer.profile for answer in answers if answer.fit is Fit.YES), "parts")


def _answer(profile: Profile, machine: Machine, verdicts: Mapping[str, str]) -> Suitability:
    reasons = (
        *_board(profile, machine),
        *_disk(profile, machine, verdicts),
        *_around(profile, machine),
    )
    if not reasons:
        return Suitability(profile.id, Fit.YES)
    fit = Fit.NO if any(why.known for why in reasons) else Fit.UNKNOWN
    upgrade, euros = _lift(reasons, machine)
    return Suitability(profile.id, fit, reasons, upgrade, euros)


def _least(code: str, value: int | None, minimum: int | None) -> list[Why]:
    if minimum is None or (value is not None and value >= minimum):
        return []
    return [Why(code, value is not None, value, minimum)]


def _board(profile: Profile, machine: Machine) -> list[Why]:
    """Memory, processor, firmware, TPM."""
    ram = machine.memory.installed_bytes or machine.memory.total_bytes
    reasons = _least("ram", ram, profile.ram_bytes)
    reasons += _least("cpu_level", machine.cpu.x86_64_level, profile.cpu_level)
    flags = machine.cpu.flags
    absent = [flag for flag in profile.cpu_flags if flag not in flags]
    if absent:
        reasons.append(Why("cpu_flags", bool(flags), None, " ".join(absent)))
    if (
        profile.windows11_cpu
        and (listed := windows11_cpu(machine.cpu.model, machine.cpu)) is not True
    ):
        reasons.append(Why("windows11_cpu", listed is False, machine.cpu.model))
    mode = machine.firmware.mode
    if profile.firmware_mode and mode != profile.firmware_mode:
        # Started in legacy mode: the firmware may still be capable of UEFI.
        reasons.append(Why("firmware_mode", False, mode, profile.firmware_mode))
    if profile.tpm_version is not None:
        if machine.tpm.version is None:
            reasons.append(Why("tpm_unseen", False, None, profile.tpm_version))
        else:
            reasons += _least("tpm_version", machine.tpm.version, profile.tpm_version)
    return reasons


def _disk(profile: Profile, machine: Machine, verdicts: Mapping[str, str]) -> list[Why]:
    """The reasons of the internal disk that comes nearest; none when one meets everything."""
    if not profile.verdicts:
        return []
    inside = [disk for disk in machine.disks if disk.kind not in _NOT_INTERNAL]
    if not inside:
        return [Why("no_disk", True)]
    answers = [_one_disk(profile, disk, verdicts.get(disk.name, "unknown")) for disk in inside]
    return min(answers, key=lambda reasons: (len(reasons), sum(why.known for why in reasons)))


def _one_disk(profile: Profile, disk: Disk, verdict: str) -> list[Why]:
    reasons = _least("disk_size", disk.size_bytes, profile.disk_bytes)
    if profile.flash and disk.kind not in FLASH:
        reasons.append(Why("not_flash", disk.kind is not DiskKind.UNKNOWN, disk.kind.value))
    if verdict not in profile.verdicts:
        reasons.append(Why("disk_verdict", verdict != "unknown", verdict, profile.verdicts[-1]))
    return reasons


def _around(profile: Profile, machine: Machine) -> list[Why]:
    """Screen, camera, Wi-Fi, battery. A tower's monitor is not part of it."""
    reasons: list[Why] = []
    portable = machine.identity.kind in _PORTABLE
    if portable or machine.identity.kind == "all_in_one":
        widths = [d.width_px for d in machine.displays if d.internal and d.width_px]
        reasons += _least("screen_width", max(widths, default=None), profile.width_px)
    if "camera" in profile.devices and not any(d.kind == "camera" for d in machine.devices):
        reasons.append(Why("no_camera", "devices.usb" not in machine.unknown))
    if "wifi" in profile.devices and not any(p.kind == "wifi" for p in machine.network):
        reasons.append(Why("no_wifi", "network" not in machine.unknown))
    if portable and profile.battery_percent is not None:
        percent = battery_percent(machine.batteries)
        code = "battery" if percent is not None else "battery_unknown"
        reasons += _least(code, percent, profile.battery_percent)
    return reasons


def battery_percent(batteries: tuple[Battery, ...]) -> int | None:
    """Health of all batteries together; `None` as soon as one gauge is not believed."""
    if not batteries or any(battery.health_percent is None for battery in batteries):
        return None
    energies = [(battery.full_mwh, battery.design_mwh) for battery in batteries]
    full = [energy for energy, _ in energies if energy]
    design = [energy for _, energy in energies if energy]
    if len(full) == len(design) == len(batteries):
        return sum(full) * 100 // sum(design)
    return min(
        battery.health_percent for battery in batteries if battery.health_percent is not None
    )


def _lift(reasons: tuple[Why, ...], machine: Machine) -> tuple[tuple[str, ...], int | None]:
    """The cheapest changes that lift every reason together, and their cost; empty = impossible."""
    chosen: dict[str, int] = {}
    for why in reasons:
        options = [upgrade for upgrade in data().upgrade if why.code in upgrade.lifts]
        if not options or (why.code == "ram" and not _memory_can_grow(why, machine)):
            return (), None
        option = min(options, key=lambda option: option.euros)
        chosen[option.code] = option.euros
    return tuple(sorted(chosen)), sum(chosen.values())


def _memory_can_grow(why: Why, machine: Machine) -> bool:
    """Not where all of it is soldered, nor past what the board takes."""
    memory = machine.memory
    wanted = why.minimum if isinstance(why.minimum, int) else 0
    if memory.max_bytes is not None and memory.max_bytes < wanted:
        return False
    soldered = bool(memory.modules) and all(module.form == "soldered" for module in memory.modules)
    return not (soldered and memory.free_slots == 0)


learn(_Data)
