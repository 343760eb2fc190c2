# ruff: noqa: E501, PLR0917  tables of invented values read better wide
"""Writes the invented machines of this folder: realistic recordings with no real serial.

`python -m tests.machines.make` from the root uses it to rewrite every
invented folder and its `expected.json`. A machine recorded with `etabli capture` needs no
line here: put its folder beside the others and write its `expected.json` by hand.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec

from diagnostics.probe import probe
from diagnostics.recording.capture import Replay
from diagnostics.recording.store import Store, store

HERE = Path(__file__).parent
WHEN = "2026-11-02T09:14:00Z"
SKYLAKE = (
    "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush dts acpi mmx "
    "fxsr sse sse2 ss ht tm pbe syscall nx pdpe1gb rdtscp lm constant_tsc art arch_perfmon pebs bts "
    "rep_good nopl xtopology nonstop_tsc cpuid aperfmperf pni pclmulqdq dtes64 monitor ds_cpl vmx "
    "smx est tm2 ssse3 sdbg fma cx16 xtpr pdcm pcid sse4_1 sse4_2 x2apic movbe popcnt aes xsave avx "
    "f16c rdrand lahf_lm abm 3dnowprefetch bmi1 avx2 smep bmi2 erms invpcid"
)
CORE2 = (
    "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat pse36 clflush dts acpi mmx "
    "fxsr sse sse2 ss ht tm pbe syscall nx lm constant_tsc arch_perfmon pebs bts rep_good nopl "
    "aperfmperf pni dtes64 monitor ds_cpl vmx est tm2 ssse3 cx16 xtpr pdcm sse4_1 lahf_lm"
)
ZEN = SKYLAKE.replace(" vmx", " svm").replace("dts acpi ", "") + " sha_ni clzero"


class Machine:
    """A recording being written."""

    def __init__(self, name: str, note: str) -> None:
        self.name = name
        self.files: Store = {}
        self.index: dict[str, Any] = {"problems": {}, "names": {}, "links": {}, "tools": {}}
        self.commands = 0
        self.note = note

    def text(self, path: str, content: str) -> None:
        self.files[f"files{path}"] = f"{content}\n".encode()

    def data(self, path: str, content: bytes) -> None:
        self.files[f"files{path}"] = content

    def folder(self, path: str, **values: object) -> None:
        for name, value in values.items():
            self.text(f"{path}/{name}", str(value))

    def command(self, argv: list[str], out: str, code: int = 0) -> None:
        self.commands += 1
        stem = f"commands/{self.commands:03d}"
        head = {"argv": argv, "exit_code": code, "problem": None, "elapsed_s": 0.02}
        self.files[f"{stem}.json"] = pretty(head)
        self.files[f"{stem}.out"] = out.encode()

    def write(self) -> None:
        manifest = {
            "format": 1,
            "recorded_at": WHEN,
            "anonymised": True,
            "unlisted": "missing",
            "note": self.note,
        }
        self.files["manifest.json"] = pretty(manifest)
        self.files["files.json"] = pretty(self.index)
        target = HERE / self.name
        shutil.rmtree(target, ignore_errors=True)
        store(self.files, target)
        facts = msgspec.to_builtins(probe(Replay(target)))
        (target / "expected.json").write_bytes(pretty(facts))


def pretty(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def cpu(machine: Machine, *, brand: str, vendor: str, ids: tuple[int, int, int], cores: int,
        threads: int, flags: str, microcode: str, mhz: int) -> None:  # fmt: skip
    blocks = []
    for number in range(threads):
        blocks.append(
            f"processor\t: {number}\nvendor_id\t: {vendor}\ncpu family\t: {ids[0]}\n"
            f"model\t\t: {ids[1]}\nmodel name\t: {brand}\nstepping\t: {ids[2]}\n"
            f"microcode\t: {microcode}\ncpu MHz\t\t: 800.000\nphysical id\t: 0\n"
            f"siblings\t: {threads}\ncore id\t\t: {number % cores}\ncpu cores\t: {cores}\n"
            f"flags\t\t: {flags}\n"
        )
    machine.text("/proc/cpuinfo", "\n".join(blocks))
    rows = {
        "Architecture:": "x86_64", "CPU(s):": threads, "Vendor ID:": vendor, "Model name:": brand,
        "CPU family:": ids[0], "Model:": ids[1], "Thread(s) per core:": threads // cores,
        "Core(s) per socket:": cores, "Socket(s):": 1, "Stepping:": ids[2],
        "CPU max MHz:": f"{mhz}.0000", "Flags:": flags,
    }  # fmt: skip
    table = [{"field": field, "data": str(value)} for field, value in rows.items()]
    machine.command(["lscpu", "-J"], json.dumps({"lscpu": table}, indent=3))
    second = {
        "brand_raw": brand, "vendor_id_raw": vendor, "count": threads,
        "hz_advertised": [mhz * 1_000_000, 0], "flags": sorted(flags.split()),
    }  # fmt: skip
    machine.command(["python", "-P", "-m", "cpuinfo", "--json"], json.dumps(second))


def memory(machine: Machine, kib: int, cores: int, threads: int) -> None:
    machine.text("/proc/meminfo", f"MemTotal:       {kib} kB\nMemFree:        {kib // 2} kB")
    second = {"memory_total_bytes": kib * 1024, "cores": cores, "threads": threads, "links": {}}
    machine.command(["python", "-P", "psutil_dump.py"], json.dumps(second))


def dmi(machine: Machine, values: dict[str, str]) -> None:
    for name, value in values.items():
        machine.text(f"/sys/class/dmi/id/{name}", value)


def dmidecode(machine: Machine, values: dict[str, str], chassis: str, modules: list[dict[str, str]],
              maximum: str) -> None:  # fmt: skip
    head = "# dmidecode 3.6\nGetting SMBIOS data from sysfs.\nSMBIOS 3.0.0 present.\n\n"
    blocks = [
        (0, "BIOS Information", {"Vendor": values["bios_vendor"], "Version": values["bios_version"],
                                 "Release Date": values["bios_date"]}),
        (1, "System Information", {"Manufacturer": values["sys_vendor"],
            "Product Name": values["product_name"], "Version": values["product_version"],
            "Serial Number": values["product_serial"], "UUID": values["product_uuid"],
            "Wake-up Type": "Power Switch", "SKU Number": values["product_sku"],
            "Family": values["product_family"]}),
        (2, "Base Board Information", {"Manufacturer": values["board_vendor"],
            "Product Name": values["board_name"], "Serial Number": values["board_serial"]}),
        (3, "Chassis Information", {"Manufacturer": values["sys_vendor"], "Type": chassis,
            "Serial Number": values["chassis_serial"], "Asset Tag": values["chassis_asset_tag"]}),
        (16, "Physical Memory Array", {"Location": "System Board Or Motherboard",
            "Use": "System Memory", "Error Correction Type": "None",
            "Maximum Capacity": maximum, "Number Of Devices": str(len(modules))}),
        *((17, "Memory Device", module) for module in modules),
    ]  # fmt: skip
    text = head
    for number, (kind, title, pairs) in enumerate(blocks):
        text += f"Handle 0x{number:04X}, DMI type {kind}, 40 bytes\n{title}\n"
        text += "".join(f"\t{key}: {value}\n" for key, value in pairs.items()) + "\n"
    machine.command(["dmidecode"], text)


def edid(maker: str, product: int, number: int, week: int, year: int, mm: tuple[int, int],
         px: tuple[int, int], texts: list[tuple[int, str]]) -> bytes:  # fmt: skip
    packed = sum((ord(c) - 64) << s for c, s in zip(maker, (10, 5, 0), strict=True))
    out = bytearray(b"\x00\xff\xff\xff\xff\xff\xff\x00")
    out += packed.to_bytes(2, "big") + product.to_bytes(2, "little") + number.to_bytes(4, "little")
    out += bytes([week, year - 1990, 1, 4, 0x95, mm[0] // 10, mm[1] // 10, 0x78, 0x02])
    out += bytes.fromhex("b9459555" + "539f280d5054") + bytes([0, 0, 0]) + b"\x01" * 16
    hblank, vblank = 160, 30
    clock = (px[0] + hblank) * (px[1] + vblank) * 60 // 10_000
    timing = clock.to_bytes(2, "little")
    timing += bytes([px[0] & 255, hblank & 255, (px[0] >> 8) << 4 | hblank >> 8])
    timing += bytes([px[1] & 255, vblank & 255, (px[1] >> 8) << 4 | vblank >> 8, 48, 32, 0x35, 0])
    timing += bytes([mm[0] & 255, mm[1] & 255, (mm[0] >> 8) << 4 | mm[1] >> 8, 0, 0, 0x18])
    out += timing
    for tag, line in texts[:3]:
        out += (
            b"\x00\x00\x00"
            + bytes([tag, 0])
            + line.encode().ljust(13, b" ")[:13].replace(b"  ", b"\n ", 1)
        )
    while len(out) < 126:
        out += b"\x00\x00\x00\x10\x00" + bytes(13)
    out = out[:126] + b"\x00"
    out.append(-sum(out) % 256)
    return bytes(out)


def lsblk(machine: Machine, rows: list[dict[str, Any]]) -> None:
    table = []
    for row in rows:
        base = {"name": row["kname"], "path": f"/dev/{row['kname']}", "type": "disk", "rm": False,
                "ro": False, "log-sec": 512, "phy-sec": 4096, "zoned": "none", "vendor": None,
                "subsystems": "block:scsi:pci", "mountpoints": [None]}  # fmt: skip
        table.append({**base, **row})
    machine.command(["lsblk", "-J", "-O", "-b"], json.dumps({"blockdevices": table}, indent=3))


def ata(*, model: str, family: str, serial: str, firmware: str, size: int, rpm: int, form: str,
        hours: int, cycles: int, celsius: int, table: list[tuple[Any, ...]],
        path: str = "/dev/sda", passed: bool = True, wear: int | None = None,
        tests: list[dict[str, Any]] | None = None) -> dict[str, Any]:  # fmt: skip
    rows = []
    for number, name, value, worst, thresh, raw, prefail in table:
        rows.append({
            "id": number, "name": name, "value": value, "worst": worst, "thresh": thresh,
            "when_failed": "", "flags": {"value": 51 if prefail else 50, "string": "PO--CK ",
            "prefailure": prefail, "updated_online": True},
            "raw": {"value": raw, "string": str(raw)},
        })  # fmt: skip
    report: dict[str, Any] = {
        "json_format_version": [1, 0],
        "smartctl": {"version": [7, 4], "argv": ["smartctl", "-x", "-j", path], "exit_status": 0},
        "device": {"name": path, "info_name": f"{path} [SAT]", "type": "sat", "protocol": "ATA"},
        "model_family": family, "model_name": model, "serial_number": serial,
        "wwn": {"naa": 5, "oui": 9528, "id": int(serial[-6:].translate(_DIGITS)) + 10**10},
        "firmware_version": firmware, "user_capacity": {"blocks": size // 512, "bytes": size},
        "logical_block_size": 512, "physical_block_size": 4096 if rpm else 512,
        "rotation_rate": rpm, "form_factor": {"ata_value": 3, "name": form},
        "trim": {"supported": rpm == 0},
        "sata_version": {"string": "SATA 3.2", "value": 255},
        "smart_support": {"available": True, "enabled": True}, "smart_status": {"passed": passed},
        "ata_smart_data": {"self_test": {"status": {"value": 0, "string": "completed",
            "passed": True}, "polling_minutes": {"short": 2, "extended": 30}}},
        "ata_smart_attributes": {"revision": 1, "table": rows},
        "power_on_time": {"hours": hours}, "power_cycle_count": cycles,
        "temperature": {"current": celsius},
        "ata_smart_self_test_log": {"extended": {"revision": 1, "table": tests or [],
                                                 "count": len(tests or [])}},
    }  # fmt: skip
    if wear is not None:
        report["ata_device_statistics"] = {"pages": [{"number": 7, "name": "Solid State", "table": [
            {"offset": 8, "name": "Percentage Used Endurance Indicator", "size": 1, "value": wear,
             "flags": {"valid": True, "normalized": True}}]}]}  # fmt: skip
    return report


_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678901234567890123456")


HEAD = [
    "smartctl 7.4 2023-08-01 r5530 [x86_64-linux-6.12.48] (local build)",
    "Copyright (C) 2002-23, Bruce Allen, Christian Franke, www.smartmontools.org",
    "",
    "=== START OF INFORMATION SECTION ===",
]
VERDICT = "SMART overall-health self-assessment test result: "


def smart_text(report: dict[str, Any]) -> str:
    """The same drive in smartctl's words, for the second reader."""
    ata_drive = report["device"]["protocol"] == "ATA"
    lines = [*HEAD, *(_ata_text(report) if ata_drive else _nvme_text(report))]
    return "\n".join(lines) + "\n"


