# ruff: noqa: E501, PLR0917  tables of invented values read better wide
"""The parts list of an invented machine: what sysfs shows beside what is judged."""

from __future__ import annotations

from tests.machines.invent import Machine

ESRT = "/sys/firmware/efi/esrt/entries"


def links(machine: Machine, slot: str, now: str, most: str, width: int, child: str = "") -> None:
    """A PCIe link, narrower or slower than it could be where `now` is not `most`."""
    base = f"/sys/bus/pci/devices/{slot}"
    machine.folder(base, current_link_speed=now, max_link_speed=most, current_link_width=width,
                   max_link_width=width, enable=1, irq=128)  # fmt: skip
    machine.index["links"][f"{base}/iommu_group"] = "/sys/kernel/iommu_groups/9"
    if child:
        machine.text(f"{base}/{child}/uevent", "")


def disk(machine: Machine, name: str, slot: str, partitions: list[tuple[int, int]]) -> None:
    """A queue with its limits, and partitions as (start, size) in 512-byte sectors."""
    base = f"/sys/block/{name}"
    machine.folder(f"{base}/queue", scheduler="none [mq-deadline] kyber", nr_requests=64,
                   max_sectors_kb=1280, minimum_io_size=512, discard_granularity=512,
                   discard_max_bytes=2147450880, write_zeroes_max_bytes=0,
                   write_cache="write back", fua=0, read_ahead_kb=128)  # fmt: skip
    machine.index["links"][base] = (
        f"/sys/devices/pci0000:00/{slot}/ata1/host0/target0:0:0/0:0:0:0/block/{name}"
    )
    machine.index["links"][f"{base}/device/driver"] = "/sys/bus/scsi/drivers/sd"
    for number, (start, size) in enumerate(partitions, 1):
        machine.folder(f"{base}/{name}{number}", partition=number, start=start, size=size, ro=0)
    machine.folder("/sys/class/scsi_host/host0", proc_name="ahci", state="running")
    machine.index["links"]["/sys/class/scsi_host/host0"] = (
        f"/sys/devices/pci0000:00/{slot}/ata1/host0"
    )


def processor(machine: Machine) -> None:
    base = "/sys/devices/system/cpu"
    machine.text(f"{base}/online", "0-3")
    for number, (level, kind, size, ways) in enumerate(
        [
            (1, "Data", "32K", 8),
            (1, "Instruction", "32K", 8),
            (2, "Unified", "256K", 4),
            (3, "Unified", "3072K", 12),
        ]
    ):
        machine.folder(f"{base}/cpu0/cache/index{number}", level=level, type=kind, size=size,
                       ways_of_associativity=ways, coherency_line_size=64, shared_cpu_list="0,2")  # fmt: skip
    machine.folder(f"{base}/cpu0/cpufreq", cpuinfo_min_freq=400000, cpuinfo_max_freq=3500000,
                   scaling_driver="intel_pstate", scaling_governor="powersave")  # fmt: skip
    machine.folder(f"{base}/vulnerabilities", meltdown="Mitigation: PTI",
                   mds="Mitigation: Clear CPU buffers; SMT vulnerable", srbds="Mitigation: Microcode")  # fmt: skip
    machine.text(f"{base}/smt/control", "on")
    machine.text(f"{base}/cpuidle/current_driver", "intel_idle")


def board(machine: Machine) -> None:
    machine.folder("/sys/class/dmi/id", bios_release="1.73", ec_firmware_release="1.35")
    machine.data("/sys/firmware/dmi/tables/smbios_entry_point", b"_SM_\x6f\x1f\x03\x00" + bytes(23))
    machine.folder(
        f"{ESRT}/entry0", fw_class="89f1b6b3-0000-4000-8000-000000000417", fw_version=65609
    )
    machine.folder(
        "/sys/class/rtc/rtc0", name="rtc_cmos rtc_cmos", date="2026-11-02", time="09:14:00"
    )
    machine.folder("/sys/devices/system/clocksource/clocksource0", current_clocksource="tsc",
                   available_clocksource="tsc hpet acpi_pm")  # fmt: skip
    machine.text("/proc/sys/kernel/arch", "x86_64")
    machine.text("/sys/kernel/security/lockdown", "none [integrity] confidentiality")


def around(machine: Machine) -> None:
    machine.text("/proc/asound/cards", " 0 [PCH            ]: HDA-Intel - HDA Intel PCH\n"
                 "                      HDA Intel PCH at 0xf1040000 irq 130")  # fmt: skip
    machine.text(
        "/proc/asound/pcm", "00-00: ALC298 Analog : ALC298 Analog : playback 1 : capture 1"
    )
    machine.text("/proc/asound/card0/codec#0", "Codec: Realtek ALC298\nAddress: 0")
    machine.folder("/sys/class/thermal/thermal_zone0", type="x86_pkg_temp", temp=46000,
                   trip_point_0_type="critical", trip_point_0_temp=100000)  # fmt: skip
    machine.folder("/sys/class/thermal/cooling_device0", type="Processor", max_state=10)
    machine.folder("/sys/class/power_supply/AC", type="Mains", online=0)
    machine.folder(
        "/sys/class/net/enp0s31f6", mtu=1500, operstate="down", duplex="unknown", addr_len=6
    )
    machine.text("/sys/class/net/enp0s31f6/queues/rx-0/rps_cpus", "0")
