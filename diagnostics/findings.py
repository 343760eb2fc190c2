"""What one source found, and how findings grow into a `Machine`. Pure.

A source answers with `Findings`: the sections it knows something about, and for each
point it should have known but does not, a reason code. Findings are merged in any
order with the same result, except that for one field the first answer stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import msgspec

from diagnostics.command import Problem
from diagnostics.inventory import Inventory
from diagnostics.model import (
    Battery,
    Cpu,
    Device,
    Disagreement,
    Disk,
    DiskKind,
    Display,
    Fact,
    Firmware,
    Identity,
    Machine,
    Memory,
    NetworkPort,
    Sensor,
    Tpm,
)

F = TypeVar("F", bound=msgspec.Struct)


class Findings(msgspec.Struct, frozen=True):
    """Part of a machine. `unknown` maps a point ("identity.serial") to a reason code.

    Reason codes: those of `Problem` ("denied", "missing", "timeout", "io",
    "unrecorded"), and "placeholder", "not_supported", "not_reported", "unreadable".
    """

    identity: Identity | None = None
    firmware: Firmware | None = None
    cpu: Cpu | None = None
    memory: Memory | None = None
    disks: tuple[Disk, ...] = ()
    batteries: tuple[Battery, ...] = ()
    displays: tuple[Display, ...] = ()
    network: tuple[NetworkPort, ...] = ()
    devices: tuple[Device, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    tpm: Tpm | None = None
    locks: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    unknown: Mapping[str, str] = {}
    kernel: str | None = None
    inventory: Inventory | None = None


def reason(problem: Problem | None, otherwise: str = "not_reported") -> str:
    """The reason code for a value a read did not give."""
    return problem.value if problem is not None else otherwise


def overlay(base: F, more: F | None) -> F:
    """`base` with every field it does not know filled from `more`."""
    if more is None:
        return base
    changes = {
        name: value
        for name in base.__struct_fields__
        if getattr(base, name) in (None, ()) and (value := getattr(more, name)) not in (None, ())
    }
    return msgspec.structs.replace(base, **changes) if changes else base


def merge(machine: Machine, found: Findings) -> Machine:
    """The machine with these findings added."""
    unknown = {**found.unknown, **machine.unknown}
    grown = Machine(
        identity=overlay(machine.identity, found.identity),
        firmware=overlay(machine.firmware, found.firmware),
        cpu=overlay(machine.cpu, found.cpu),
        memory=overlay(machine.memory, found.memory),
        disks=merge_disks(machine.disks, found.disks),
        batteries=_join(machine.batteries, found.batteries, "name"),
        displays=_join(machine.displays, found.displays, "connector"),
        network=_join(machine.network, found.network, "name"),
        devices=tuple(sorted({*machine.devices, *found.devices}, key=_device_order)),
        sensors=tuple(sorted({*machine.sensors, *found.sensors}, key=_sensor_order)),
        tpm=overlay(machine.tpm, found.tpm),
        locks=tuple(sorted({*machine.locks, *found.locks})),
        warnings=tuple(sorted({*machine.warnings, *found.warnings})),
        disagreements=tuple(
            sorted(
                {*machine.disagreements, *found.disagreements},
                key=lambda disagreement: disagreement.point,
            )
        ),
        kernel=machine.kernel or found.kernel,
        inventory=overlay(machine.inventory, found.inventory),
    )
    kept = {point: why for point, why in sorted(unknown.items()) if not known(grown, point)}
    return msgspec.structs.replace(grown, unknown=kept)


def known(machine: Machine, point: str) -> bool:
    """Whether a plain point ("identity.serial") has a value, so its reason is obsolete."""
    section, _, name = point.partition(".")
    part = getattr(machine, section, None)
    if not isinstance(part, Fact) or not name:
        return False
    return getattr(part, name, None) not in (None, ())


def merge_disks(before: tuple[Disk, ...], more: tuple[Disk, ...]) -> tuple[Disk, ...]:
    """Disks by name, each with its unknown fields filled; a better kind replaces `UNKNOWN`."""
    disks = {disk.name: disk for disk in before}
    for disk in more:
        had = disks.get(disk.name)
        disks[disk.name] = disk if had is None else _richer(had, disk)
    return tuple(disks[name] for name in sorted(disks))


def _richer(had: Disk, more: Disk) -> Disk:
    grown = overlay(had, more)
    kind = had.kind if more.kind is DiskKind.UNKNOWN else more.kind
    if had.transport == "usb" and kind in (DiskKind.SAS_HDD, DiskKind.SAS_SSD):
        kind = had.kind  # a bridge speaks SCSI; what is behind it is no SAS drive
    # Linux calls every SATA or USB disk's maker "ATA" or the bridge's; SMART asks the drive itself.
    if more.smart is None:
        return msgspec.structs.replace(
            grown, kind=more.kind if had.kind is DiskKind.UNKNOWN else had.kind
        )
    return msgspec.structs.replace(
        grown,
        kind=kind,
        model=more.model or had.model,
        serial=more.serial or had.serial,
        wwn=more.wwn if _asked(had, more) else grown.wwn,
        serial_doubt=more.serial_doubt if more.serial else had.serial_doubt,
        firmware=more.firmware or had.firmware,
        smart=more.smart,
    )


def _asked(had: Disk, more: Disk) -> bool:
    """Whether the drive itself answered where only its bridge had: the bridge's WWN goes too."""
    return had.serial_doubt is not None and more.serial is not None and more.serial_doubt is None


def _join(before: tuple[F, ...], more: tuple[F, ...], key: str) -> tuple[F, ...]:
    joined = {getattr(item, key): item for item in before}
    for item in more:
        name = getattr(item, key)
        joined[name] = overlay(joined[name], item) if name in joined else item
    return tuple(joined[name] for name in sorted(joined))


def _device_order(device: Device) -> tuple[str, str, str]:
    return device.kind, device.bus or "", device.address or ""


def _sensor_order(sensor: Sensor) -> tuple[str, str, str]:
    return sensor.kind, sensor.chip, sensor.label