def _passed(report: dict[str, Any]) -> str:
    return VERDICT + ("PASSED" if report["smart_status"]["passed"] else "FAILED!")


def _ata_text(report: dict[str, Any]) -> list[str]:
    size = report["user_capacity"]["bytes"]
    lines = [
        f"Model Family:     {report['model_family']}", f"Device Model:     {report['model_name']}",
        f"Serial Number:    {report['serial_number']}",
        f"Firmware Version: {report['firmware_version']}",
        f"User Capacity:    {size:,} bytes [{size // 10**9} GB]",
        f"Sector Sizes:     512 bytes logical, {report['physical_block_size']} bytes physical",
        f"Rotation Rate:    {report['rotation_rate'] or 'Solid State Device'}",
        "ATA Version is:   ACS-4 T13/BSR INCITS 529 revision 5",
        "SATA Version is:  SATA 3.2, 6.0 Gb/s (current: 6.0 Gb/s)",
        "SMART support is: Available - device has SMART capability.",
        "SMART support is: Enabled", "", "=== START OF READ SMART DATA SECTION ===",
        _passed(report), "", "SMART Attributes Data Structure revision number: 1",
        "Vendor Specific SMART Attributes with Thresholds:",
        "ID# ATTRIBUTE_NAME          FLAG     VALUE WORST THRESH TYPE      UPDATED  WHEN_FAILED "
        "RAW_VALUE",
    ]  # fmt: skip
    for row in report["ata_smart_attributes"]["table"]:
        kind = "Pre-fail" if row["flags"]["prefailure"] else "Old_age"
        lines.append(
            f"{row['id']:3d} {row['name']:<24}0x0033   {row['value']:03d}   {row['worst']:03d}   "
            f"{row['thresh']:03d}    {kind:<10}Always       -       {row['raw']['string']}"
        )
    lines += ["", "SMART Error Log Version: 1", "No Errors Logged", ""]
    lines += ["SMART Self-test log structure revision number 1", ""]
    return lines


