"""The board itself: firmware tables, clocks, buses without plugs, and input devices."""

from __future__ import annotations

import re

from diagnostics.command import Runner
from diagnostics.findings import Findings
from diagnostics.inventory import FirmwareDetail, InputPart, Inventory, Platform
from diagnostics.sources.coerce import text
from diagnostics.sources.sysfs import Folder, bracketed

ESRT = "/sys/firmware/efi/esrt/entries"
_NOT_TABLES = ("data", "dynamic")
_IDS = re.compile(r"I: Bus=([0-9a-f]{4}) Vendor=([0-9a-f]{4}) Product=([0-9a-f]{4})")
_LINE = re.compile(r'^([NPH]): \w+="?(.*?)"?$', re.MULTILINE)
_SMBIOS = re.compile(rb"_SM3_.{2}(.)(.)", re.DOTALL), re.compile(rb"_SM_.{2}(.)(.)", re.DOTALL)


def read(runner: Runner) -> Findings:
    """What there is of it."""
    return Findings(
        inventory=Inventory(
            firmware=_firmware(runner),
            platform=_platform(runner),
            inputs=input_parts(runner.read("/proc/bus/input/devices").text or ""),
        )
    )


def _firmware(runner: Runner) -> FirmwareDetail | None:
    dmi = Folder(runner, "/sys/class/dmi/id")
    tables = Folder(runner, "/sys/firmware/acpi/tables").names()
    entry = runner.read("/sys/firmware/dmi/tables/smbios_entry_point").data or b""
    found = FirmwareDetail(
        acpi_tables=tuple(name[:20] for name in tables if name not in _NOT_TABLES),
        bios_release=dmi.text("bios_release", 20),
        controller_release=dmi.text("ec_firmware_release", 20),
        smbios_version=smbios_version(entry),
        updatable=_updatable(runner),
    )
    return found if found != FirmwareDetail() else None


def smbios_version(entry: bytes) -> str | None:
    """Of the entry point: major and minor stand after anchor, checksum and length."""
    for pattern in _SMBIOS:
        if found := pattern.match(entry[:32]):
            return f"{found[1][0]}.{found[2][0]}"
    return None


def _updatable(runner: Runner) -> tuple[str, ...]:
    found = []
    for name in Folder(runner, ESRT).names()[:32]:
        here = Folder(runner, f"{ESRT}/{name}")
        which, version = here.text("fw_class", 40), here.text("fw_version", 20)
        if which and version:
            found.append(f"{which} version {version}")
    return tuple(found)


def _platform(runner: Runner) -> Platform | None:
    clock = Folder(runner, "/sys/devices/system/clocksource/clocksource0")
    rtc = Folder(runner, "/sys/class/rtc/rtc0")
    day, hour = rtc.text("date", 20), rtc.text("time", 20)
    events = Folder(runner, "/sys/devices/system/clockevents")
    found = Platform(
        architecture=Folder(runner, "/proc/sys/kernel").text("arch", 20),
        hypervisor=Folder(runner, "/sys/hypervisor").text("type", 20),
        clocksource=clock.text("current_clocksource", 40),
        clocksources=tuple((clock.text("available_clocksource") or "").split())[:16],
        clock_events=tuple(
            told for name in events.names()[:8] if (told := events.text(f"{name}/current_device"))
        ),
        rtc=rtc.text("name", 60),
        rtc_time=f"{day}T{hour}Z" if day and hour else None,
        secure_lockdown=bracketed(Folder(runner, "/sys/kernel/security").text("lockdown")),
        entropy_source=Folder(runner, "/sys/class/misc/hw_random").text("rng_current", 40),
        virtio=_virtio(runner),
        pnp=_pnp(runner),
        serial_ports=_serial_ports(runner),
        watchdogs=tuple(
            told
            for name in Folder(runner, "/sys/class/watchdog").names()[:8]
            if (told := Folder(runner, f"/sys/class/watchdog/{name}").text("identity", 60))
        ),
    )
    return found if found != Platform() else None


def _virtio(runner: Runner) -> tuple[str, ...]:
    folder = Folder(runner, "/sys/bus/virtio/devices")
    return tuple(
        " ".join(part for part in (name, folder.inside(name).target("driver")) if part)
        for name in folder.names()[:64]
    )


def _pnp(runner: Runner) -> tuple[str, ...]:
    folder = Folder(runner, "/sys/bus/pnp/devices")
    found = []
    for name in folder.names()[:64]:
        here = folder.inside(name)
        parts = (name, (here.text("id") or "").split(" ")[0], here.target("driver"))
        found.append(" ".join(part for part in parts if part))
    return tuple(found)


def _serial_ports(runner: Runner) -> tuple[str, ...]:
    """The kernel lists 32 possible ones; type 0 is none."""
    names = [n for n in Folder(runner, "/sys/class/tty").names() if re.fullmatch(r"ttyS\d+", n)]
    return tuple(n for n in names if Folder(runner, f"/sys/class/tty/{n}").number("type", 1))


def input_parts(source: str) -> tuple[InputPart, ...]:
    """All of `/proc/bus/input/devices`, buttons and hot keys too."""
    found = []
    for block in source[:200_000].split("\n\n")[:128]:
        ids, lines = _IDS.search(block), dict(_LINE.findall(block))
        name = text(lines.get("N"), 80)
        if ids is None or name is None:
            continue
        found.append(
            InputPart(
                name=name,
                bus=ids[1],
                vendor_id=ids[2],
                product_id=ids[3],
                physical=text(lines.get("P"), 60),
                handlers=tuple((text(lines.get("H"), 120) or "").split())[:16],
            )
        )
    return tuple(found)
