# ruff: noqa: E501  tables of invented values read better wide
"""The invented machines. `python -m tests.machines.make [NAME...]` rewrites them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from tests.machines import invent as i
from tests.machines import parts

WIFI = "Network controller [0280]"
VGA = "VGA compatible controller [0300]"
AUDIO = "Audio device [0403]"
INTEL = "Intel Corporation [8086]"
GB = 10**9


def laptop_sata_ssd() -> None:
    """A ThinkPad as workshops get by the dozen: SATA SSD, two batteries, one weak."""
    m = i.Machine("laptop-sata-ssd", "invented: office laptop of 2017, SATA SSD, two batteries")
    values = {
        "sys_vendor": "LENOVO", "product_name": "20HES2ET00", "product_version": "ThinkPad T470",
        "product_serial": "PF0ETAB7", "product_uuid": "7c1e52cc-2f1b-11b2-a85c-9a3d5e60b714",
        "product_sku": "LENOVO_MT_20HE_BU_Think_FM_ThinkPad T470",
        "product_family": "ThinkPad T470", "board_vendor": "LENOVO", "board_name": "20HES2ET00",
        "board_serial": "L1HF73K0ETB", "chassis_type": "10", "chassis_serial": "PF0ETAB7",
        "chassis_asset_tag": "No Asset Information", "bios_vendor": "LENOVO",
        "bios_version": "N1QET98W (1.73 )", "bios_date": "06/21/2023",
    }  # fmt: skip
    i.dmi(m, values)
    module = {
        "Size": "8 GB", "Form Factor": "SODIMM", "Locator": "ChannelA-DIMM0",
        "Bank Locator": "BANK 0", "Type": "DDR4", "Speed": "2400 MT/s", "Manufacturer": "Samsung",
        "Serial Number": "35A7E9B1", "Asset Tag": "None", "Part Number": "M471A1K43CB1-CRC",
        "Configured Memory Speed": "2133 MT/s",
    }  # fmt: skip
    empty = {"Size": "No Module Installed", "Locator": "ChannelB-DIMM0", "Type": "Unknown",
             "Manufacturer": "Not Specified", "Part Number": "Not Specified"}  # fmt: skip
    i.dmidecode(m, values, "Notebook", [module, empty], "32 GB")
    i.cpu(m, brand="Intel(R) Core(TM) i5-7300U CPU @ 2.60GHz", vendor="GenuineIntel",
          ids=(6, 142, 9), cores=2, threads=4, flags=i.SKYLAKE, microcode="0xf4", mhz=3500)  # fmt: skip
    i.memory(m, 7_956_420, 2, 4)
    i.lsblk(m, [{"kname": "sda", "model": "SAMSUNG MZ7LN256HAJQ-000L7", "serial": "S3TWNX0ETAB417",
                 "wwn": "0x5002538e40e7ab17", "size": 256_060_514_304, "rota": False,
                 "tran": "sata", "phy-sec": 512, "rev": "7L6Q", "vendor": "ATA     "}])  # fmt: skip
    by_id = "/dev/disk/by-id"
    names = ["ata-SAMSUNG_MZ7LN256HAJQ-000L7_S3TWNX0ETAB417", "wwn-0x5002538e40e7ab17"]
    m.index["names"][by_id] = names
    m.index["links"].update({f"{by_id}/{name}": "/dev/sda" for name in names})
    report = i.ata(
        model="SAMSUNG MZ7LN256HAJQ-000L7", family="Samsung based SSDs", serial="S3TWNX0ETAB417",
        firmware="MVT05L6Q", size=256_060_514_304, rpm=0, form="2.5 inches", hours=11_482,
        cycles=2_107, celsius=31, wear=9,
        table=[
            (5, "Reallocated_Sector_Ct", 100, 100, 10, 0, True),
            (9, "Power_On_Hours", 97, 97, 0, 11_482, False),
            (12, "Power_Cycle_Count", 97, 97, 0, 2_107, False),
            (170, "Unused_Rsvd_Blk_Ct_Chip", 100, 100, 10, 0, True),
            (177, "Wear_Leveling_Count", 91, 91, 5, 97, True),
            (184, "End-to-End_Error", 100, 100, 97, 0, True),
            (187, "Uncorrectable_Error_Cnt", 100, 100, 0, 0, False),
            (190, "Airflow_Temperature_Cel", 69, 46, 0, 31, False),
            (199, "CRC_Error_Count", 100, 100, 0, 0, False),
            (241, "Total_LBAs_Written", 99, 99, 0, 31_245_117_442, False),
        ],
        tests=[{"type": {"value": 1, "string": "Short offline"},
                "status": {"value": 0, "string": "Completed without error", "passed": True},
                "lifetime_hours": 11_480}],
    )  # fmt: skip
    i.drive(m, report)
    i.pci(m, [
        ("0000:00:02.0", VGA, INTEL, "HD Graphics 620 [5916]", "i915"),
        ("0000:00:1f.3", AUDIO, INTEL, "Sunrise Point-LP HD Audio [9d71]", "snd_hda_intel"),
        ("0000:00:1f.6", "Ethernet controller [0200]", INTEL,
         "Ethernet Connection (4) I219-LM [15d7]", "e1000e"),
        ("0000:04:00.0", WIFI, INTEL, "Wireless 8265 / 8275 [24fd]", "iwlwifi"),
    ])  # fmt: skip
    i.usb(m, "1-7", "8087", "0a2b", "Intel Corp.", "Bluetooth wireless interface", [("e0", "01")])
    i.usb(m, "1-8", "04f2", "b5ab", "Chicony Electronics Co.,Ltd.", "Integrated Camera",
          [("0e", "01"), ("0e", "02")])  # fmt: skip
    i.usb(m, "1-9", "138a", "0097", "", "", [("ff", "00")])
    i.port(m, "enp0s31f6", "54:e1:ad:7e:ab:17", "e1000e",
           "/sys/devices/pci0000:00/0000:00:1f.6", "0")  # fmt: skip
    i.port(m, "wlp4s0", "f8:63:3f:7e:ab:18", "iwlwifi",
           "/sys/devices/pci0000:00/0000:00:1c.2/0000:04:00.0", wifi=True)  # fmt: skip
    m.folder("/sys/class/rfkill/rfkill0", type="wlan", soft=0, hard=0)
    m.folder("/sys/class/rfkill/rfkill1", type="bluetooth", soft=0, hard=0)
    i.screen(m, "eDP-1", i.edid("LGD", 0x0521, 0, 12, 2016, (310, 174), (1920, 1080),
                                [(0xFE, "LG Display"), (0xFE, "LP140WF6-SPF1")]))  # fmt: skip
    i.battery(m, "BAT0", status="Not charging", cycle_count=214, voltage_min_design=11_460_000,
              voltage_now=12_330_000, energy_full_design=23_480_000, energy_full=19_020_000,
              energy_now=17_640_000, capacity=92, manufacturer="SANYO", model_name="01AV421",
              serial_number=2714)  # fmt: skip
    i.battery(m, "BAT1", status="Discharging", cycle_count=402, voltage_min_design=11_400_000,
              voltage_now=11_902_000, energy_full_design=23_940_000, energy_full=14_130_000,
              energy_now=9_870_000, capacity=69, manufacturer="LGC", model_name="01AV424",
              serial_number=1107)  # fmt: skip
    m.text("/sys/class/power_supply/AC/uevent", "POWER_SUPPLY_NAME=AC\nPOWER_SUPPLY_TYPE=Mains\n"
           "POWER_SUPPLY_ONLINE=0")  # fmt: skip
    m.text("/sys/class/tpm/tpm0/tpm_version_major", "2")
    i.uefi(m, secure=True)
    i.admin_password(m, "thinklmi", "Admin", False)
    i.hwmon(m, 0, "coretemp", {"Package id 0": 46, "Core 0": 44, "Core 1": 46}, {})
    i.hwmon(m, 1, "thinkpad", {"CPU": 46}, {"fan1": 2864})
    m.text("/proc/bus/input/devices", i.INPUT)
    m.text("/proc/sys/kernel/osrelease", "6.12.48+deb13-amd64")
    parts.links(m, "0000:04:00.0", "2.5 GT/s PCIe", "2.5 GT/s PCIe", 1, "net/wlp4s0")
    parts.disk(m, "sda", "0000:00:17.0", [(2048, 1_048_576), (1_050_624, 498_000_000)])
    parts.processor(m)
    parts.board(m)
    parts.around(m)
    m.write()


def desktop_hdd() -> None:
    """An assembled tower: placeholders everywhere, no serial, a disk with reallocated sectors."""
    m = i.Machine("desktop-hdd-placeholders", "invented: assembled tower of 2012, hard disk")
    values = {
        "sys_vendor": "To be filled by O.E.M.", "product_name": "To be filled by O.E.M.",
        "product_version": "To be filled by O.E.M.", "product_serial": "To be filled by O.E.M.",
        "product_uuid": "03000200-0400-0500-0006-000700080009",
        "product_sku": "To be filled by O.E.M.", "product_family": "To be filled by O.E.M.",
        "board_vendor": "Gigabyte Technology Co., Ltd.", "board_name": "B75M-D3V",
        "board_serial": "To be filled by O.E.M.", "chassis_type": "3",
        "chassis_serial": "To Be Filled By O.E.M.", "chassis_asset_tag": "Default string",
        "bios_vendor": "American Megatrends Inc.", "bios_version": "F8", "bios_date": "10/25/2013",
    }  # fmt: skip
    i.dmi(m, values)
    modules = [
        {"Size": "4096 MB", "Form Factor": "DIMM", "Locator": f"Channel{c}-DIMM0",
         "Bank Locator": f"BANK {n}", "Type": "DDR3", "Speed": "1600 MHz",
         "Manufacturer": "0443", "Serial Number": f"7C1E0A{n}4", "Asset Tag": "9876543210",
         "Part Number": "RMR5040ED58E9W1600", "Configured Clock Speed": "1600 MHz"}
        for n, c in ((0, "A"), (2, "B"))
    ]  # fmt: skip
    rom = {"Size": "4096 kB", "Form Factor": "Chip", "Locator": "SYSTEM ROM", "Type": "Flash",
           "Manufacturer": "MXIC", "Part Number": "25L3205"}  # fmt: skip
    i.dmidecode(m, values, "Desktop", [*modules, rom], "32 GB")
    i.cpu(m, brand="Intel(R) Core(TM) i3-3220 CPU @ 3.30GHz", vendor="GenuineIntel",
          ids=(6, 58, 9), cores=2, threads=4,
          flags=i.CORE2 + " sse4_2 popcnt avx f16c xsave", microcode="0x21", mhz=3300)  # fmt: skip
    i.memory(m, 7_994_312, 2, 4)
    i.lsblk(m, [
        {"kname": "sda", "model": "ST500DM002-1BD142", "serial": "W3TETAB9", "rota": True,
         "wwn": "0x5000c5006e7ab190", "size": 500_107_862_016, "tran": "sata", "rev": "KC45"},
        {"kname": "sr0", "model": "HL-DT-ST DVDRAM GH24NSB0", "type": "rom", "rota": True,
         "rm": True, "tran": "sata", "size": 1_073_741_312, "serial": None, "vendor": "HL-DT-ST"},
    ])  # fmt: skip
    i.drive(m, i.ata(
        model="ST500DM002-1BD142", family="Seagate Barracuda 7200.14 (AF)", serial="W3TETAB9",
        firmware="KC45", size=500_107_862_016, rpm=7200, form="3.5 inches", hours=31_904,
        cycles=2_418, celsius=37,
        table=[
            (1, "Raw_Read_Error_Rate", 113, 99, 6, 54_912_816, True),
            (3, "Spin_Up_Time", 98, 97, 0, 0, True),
            (4, "Start_Stop_Count", 98, 98, 20, 2_452, False),
            (5, "Reallocated_Sector_Ct", 100, 100, 36, 8, True),
            (7, "Seek_Error_Rate", 87, 60, 30, 594_310_217, True),
            (9, "Power_On_Hours", 64, 64, 0, 31_904, False),
            (10, "Spin_Retry_Count", 100, 100, 97, 0, True),
            (12, "Power_Cycle_Count", 98, 98, 20, 2_418, False),
            (184, "End-to-End_Error", 100, 100, 99, 0, False),
            (187, "Reported_Uncorrect", 100, 100, 0, 0, False),
            (188, "Command_Timeout", 100, 98, 0, 8_590_065_666, False),
            (190, "Airflow_Temperature_Cel", 63, 52, 45, 37, False),
            (197, "Current_Pending_Sector", 100, 100, 0, 2, False),
            (198, "Offline_Uncorrectable", 100, 100, 0, 0, False),
            (199, "UDMA_CRC_Error_Count", 200, 200, 0, 4, False),
        ],
    ))  # fmt: skip
    i.pci(m, [
        ("0000:00:02.0", VGA, INTEL,
         "Xeon E3-1200 v2/3rd Gen Core processor Graphics Controller [0152]", "i915"),
        ("0000:00:1b.0", AUDIO, INTEL,
         "7 Series/C216 Chipset Family High Definition Audio Controller [1e20]", "snd_hda_intel"),
    ])  # fmt: skip
    i.port(m, "enp3s0", "90:2b:34:7e:ab:19", "r8169",
           "/sys/devices/pci0000:00/0000:00:1c.4/0000:03:00.0", "1", "1000")  # fmt: skip
    i.screen(m, "HDMI-A-1", i.edid("BNQ", 0x7F2C, 21_573, 33, 2014, (477, 268), (1920, 1080),
                                   [(0xFF, "J8E0ETAB019"), (0xFC, "BenQ GL2250")]))  # fmt: skip
    m.index["names"]["/sys/class/power_supply"] = []
    m.index["names"]["/sys/firmware"] = ["acpi", "dmi"]
    m.index["names"]["/sys/firmware/acpi/tables"] = ["APIC", "DSDT", "FACP"]
    i.hwmon(m, 0, "coretemp", {"Core 0": 41, "Core 1": 43}, {})
    m.text("/proc/bus/input/devices", i.DESK_INPUT)
    m.text("/proc/sys/kernel/osrelease", "6.12.48+deb13-amd64")
    m.write()


def nvme_report(serial: str, model: str, **log: int) -> dict[str, Any]:
    path = "/dev/nvme0n1"
    health = {
        "critical_warning": 0, "temperature": 36, "available_spare": 100,
        "available_spare_threshold": 10, "percentage_used": 4, "data_units_read": 21_470_113,
        "data_units_written": 18_204_776, "host_reads": 411_220_118, "host_writes": 297_110_402,
        "controller_busy_time": 812, "power_cycles": 1_204, "power_on_hours": 3_915,
        "unsafe_shutdowns": 71, "media_errors": 0, "num_err_log_entries": 1_840, **log,
    }  # fmt: skip
    return {
        "json_format_version": [1, 0],
        "smartctl": {"version": [7, 4], "argv": ["smartctl", "-x", "-j", path], "exit_status": 0},
        "device": {"name": path, "info_name": path, "type": "nvme", "protocol": "NVMe"},
        "model_name": model, "serial_number": serial, "firmware_version": "HPS2NGXV",
        "nvme_pci_vendor": {"id": 5197, "subsystem_id": 5197},
        "nvme_total_capacity": 512_110_190_592, "logical_block_size": 512,
        "user_capacity": {"blocks": 1_000_215_216, "bytes": 512_110_190_592},
        "smart_support": {"available": True, "enabled": True},
        "smart_status": {"passed": True, "nvme": {"value": 0}},
        "nvme_smart_health_information_log": health,
        "temperature": {"current": 36}, "power_cycle_count": 1_204,
        "power_on_time": {"hours": health["power_on_hours"]},
        "nvme_self_test_log": {
            "current_self_test_operation": {"value": 0, "string": "No self-test in progress"},
            "table": [{"self_test_code": {"value": 1, "string": "Short"},
                       "self_test_result": {"value": 0, "string": "Completed without error"},
                       "power_on_hours": 3_902}]},
    }  # fmt: skip


def laptop_nvme() -> None:
    """A laptop of 2020 with NVMe, a gauge that lies, and an anti-theft hint."""
    m = i.Machine("laptop-nvme", "invented: HP ProBook of 2020, NVMe, lying battery gauge, WPBT")
    values = {
        "sys_vendor": "HP", "product_name": "HP ProBook 445 G7", "product_version": "",
        "product_serial": "5CD0ETAB31", "product_uuid": "a6b1c07e-52d9-4b1f-93ea-30d7c2e58f14",
        "product_sku": "1F3K8EA#ABF", "product_family": "103C_5336AN HP ProBook",
        "board_vendor": "HP", "board_name": "8730", "board_serial": "PKEAE0ETAB31XY",
        "chassis_type": "10", "chassis_serial": "5CD0ETAB31", "chassis_asset_tag": "5CD0ETAB31",
        "bios_vendor": "HP", "bios_version": "S79 Ver. 01.17.00", "bios_date": "03/15/2024",
    }  # fmt: skip
    i.dmi(m, values)
    modules = [
        {"Size": "8 GB", "Form Factor": "SODIMM", "Locator": f"Bottom-Slot {n}(left)",
         "Type": "DDR4", "Speed": "3200 MT/s", "Manufacturer": "80AD000080AD",
         "Serial Number": f"4E71AB{n}C", "Part Number": "HMA81GS6DJR8N-XN",
         "Configured Memory Speed": "3200 MT/s"}
        for n in (1, 2)
    ]  # fmt: skip
    i.dmidecode(m, values, "Notebook", modules, "32 GB")
    i.cpu(m, brand="AMD Ryzen 5 4500U with Radeon Graphics", vendor="AuthenticAMD",
          ids=(23, 96, 1), cores=6, threads=6, flags=i.ZEN, microcode="0x8600106", mhz=4000)  # fmt: skip
    i.memory(m, 15_711_704, 6, 6)
    i.lsblk(m, [{"kname": "nvme0n1", "model": "SAMSUNG MZVLB512HBJQ-000H1", "rota": False,
                 "serial": "S4DYNX0ETAB312", "size": 512_110_190_592, "tran": "nvme",
                 "phy-sec": 512, "subsystems": "block:nvme:pci"}])  # fmt: skip
    i.drive(m, nvme_report("S4DYNX0ETAB312", "SAMSUNG MZVLB512HBJQ-000H1"))
    i.pci(m, [
        ("0000:04:00.0", VGA, "Advanced Micro Devices, Inc. [AMD/ATI] [1002]", "Renoir [1636]",
         "amdgpu"),
        ("0000:04:00.6", AUDIO, "Advanced Micro Devices, Inc. [AMD] [1022]",
         "Ryzen HD Audio Controller [15e3]", "snd_hda_intel"),
        ("0000:02:00.0", "Unassigned class [ff00]", "Realtek Semiconductor Co., Ltd. [10ec]",
         "RTS522A PCI Express Card Reader [522a]", "rtsx_pci"),
    ])  # fmt: skip
    i.usb(m, "1-3", "04f2", "b6a1", "Chicony", "HP HD Camera", [("0e", "01")])
    i.usb(m, "1-4", "8087", "0029", "Intel Corp.", "AX200 Bluetooth", [("e0", "01")])
    i.port(m, "enp1s0", "b0:5c:da:7e:ab:31", "r8169",
           "/sys/devices/pci0000:00/0000:00:02.1/0000:01:00.0", "1", "1000")  # fmt: skip
    i.port(m, "wlp3s0", "a4:b1:c1:7e:ab:32", "iwlwifi",
           "/sys/devices/pci0000:00/0000:00:02.3/0000:03:00.0", wifi=True)  # fmt: skip
    m.folder("/sys/class/rfkill/rfkill0", type="wlan", soft=0, hard=1)
    i.screen(m, "eDP-1", i.edid("AUO", 0x573D, 0, 1, 2019, (309, 174), (1920, 1080),
                                [(0xFE, "AUO"), (0xFE, "B140HAN05.7")]))  # fmt: skip
    i.battery(m, "BAT0", status="Charging", cycle_count=0, voltage_min_design=11_340_000,
              voltage_now=12_010_000, charge_full_design=3_947_000, charge_full=3_947_000,
              charge_now=2_101_000, capacity=53, manufacturer="Hewlett-Packard",
              model_name="Primary", serial_number="0ETAB 2020/05/11")  # fmt: skip
    m.text("/sys/class/tpm/tpm0/tpm_version_major", "2")
    i.uefi(m, secure=True, tables=("WPBT",))
    i.hwmon(m, 0, "k10temp", {"Tctl": 51}, {})
    m.text("/proc/bus/input/devices", i.INPUT)
    m.text("/proc/sys/kernel/osrelease", "6.12.48+deb13-amd64")
    m.write()


def laptop_locked() -> None:
    """A laptop with a BIOS password, a failing hard disk and its disks behind Intel RST."""
    m = i.Machine("laptop-locked-failing", "invented: Latitude, BIOS password, failing disk, RAID")
    values = {
        "sys_vendor": "Dell Inc.", "product_name": "Latitude E5470", "product_version": "",
        "product_serial": "7ETAB42", "product_uuid": "4c4c4544-0037-4510-8054-b7c04f413432",
        "product_sku": "06DE", "product_family": "Latitude", "board_vendor": "Dell Inc.",
        "board_name": "0C96W1", "board_serial": "/7ETAB42/CN1296365E00AB/", "chassis_type": "9",
        "chassis_serial": "7ETAB42", "chassis_asset_tag": "", "bios_vendor": "Dell Inc.",
        "bios_version": "1.34.3", "bios_date": "09/08/2023",
    }  # fmt: skip
    i.dmi(m, values)
    module = {"Size": "4096 MB", "Form Factor": "SODIMM", "Locator": "DIMM A", "Type": "DDR4",
              "Speed": "2133 MT/s", "Manufacturer": "859B", "Serial Number": "A7E1AB42",
              "Part Number": "CT4G4SFS8213.C8FA11"}  # fmt: skip
    empty = {"Size": "No Module Installed", "Locator": "DIMM B"}
    i.dmidecode(m, values, "Laptop", [module, empty], "32 GB")
    i.cpu(m, brand="Intel(R) Core(TM) i5-6300U CPU @ 2.40GHz", vendor="GenuineIntel",
          ids=(6, 78, 3), cores=2, threads=4, flags=i.SKYLAKE, microcode="0xf0", mhz=3000)  # fmt: skip
    i.memory(m, 3_936_128, 2, 4)
    i.lsblk(m, [{"kname": "sda", "model": "TOSHIBA MQ01ABF050", "serial": "X6ETAB42T",
                 "wwn": "0x50000398a2e7ab42", "size": 500_107_862_016, "rota": True,
                 "tran": "sata", "rev": "AM001J"}])  # fmt: skip
    i.drive(m, i.ata(
        model="TOSHIBA MQ01ABF050", family="Toshiba 2.5\" HDD MQ01ABF...", serial="X6ETAB42T",
        firmware="AM001J", size=500_107_862_016, rpm=5400, form="2.5 inches", hours=22_310,
        cycles=3_311, celsius=34,
        table=[
            (1, "Raw_Read_Error_Rate", 100, 100, 50, 0, True),
            (3, "Spin_Up_Time", 100, 100, 1, 1_671, True),
            (5, "Reallocated_Sector_Ct", 92, 92, 50, 1_304, True),
            (9, "Power_On_Hours", 45, 45, 0, 22_310, False),
            (10, "Spin_Retry_Count", 253, 100, 30, 0, True),
            (191, "G-Sense_Error_Rate", 100, 100, 0, 1_170, False),
            (197, "Current_Pending_Sector", 100, 100, 0, 24, False),
            (198, "Offline_Uncorrectable", 100, 100, 0, 3, False),
            (199, "UDMA_CRC_Error_Count", 200, 253, 0, 0, False),
        ],
        tests=[{"type": {"value": 1, "string": "Short offline"},
                "status": {"value": 121, "string": "Completed: read failure", "passed": False},
                "lifetime_hours": 22_301, "lba": 61_204_336}],
    ))  # fmt: skip
    i.pci(m, [
        ("0000:00:02.0", VGA, INTEL, "Skylake GT2 [HD Graphics 520] [1916]", "i915"),
        ("0000:00:17.0", "RAID bus controller [0104]", INTEL,
         "82801 Mobile SATA Controller [RAID mode] [282a]", "ahci"),
    ])  # fmt: skip
    m.text("/sys/bus/pci/devices/0000:00:17.0/remapped_nvme", "1")
    i.port(m, "enp0s31f6", "10:65:30:7e:ab:42", "e1000e",
           "/sys/devices/pci0000:00/0000:00:1f.6", "1", "1000")  # fmt: skip
    i.screen(m, "eDP-1", b"")
    i.battery(m, "BAT0", status="Unknown", cycle_count=0, voltage_min_design=7_600_000,
              voltage_now=8_200_000, charge_full_design=8_157_000, charge_full=9_412_000,
              charge_now=9_000_000, capacity=100, manufacturer="LGC", model_name="DELL 0ETAB6",
              serial_number=31_742)  # fmt: skip
    m.index["names"]["/sys/class/tpm"] = []
    i.uefi(m, secure=False)
    i.admin_password(m, "dell-wmi-sysman", "Admin", True)
    m.text("/proc/bus/input/devices", i.INPUT)
    m.text("/proc/sys/kernel/osrelease", "6.12.48+deb13-amd64")
    m.write()


MACHINES: dict[str, Callable[[], None]] = {
    "laptop-sata-ssd": laptop_sata_ssd,
    "desktop-hdd-placeholders": desktop_hdd,
    "laptop-nvme": laptop_nvme,
    "laptop-locked-failing": laptop_locked,
}

if __name__ == "__main__":
    for wanted in sys.argv[1:] or MACHINES:
        MACHINES[wanted]()