def _nvme_text(report: dict[str, Any]) -> list[str]:
    log = report["nvme_smart_health_information_log"]
    size = report["user_capacity"]["bytes"]
    return [
        f"Model Number:                       {report['model_name']}",
        f"Serial Number:                      {report['serial_number']}",
        f"Firmware Version:                   {report['firmware_version']}",
        f"Total NVM Capacity:                 {size:,} [{size // 10**9} GB]", "",
        "=== START OF SMART DATA SECTION ===", _passed(report), "",
        "SMART/Health Information (NVMe Log 0x02)",
        "Critical Warning:                   0x00",
        f"Temperature:                        {log['temperature']} Celsius",
        f"Available Spare:                    {log['available_spare']}%",
        f"Available Spare Threshold:          {log['available_spare_threshold']}%",
        f"Percentage Used:                    {log['percentage_used']}%",
        f"Power On Hours:                     {log['power_on_hours']:,}",
        f"Media and Data Integrity Errors:    {log['media_errors']}",
    ]  # fmt: skip


def drive(machine: Machine, report: dict[str, Any]) -> None:
    """Every smartctl call the readers make on this drive."""
    path, exit_status = report["device"]["name"], report["smartctl"]["exit_status"]
    machine.command(["smartctl", "-x", "-j", path], json.dumps(report, indent=1), exit_status)
    kind = report["device"]["type"]
    words = f"{path}: Device of type '{kind}' [{report['device']['protocol']}]"
    machine.command(
        ["smartctl", "-d", "test", path],
        "\n".join(
            (*smart_text(report).splitlines()[:2], "", f"{words} detected", f"{words} opened")
        ),
    )
    for argv in (["-d", kind, "--all", path], ["-d", kind, "-a", path]):
        machine.command(["smartctl", *argv], smart_text(report), exit_status)


