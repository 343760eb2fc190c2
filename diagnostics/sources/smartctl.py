"""A drive's own account of its health: `smartctl -x -j`, every command set.

Its traps: docs/facts/diagnostics.md.

`exit_status` is a bit mask: bits 0-2 say smartctl or the drive did not answer, bits 3-7
are findings (64 = old entries in the error log). It is kept as evidence, not judged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from diagnostics.asked import Command, Word
from diagnostics.command import Problem, Runner
from diagnostics.identity import Doubt, plain_serial
from diagnostics.model import Disk, DiskKind, Smart
from diagnostics.sources import smartctl_ata, smartctl_nvme, smartctl_scsi
from diagnostics.sources.coerce import boolean, dig, integer, listing, load_json, mapping, text
from diagnostics.sources.placeholders import Field, clean

MAX_MESSAGES = 20
DISK_FAILING = 1 << 3
_KEYS = ("smartctl", "device", "smart_status", "ata_smart_attributes", "model_name")
_KEYS_MORE = ("nvme_smart_health_information_log", "scsi_grown_defect_list", "serial_number")
# Ways through a bridge, by smartctl's names; those of RAID controllers are not asked.
TYPES = frozenset(
    (
        *("auto", "test", "ata", "sat", "sat,auto", "sat,12", "sat,16", "sata", "scsi", "nvme"),
        *("sntasmedia", "sntjmicron", "sntrealtek", "usbcypress", "usbjmicron", "usbprolific"),
        "usbsunplus",
    )
)
ASKED: tuple[Command, ...] = (
    ("smartctl", "-x", "-j", Word.DISK),
    ("smartctl", "-x", "-j", "-d", TYPES, Word.DISK),
)
_OWN = ("ATA", "NVME")  # command sets in which the drive itself answers, through a bridge too
_BRIDGE = re.compile(r"usb|snt|jmb39x", re.IGNORECASE)
_FLASH_NAME = re.compile(r"\bssd|ssd\b|flash|emmc|sandisk|solid state", re.IGNORECASE)


def argv(path: str, device_type: str | None = None) -> tuple[str, ...]:
    """The command that reads one drive. `-n` is left out: bridges ignore it (ticket 1381)."""
    typed = ("-d", device_type) if device_type else ()
    return ("smartctl", "-x", "-j", *typed, path)


def read(runner: Runner, disk: Disk, timeout_s: float = 20.0) -> tuple[Disk | None, str | None]:
    """The disk as its SMART report tells it, or the reason code of why it does not."""
    found, why = _ask(runner, disk, None, timeout_s)
    if found is not None and _wants_a_type(found):
        # A bridge smartctl does not know: most of them pass ATA through all the same.
        through, _ = _ask(runner, disk, "sat", timeout_s)
        if through is not None and through.smart is not None and answered(through.smart):
            found = through
    if found is None:
        return None, why
    found = _vouch(found, disk)
    told = " ".join(found.smart.messages).casefold() if found.smart else ""
    if "permission denied" in told:
        return None, Problem.DENIED.value
    if found.smart is None or not answered(found.smart):
        # Beside what lsblk knows, an unanswered report adds only its messages.
        quiet = msgspec.structs.replace(found, path=disk.path, name=disk.name)
        return quiet, "not_supported"
    return msgspec.structs.replace(found, path=disk.path, name=disk.name), None


def _vouch(found: Disk, listed: Disk) -> Disk:
    """Whether the number is the disk's own: `found` is its answer, `listed` what the kernel shows.

    A bridge with two bays may send every question to one of them; the size shows it.
    """
    if listed.serial_doubt is None:
        return msgspec.structs.replace(found, serial_doubt=None)  # no bridge; a stick is its own
    sizes = found.size_bytes, listed.size_bytes
    doubt = found.serial_doubt
    if doubt is None:
        far = all(sizes) and abs((sizes[0] or 0) - (sizes[1] or 0)) * 64 > (sizes[1] or 0)
        doubt = Doubt.CONTRADICTED.value if far else None
    elif plain_serial(found.serial) != plain_serial(listed.serial) and found.serial:
        doubt = Doubt.CONTRADICTED.value if listed.serial else doubt
    return msgspec.structs.replace(found, serial_doubt=doubt)


def _ask(
    runner: Runner, disk: Disk, device_type: str | None, timeout_s: float
) -> tuple[Disk | None, str | None]:
    done = runner.run(argv(disk.path, device_type), timeout_s=timeout_s)
    if done.problem is not None:
        return None, done.problem.value
    return parse(done.stdout, disk.path, usb=disk.serial_doubt is not None), "unreadable"


def _wants_a_type(disk: Disk) -> bool:
    told = " ".join(disk.smart.messages).casefold() if disk.smart else ""
    return "unknown usb bridge" in told or "specify device type with the -d" in told


def answered(smart: Smart) -> bool:
    """Whether the drive told anything of its health."""
    return smart.passed is not None or bool(smart.attributes) or smart.critical_warning is not None


def is_report(document: object) -> bool:
    """Whether a JSON value is a smartctl report at all."""
    return isinstance(document, dict) and any(key in document for key in _KEYS + _KEYS_MORE)


def parse(data: bytes | str, path: str = "", *, usb: bool = False) -> Disk | None:
    """The disk of a report of any smartctl with JSON (7.0 on); `None` where it is no report."""
    try:
        document = load_json(data)
    except ValueError:
        return None
    return describe(document, path, usb=usb) if is_report(document) else None


def describe(report: Mapping[str, Any], path: str = "", *, usb: bool = False) -> Disk:
    """Identity and health from a decoded report. Unread stays `None`; never raises.

    `usb`: the kernel shows the drive behind a USB bridge.
    """
    protocol = (text(dig(report, "device", "protocol")) or "").upper()
    own_path = text(dig(report, "device", "name"), 80) or path
    device_type = text(dig(report, "device", "type"), 40) or ""
    smart = _smart(report, protocol)
    rpm = integer(report.get("rotation_rate"), 0, 30_000)
    bridge = (
        bool(_BRIDGE.search(device_type))
        or "[usb" in str(dig(report, "device", "info_name")).casefold()
    )
    size = integer(dig(report, "user_capacity", "bytes"), 0)
    if size is None:
        size = integer(report.get("nvme_total_capacity"), 1)
    return Disk(
        path=own_path,
        name=own_path.rpartition("/")[2],
        kind=_kind(report, protocol, rpm, smart, bridge),
        model=_model(report),
        maker=clean(text(report.get("scsi_vendor") or report.get("vendor")), Field.MAKER),
        serial=clean(text(report.get("serial_number")), Field.SERIAL),
        wwn=_wwn(report),
        firmware=_firmware(report),
        size_bytes=size,
        logical_sector_bytes=integer(report.get("logical_block_size"), 1, 1 << 20),
        physical_sector_bytes=integer(report.get("physical_block_size"), 1, 1 << 20),
        rotational=None if rpm is None else rpm > 0,
        rotation_rpm=rpm or None,
        form_factor=text(dig(report, "form_factor", "name"), 40),
        transport=_transport(report, protocol, bridge),
        smart=smart,
        # IDENTIFY and an NVMe controller's own answer are the disk's; INQUIRY is the bridge's.
        serial_doubt=Doubt.BRIDGE.value if (usb or bridge) and protocol not in _OWN else None,
    )


def _model(report: Mapping[str, Any]) -> str | None:
    for key in ("model_name", "scsi_model_name", "scsi_product", "product"):
        if found := clean(text(report.get(key)), Field.MODEL):
            return found
    return None


def _firmware(report: Mapping[str, Any]) -> str | None:
    for key in ("firmware_version", "scsi_revision", "revision"):  # the last before smartctl 7.3
        if found := clean(text(report.get(key), 40)):
            return found
    return None


def _wwn(report: Mapping[str, Any]) -> str | None:
    parts = [integer(dig(report, "wwn", key), 0) for key in ("naa", "oui", "id")]
    naa, oui, rest = parts
    if naa is not None and oui is not None and rest is not None and oui < 1 << 24:
        return f"0x{naa:x}{oui:06x}{rest:09x}"
    return text(report.get("logical_unit_id"), 40)


def _transport(report: Mapping[str, Any], protocol: str, bridge: bool) -> str | None:
    if bridge:
        return "usb"
    if protocol == "NVME":
        return "nvme"
    if protocol == "ATA":
        return "sata" if "sata_version" in report else "ata"
    told = (text(dig(report, "scsi_transport_protocol", "name")) or "").casefold()
    return next(
        (transport for transport in ("sas", "fc", "iscsi", "usb") if told.startswith(transport)),
        None,
    )


def _kind(
    report: Mapping[str, Any], protocol: str, rpm: int | None, smart: Smart, bridge: bool
) -> DiskKind:
    if protocol == "NVME":
        return DiskKind.NVME
    if protocol == "ATA":
        if rpm is not None:
            return DiskKind.HDD if rpm else DiskKind.SSD
        return smartctl_ata.guess_kind(report, smart, bool(_FLASH_NAME.search(_names(report))))
    if protocol == "SCSI" and not bridge:
        if rpm is not None:
            return DiskKind.SAS_HDD if rpm else DiskKind.SAS_SSD
        if "scsi_percentage_used_endurance_indicator" in report:
            return DiskKind.SAS_SSD
        if "scsi_start_stop_cycle_counter" in report and smart.grown_defects is not None:
            return DiskKind.SAS_HDD
    return DiskKind.UNKNOWN


def _names(report: Mapping[str, Any]) -> str:
    return f"{report.get('model_name')} {report.get('model_family')}"[:400]


def _smart(report: Mapping[str, Any], protocol: str) -> Smart:
    common = Smart(
        available=_support(report, "available"),
        enabled=_support(report, "enabled"),
        passed=_passed(report),
        exit_status=_exit_status(report),
        power_on_hours=believable_hours(dig(report, "power_on_time", "hours")),
        power_cycles=integer(report.get("power_cycle_count"), 0, 10_000_000),
        temperature_c=_celsius(report),
        messages=_messages(report),
    )
    if protocol == "NVME" or "nvme_smart_health_information_log" in report:
        return smartctl_nvme.fill(report, common)
    if protocol == "SCSI" and "ata_smart_attributes" not in report:
        return smartctl_scsi.fill(report, common)
    return smartctl_ata.fill(report, common)


def _exit_status(report: Mapping[str, Any]) -> int | None:
    return integer(dig(report, "smartctl", "exit_status"), 0, 255)


def _passed(report: Mapping[str, Any]) -> bool | None:
    """The drive's own word; bit 3 of the exit status repeats a "failing" the report left out."""
    told = boolean(dig(report, "smart_status", "passed"))
    return False if told is None and (_exit_status(report) or 0) & DISK_FAILING else told


def _support(report: Mapping[str, Any], key: str) -> bool | None:
    told = report.get("smart_support")
    return (
        told if isinstance(told, bool) else boolean(dig(told, key))
    )  # Synology prints a bare bool


def _celsius(report: Mapping[str, Any]) -> int | None:
    """A SAS drive that leaves its temperature page at nought tells it in the environment page."""
    told = integer(dig(report, "temperature", "current"), -60, 150)
    other = dig(report, "scsi_environmental_reports", "temperature_1", "current")
    return told if told else (integer(other, -60, 150) or told)


def believable_hours(value: object) -> int | None:
    """Hours a drive can have run. One disk said 4,661,094 (532 years): no fact, no verdict."""
    return integer(value, 0, 200_000)


def _messages(report: Mapping[str, Any]) -> tuple[str, ...]:
    found = []
    for row in listing(dig(report, "smartctl", "messages"), MAX_MESSAGES):
        if message := text(mapping(row).get("string"), 300):
            found.append(message)
    return tuple(found)
