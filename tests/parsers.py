"""Every parser of `diagnostics` as bytes -> facts, with seeds from the recorded machines; and that
of other tools' lists, with lists written for it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from bench.exchange.lists.read import read as read_list
from bench.records.errors import RecordsError
from diagnostics.model import Disk, DiskKind
from diagnostics.read import KINDS, read
from diagnostics.recording.store import load
from diagnostics.sources import (
    around,
    battery,
    cpu,
    cpu_detail,
    cpuinfo_reader,
    edid,
    firmware,
    fwupd,
    hwmon,
    inputs,
    jedec,
    lsblk,
    memory,
    memory_detail,
    memory_modules,
    mmc,
    nvme,
    pci,
    pci_parts,
    placeholders,
    platform_parts,
    psutil_reader,
    smartctl,
)
from diagnostics.sources.sysfs import bracketed

MACHINES = Path(__file__).parent / "machines"
LISTS = Path(__file__).parent / "lists"
_DISK = Disk(path="/dev/nvme0", name="nvme0", kind=DiskKind.NVME)


def text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _dmi_text(data: bytes) -> object:
    word = text(data)
    fields = [placeholders.clean(word, field) for field in placeholders.Field]
    return (
        *fields, jedec.name(word), memory_modules.module_maker(word),
        memory_modules.module_part(word), memory_modules.size_bytes(word),
    )  # fmt: skip


def _small(data: bytes) -> object:
    word = text(data)
    return (
        firmware.parse_secure_boot(data), hwmon.celsius(word), mmc.parse(word, word),
        memory.parse_meminfo(word), smartctl.believable_hours(word),
    )  # fmt: skip


def _parts(data: bytes) -> object:
    word = text(data)
    return (
        cpu_detail.cache_bytes(word), cpu_detail.address_sizes(word), memory_detail.meminfo(word),
        pci_parts.mega_transfers(word), around.codec(word), bracketed(word),
        platform_parts.smbios_version(data),
    )  # fmt: skip


def _stock_list(data: bytes) -> object:
    try:
        return read_list(data)
    except RecordsError as error:  # the one way it may end otherwise
        return error.code


PARSERS: dict[str, Callable[[bytes], object]] = {
    **{f"read {kind}": partial(read, kind) for kind in KINDS},
    "nvme smart-log": nvme.parse,
    "nvme id-ctrl": lambda data: nvme.describe(data, _DISK),
    "lscpu": cpu.parse_lscpu,
    "lsblk": lsblk.parse,
    "lspci": lambda data: pci.parse(text(data)),
    "input devices": lambda data: inputs.parse(text(data)),
    "udev dmi": lambda data: memory.parse_udev(text(data)),
    "uevent": lambda data: battery.describe("BAT0", battery.parse_uevent(text(data))),
    "edid": lambda data: edid.parse(data, "eDP-1"),
    "psutil": psutil_reader.parse,
    "py-cpuinfo": cpuinfo_reader.parse,
    "dmi text": _dmi_text,
    "small values": _small,
    "pci parts": lambda data: pci_parts.named(pci.blocks(text(data))),
    "input parts": lambda data: platform_parts.input_parts(text(data)),
    "sound cards": lambda data: around.sound_cards(text(data), text(data)),
    "fwupd": fwupd.parse,
    "part values": _parts,
    "stock list": _stock_list,
}
UDEV = (
    b"E:MEMORY_ARRAY_MAX_CAPACITY=34359738368\nE:MEMORY_DEVICE_0_SIZE=8589934592\n"
    b"E:MEMORY_DEVICE_0_TYPE=DDR4\nE:MEMORY_DEVICE_0_MANUFACTURER=80CE\n"
    b"E:MEMORY_DEVICE_1_PRESENT=0\n"
)
SMART_LOG = (
    b'{"critical_warning":0,"temperature":311,"avail_spare":100,"spare_thresh":10,'
    b'"percent_used":3,"data_units_written":1234567,"power_on_hours":1200,"media_errors":0}'
)
SAS = json.dumps({
    "smartctl": {"version": [7, 4], "exit_status": 0}, "logical_block_size": 512,
    "device": {"name": "/dev/sdb", "type": "scsi", "protocol": "SCSI"}, "scsi_vendor": "HITACHI",
    "scsi_model_name": "HITACHI INVENTED", "serial_number": "ETAB0001", "rotation_rate": 10020,
    "scsi_transport_protocol": {"name": "SAS (SPL-4)", "value": 6},
    "smart_support": {"available": True, "enabled": True}, "smart_status": {"passed": True},
    "power_on_time": {"hours": 12000, "minutes": 3}, "scsi_grown_defect_list": 4,
    "scsi_error_counter_log": {
        "read": {"total_uncorrected_errors": 0, "gigabytes_processed": "111593.179"},
        "write": {"total_uncorrected_errors": 2, "gigabytes_processed": "2086.584"}},
    "scsi_self_test_0": {"code": {"value": 1, "string": "Background short"},
                         "result": {"value": 0, "string": "Completed"},
                         "power_on_time": {"hours": 11990}},
}).encode()  # fmt: skip
FWUPD = (
    b'{"Devices":[{"Name":"System Firmware","Vendor":"LENOVO","Version":"1.73",'
    b'"Plugin":"uefi_capsule","Flags":["internal","updatable"]},{"Name":"TPM"}]}'
)
ID_CTRL = b'{"vid":5197,"sn":"S0ETAB1","mn":"INVENTED SSD","fr":"1.0"}'


def seeds(name: str) -> list[bytes]:
    """Well-formed inputs of a parser, from the recorded machines."""
    files = [load(path.parent) for path in sorted(MACHINES.glob("*/manifest.json"))]
    commands: dict[str, list[bytes]] = {}
    for one in files:
        for key, data in one.items():
            if key.startswith("commands/") and key.endswith(".json"):
                argv = json.loads(data)["argv"]
                output = one.get(key.replace(".json", ".out"), b"")
                commands.setdefault(argv[0], []).append(output)
    ends = {
        "read edid": "/edid", "edid": "/edid", "read battery": "BAT0/uevent",
        "uevent": "BAT0/uevent", "read cpuinfo": "proc/cpuinfo",
        "input devices": "bus/input/devices", "small values": "meminfo",
        "dmi text": "sys_vendor", "input parts": "bus/input/devices",
        "sound cards": "asound/cards", "part values": "proc/cpuinfo",
    }  # fmt: skip
    by_command = {
        "read smartctl": "smartctl", "read dmidecode": "dmidecode", "read lscpu": "lscpu",
        "lscpu": "lscpu", "read lsblk": "lsblk", "lsblk": "lsblk", "lspci": "lspci",
        "pci parts": "lspci",
        "psutil": "python", "py-cpuinfo": "python",
    }  # fmt: skip
    if name == "stock list":
        return [path.read_bytes() for path in sorted(LISTS.iterdir())]
    if name in ends:
        found = [data for one in files for key, data in one.items() if key.endswith(ends[name])]
    elif name in by_command:
        found = commands[by_command[name]]
    else:
        found = {"nvme smart-log": [SMART_LOG], "nvme id-ctrl": [ID_CTRL], "udev dmi": [UDEV],
                 "fwupd": [FWUPD]}[name]  # fmt: skip
    if name == "read smartctl":
        found = [data for data in found if data.startswith(b"{")] + [SAS]
    return [data for data in found if data]


def encodable(value: object) -> None:
    """Facts must survive JSON whatever the input was. Raises when they do not."""
    json.dumps(msgspec.to_builtins(value), allow_nan=False).encode("utf-8")


_NASTY = (
    b"\x00", b"\xff\xfe", b"\xc3\x28", b"9" * 400, b"-1", b"1e999", b"NaN", b"null", b"[", b"{",
    b'"', b"\\u0000", b"\\ud800", b"true", b"\r\n", b"\t", b"0x", b"18446744073709551616",
    b"\xe2\x80\xae",
)  # fmt: skip
_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, 2**64, 10**400, 1.5, -0.0, "", "12", "x" * 300, [], {}, [[]],
    {"value": 1}, "\x00", "\ud800", [None] * 5,
)  # fmt: skip


def mutate(data: bytes, chance: random.Random) -> bytes:
    """The input cut, flipped, spliced, or with a JSON value swapped for a wrong one."""
    way = chance.randrange(6)
    if way == 0:
        return data[: chance.randrange(len(data) + 1)]
    if way == 1:
        place = chance.randrange(len(data) + 1)
        return data[:place] + chance.choice(_NASTY) + data[place + chance.randrange(4) :]
    if way == 2:
        changed = bytearray(data)
        for _ in range(chance.randrange(1, 9)):
            if changed:
                changed[chance.randrange(len(changed))] = chance.randrange(256)
        return bytes(changed)
    if way == 3:
        first, second = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        return data[:first] + data[second:] + data[first:second]
    if way == 4:
        return b"[" * chance.randrange(2000) + data
    return _with_wrong_value(data, chance)


def _with_wrong_value(data: bytes, chance: random.Random) -> bytes:
    """Somewhere inside a JSON document, another type of value."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return data * 2
    node = document
    while isinstance(node, dict | list) and node:
        key = chance.choice(list(node)) if isinstance(node, dict) else chance.randrange(len(node))
        child = node[key]
        if not isinstance(child, dict | list) or not child or chance.random() < 0.3:
            node[key] = chance.choice(_VALUES)
            break
        node = child
    return json.dumps(document).encode("utf-8", "replace")