def pci(machine: Machine, rows: list[tuple[str, str, str, str, str]]) -> None:
    blocks = []
    for slot, class_word, vendor, device, driver in rows:
        blocks.append(f"Slot:\t{slot}\nClass:\t{class_word}\nVendor:\t{vendor}\nDevice:\t{device}\n"
                      + (f"Driver:\t{driver}\n" if driver else ""))  # fmt: skip
        machine.text(f"/sys/bus/pci/devices/{slot}/class", "0x000000")
    machine.command(["lspci", "-D", "-vmmnnk"], "\n".join(blocks))


def usb(machine: Machine, port: str, vendor: str, product: str, maker: str, name: str,
        interfaces: list[tuple[str, str]]) -> None:  # fmt: skip
    base = f"/sys/bus/usb/devices/{port}"
    machine.folder(base, idVendor=vendor, idProduct=product, manufacturer=maker, product=name,
                   bDeviceClass="ef")  # fmt: skip
    for number, (code, sub) in enumerate(interfaces):
        machine.folder(f"/sys/bus/usb/devices/{port}:1.{number}",
                       bInterfaceClass=code, bInterfaceSubClass=sub)  # fmt: skip


def port(machine: Machine, name: str, mac: str, driver: str, device: str, carrier: str = "",
         speed: str = "", wifi: bool = False) -> None:  # fmt: skip
    base = f"/sys/class/net/{name}"
    machine.folder(base, address=mac, addr_assign_type=0)
    if carrier:
        machine.folder(base, carrier=carrier, speed=speed or "-1")
    else:
        machine.index["problems"][f"{base}/carrier"] = "io"
    if wifi:
        machine.text(f"{base}/phy80211/name", "phy0")
    machine.index["links"][f"{base}/device"] = device
    machine.index["links"][f"{base}/device/driver"] = f"/sys/bus/pci/drivers/{driver}"


def screen(machine: Machine, connector: str, data: bytes) -> None:
    base = f"/sys/class/drm/card0-{connector}"
    machine.text(f"{base}/status", "connected")
    machine.data(f"{base}/edid", data)


def battery(machine: Machine, name: str, **values: object) -> None:
    base = f"/sys/class/power_supply/{name}"
    lines = {"NAME": name, "TYPE": "Battery", "PRESENT": 1, "TECHNOLOGY": "Li-poly", **values}
    machine.text(
        f"{base}/uevent", "\n".join(f"POWER_SUPPLY_{k.upper()}={v}" for k, v in lines.items())
    )


def uefi(machine: Machine, secure: bool, tables: tuple[str, ...] = ()) -> None:
    machine.text("/sys/firmware/efi/fw_platform_size", "64")
    name = "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
    machine.data(f"/sys/firmware/efi/efivars/{name}", b"\x06\x00\x00\x00" + bytes([secure]))
    machine.index["names"]["/sys/firmware/acpi/tables"] = ["APIC", "DSDT", "FACP", *tables]


def admin_password(machine: Machine, vendor: str, name: str, enabled: bool) -> None:
    base = f"/sys/class/firmware-attributes/{vendor}/authentication/{name}"
    machine.folder(base, is_enabled=int(enabled), role="bios-admin")


def hwmon(
    machine: Machine, number: int, chip: str, temps: dict[str, int], fans: dict[str, int]
) -> None:
    base = f"/sys/class/hwmon/hwmon{number}"
    machine.text(f"{base}/name", chip)
    for place, (label, value) in enumerate(temps.items(), 1):
        machine.folder(base, **{f"temp{place}_input": value * 1000, f"temp{place}_label": label})
    for place, (label, value) in enumerate(fans.items(), 1):
        machine.folder(base, **{f"fan{place}_input": value, f"fan{place}_label": label})


INPUT = (
    "I: Bus=0019 Vendor=0000 Product=0005 Version=0000\nN: Name=\"Lid Switch\"\n"
    "B: PROP=0\nB: EV=21\nB: SW=1\n\n"
    "I: Bus=0011 Vendor=0001 Product=0001 Version=ab54\nN: Name=\"AT Translated Set 2 keyboard\"\n"
    "B: PROP=0\nB: EV=120013\nB: KEY=402000000 3803078f800d001 feffffdfffefffff fffffffffffffffe\n\n"
    "I: Bus=0011 Vendor=0002 Product=0007 Version=01b1\nN: Name=\"Synaptics TM3276-022\"\n"
    "B: PROP=5\nB: EV=b\nB: KEY=e520 10000 0 0 0 0\nB: ABS=660800011000003\n"
)  # fmt: skip
DESK_INPUT = (
    "I: Bus=0003 Vendor=046d Product=c31c Version=0110\nN: Name=\"Logitech USB Keyboard\"\n"
    "B: PROP=0\nB: EV=120013\nB: KEY=1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe\n"
)  # fmt: skip
