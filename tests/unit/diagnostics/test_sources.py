# ruff: noqa: E501  tables of real texts read better wide
"""Single sources on the inputs that are known to mislead."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnostics.locks import questions
from diagnostics.model import Disk, DiskKind, Machine, NetworkPort
from diagnostics.recording.capture import Replay
from diagnostics.recording.store import load
from diagnostics.sources import (
    battery,
    cpu,
    dmi,
    edid,
    firmware,
    hwmon,
    lsblk,
    mmc,
    network,
    nvme,
    pci,
    smartctl,
)
from diagnostics.sources.memory_modules import module_maker, module_part
from diagnostics.sources.placeholders import Field, clean

MACHINES = Path(__file__).resolve().parents[2] / "machines"
CELL = {"type": "Battery", "energy_full_design": "50000000"}


@pytest.mark.parametrize(
    ("values", "percent", "doubt"),
    [
        ({"energy_full": "40000000"}, 80, None),
        ({"energy_full": "51000000"}, 100, None),
        ({"energy_full": "50000000"}, None, "full_equals_design"),
        ({"energy_full": "60000000"}, None, "full_over_design"),
        ({"energy_full": "51000000", "cycle_count": "400"}, None, "full_despite_cycles"),
        ({}, None, "not_reported"),
        ({"energy_full": "0"}, None, "not_reported"),
        ({"energy_full": "-5"}, None, "not_reported"),
        ({"energy_full": "400000", "energy_full_design": "500000"}, None, "implausible"),
        ({"energy_full": "4" * 12, "energy_full_design": "5" * 12}, None, "implausible"),
    ],
)
def test_lying_gauges_are_not_believed(
    values: dict[str, str], percent: int | None, doubt: str | None
) -> None:
    found = battery.describe("CMB1", {**CELL, **values})
    assert found is not None and found.name == "CMB1"
    assert (found.health_percent, found.doubt) == (percent, doubt)


def test_a_charge_limit_hides_the_wear() -> None:
    values = {**CELL, "energy_full": "40000000"}
    found = battery.describe("BAT0", values, limit=80)
    assert found is not None and found.doubt == "charge_limit" and found.health_percent is None


def test_charge_is_turned_into_energy_and_nought_cycles_are_unknown() -> None:
    values = {
        "type": "Battery", "charge_full_design": "4000000", "charge_full": "3000000",
        "voltage_min_design": "11000000", "cycle_count": "0",
    }  # fmt: skip
    found = battery.describe("BAT0", values)
    assert found is not None
    assert (found.design_mwh, found.full_mwh, found.health_percent) == (44_000, 33_000, 75)
    assert found.cycles is None


@pytest.mark.parametrize(
    "values",
    [
        {"type": "Mains"},
        {"type": "Battery", "scope": "Device"},
        {"type": "Battery", "present": "0"},
    ],
)
def test_a_mouse_a_mains_plug_and_an_empty_bay_are_no_battery(values: dict[str, str]) -> None:
    assert battery.describe("X", values) is None


def panel() -> bytes:
    files = load(MACHINES / "laptop-sata-ssd")
    return next(data for name, data in files.items() if name.endswith("eDP-1/edid"))


def sealed(data: bytearray) -> bytes:
    data[127] = -sum(data[:127]) % 256
    return bytes(data)


def test_a_panel_tells_its_size_and_part() -> None:
    found = edid.parse(panel(), "eDP-1")
    assert found is not None and found.model == "LP140WF6-SPF1" and found.internal is True
    assert (found.width_px, found.height_px, found.diagonal_tenths_inch) == (1920, 1080, 140)


@pytest.mark.parametrize("data", [b"", b"\x00", panel()[:127], b"\xff" * 128, panel()[:60] * 4])
def test_an_empty_cut_or_corrupt_edid_is_nothing(data: bytes) -> None:
    assert edid.parse(data) is None and edid.problem(data) is not None


def test_an_aspect_ratio_is_no_size() -> None:
    data = bytearray(panel())
    data[21:23] = bytes([79, 0])  # EDID 1.4: landscape aspect ratio 1.78
    data[66:69] = bytes([16, 9, 0])
    found = edid.parse(sealed(data))
    assert found is not None and found.width_mm is None and found.diagonal_tenths_inch is None


def test_a_contradiction_keeps_the_base_block() -> None:
    data = bytearray(panel())
    data[66:69] = bytes([0x90, 0x70, 0x11])  # 400 x 368 mm on a 14-inch panel
    found = edid.parse(sealed(data))
    assert found is not None and (found.width_mm, found.height_mm) == (310, 170)


@pytest.mark.parametrize(
    ("flags", "level"),
    [
        ("", None),
        ("fpu sse2", None),
        ("lm sse2", 1),
        ("lm cx16 lahf_lm popcnt ssse3 sse4_1 sse4_2", 2),
        ("lm cx16 lahf_lm popcnt ssse3 sse4_1 sse4_2 avx avx2 bmi1 bmi2 f16c fma movbe xsave", 2),
        ("lm cx16 lahf_lm popcnt ssse3 sse4_1 sse4_2 avx avx2 bmi1 bmi2 f16c fma movbe xsave abm", 3),
        ("lm cx16 lahf_lm popcnt ssse3 sse4_1 sse4_2 avx avx2 bmi1 bmi2 f16c fma movbe xsave abm "
         "avx512f avx512bw avx512cd avx512dq avx512vl", 4),
    ],
)  # fmt: skip
def test_levels_of_x86_64(flags: str, level: int | None) -> None:
    assert cpu.level(frozenset(flags.split())) == level


@pytest.mark.parametrize(
    ("text", "maker"),
    [
        ("80CE", "Samsung"), ("0x80CE", "Samsung"), ("CE80", "Samsung"), ("80AD000080AD", "SK Hynix"),
        ("0xCE00000000000000", "Samsung"), ("859B", "Crucial Technology"),
        ("Unknown - [0x9B85]", "Crucial Technology"), ("JEDEC ID:80 CE", "Samsung"),
        ("7F7F7F0B00000000", "Nanya Technology"), ("0000", None), ("FFFF", None), ("1317", None),
        ("Kingston", "Kingston"), ("Manufacturer00", None), ("A1_Manufacturer0", None),
        ("[Empty]", None), ("NO DIMM", None), ("ABCD", None), ("", None), ("48spaces", None),
    ],
)  # fmt: skip
def test_makers_of_modules(text: str, maker: str | None) -> None:
    assert module_maker(text) == maker


def test_a_part_number_in_hexadecimal_is_read() -> None:
    assert module_part("0x4D34373142353637334648302D4348392020") == "M471B5673FH0-CH9"
    assert module_part("202020202020202020202020202020202020") is None
    assert module_part("ModulePartNumber00") is None


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("To be filled by O.E.M.", Field.MAKER), ("TO BE FILLED BY O.E.M", Field.MODEL),
        ("Default string", Field.SERIAL), ("System Product Name", Field.MODEL),
        ("All Series", Field.MODEL), ("Type1ProductConfigId", Field.MODEL),
        ("Type2 - Board Serial Number", Field.SERIAL), ("Chassis Manufacture", Field.MAKER),
        ("Asset-1234567890", Field.SERIAL), ("123456789000", Field.SERIAL), ("EVAL", Field.SERIAL),
        ("INVALID", Field.BOARD_MODEL), ("x.x", Field.MODEL), ("0123456789", Field.SERIAL),
        ("00000000", Field.SERIAL), ("FFFFFFFF", Field.SERIAL), ("XXXXXXXX", Field.SERIAL),
        ("................", Field.MAKER), ("BSN12345678901234567", Field.SERIAL),
        ("MB-1234567890", Field.SERIAL), ("EB-1234567890", Field.SERIAL), ("SerNum0", Field.SERIAL),
        ("PartNum0", Field.PART), ("A1_SerNum0", Field.SERIAL), ("Array1_PartNumber1", Field.PART),
        ("AssetTagNum0", Field.SERIAL), ("9876543210", Field.SERIAL), ("N/A", Field.SERIAL),
        ("None", Field.SERIAL), ("No Asset Tag", Field.SERIAL), ("SKU", Field.PART),
        ("System Serial Number", Field.SERIAL), ("Base Board Serial Number", Field.SERIAL),
        ("Chassis Serial Number", Field.SERIAL), ("Not Specified", Field.MAKER), ("--", Field.UUID),
        ("03000200-0400-0500-0006-000700080009", Field.UUID), ("F" * 8 + "-FFFF" * 3 + "-" + "F" * 12, Field.UUID),
        ("00000000-0000-0000-0000-000000000000", Field.UUID), ("Not Settable", Field.UUID),
        ("<BAD INDEX>", Field.MAKER), ("\x01\x02", Field.MAKER), ("a\ufffdb", Field.MODEL),
        ("REDACTED", Field.SERIAL), ("LNVNB161216", Field.BOARD_MODEL), ("Aptio CRB", Field.BOARD_MODEL),
        ("Fill By OEM", Field.PART), ("Unknown", Field.MAKER), ("Undefined", Field.MAKER),
    ],
)  # fmt: skip
def test_placeholders_are_refused(text: str, field: Field) -> None:
    assert clean(text, field) is None


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("LENOVO", Field.MAKER), ("HP", Field.MAKER), ("Acer", Field.MAKER), ("MSI", Field.MAKER),
        ("ASUSTeK COMPUTER INC.", Field.MAKER), ("Dell Inc.", Field.MAKER), ("AZW", Field.MAKER),
        ("20L6S69X08", Field.MODEL), ("OptiPlex 3010", Field.MODEL), ("82LN", Field.MODEL),
        ("10113", Field.MODEL), ("X541UAK", Field.MODEL), ("SER", Field.MODEL), ("iMac7,1", Field.MODEL),
        ("84AE", Field.BOARD_MODEL), ("0683", Field.BOARD_MODEL), ("H61", Field.BOARD_MODEL),
        ("PF0ETAB7", Field.SERIAL), ("5CD1234ABC", Field.SERIAL), ("7ETAB42", Field.SERIAL),
        ("/7ETAB42/CN129636/", Field.SERIAL), ("12345A7B", Field.SERIAL), ("35A7E9B1", Field.SERIAL),
        ("M471A1K43CB1-CRC", Field.PART), ("99U5428-101.A00LF", Field.PART),
        ("4c4c4544-0037-4510-8054-b7c04f413432", Field.UUID),
    ],
)  # fmt: skip
def test_real_names_are_kept(text: str, field: Field) -> None:
    assert clean(f"  {text} ", field) == text


def test_secure_boot_is_the_fifth_byte_of_five() -> None:
    assert firmware.parse_secure_boot(b"\x06\x00\x00\x00\x01") is True
    assert firmware.parse_secure_boot(b"\x06\x00\x00\x00\x00") is False
    for data in (b"", b"\x01", b"\x06\x00\x00\x00", b"\x06\x00\x00\x00\x07", b"\x00" * 6):
        assert firmware.parse_secure_boot(data) is None


@pytest.mark.parametrize(
    ("raw", "value"),
    [("46000", 46), ("-5000", -5), ("127000", None), ("-128000", None), ("x", None), (None, None)],
)
def test_impossible_temperatures_are_unknown(raw: str | None, value: int | None) -> None:
    assert hwmon.celsius(raw) == value


@pytest.mark.parametrize(
    ("mac", "good"),
    [
        ("54:e1:ad:7e:ab:17", True), ("00:00:00:00:00:00", False), ("ff:ff:ff:ff:ff:ff", False),
        ("02:42:ac:11:00:02", False), ("01:00:5e:00:00:01", False), ("54:e1:ad", False),
    ],
)  # fmt: skip
def test_only_a_makers_address_names_a_machine(mac: str, good: bool) -> None:
    assert network.believable_mac(mac) is good


def test_a_usb_adapter_names_no_machine() -> None:
    from diagnostics.identify import conclude

    mac = "54:e1:ad:7e:ab:17"
    for bus, key in (("usb", None), (None, None), ("pci", mac)):
        port = NetworkPort(name="eth0", kind="ethernet", mac=mac, bus=bus)
        assert conclude(Machine(network=(port,))).identity.key == key


@pytest.mark.parametrize(
    ("life", "pre_eol", "wear"),
    [
        ("0x01 0x02", "0x01", 20), ("0x0b 0x01", "0x01", 110), ("0x02 0x02", "0x03", 100),
        ("0x02 0x02", "0x02", 80), ("0x00 0x00", "0x01", None),
    ],
)  # fmt: skip
def test_wear_of_emmc(life: str, pre_eol: str, wear: int | None) -> None:
    found = mmc.parse(life, pre_eol)
    assert found is not None and found.wear_percent == wear


def test_an_emmc_that_tells_nothing_has_no_smart() -> None:
    assert mmc.parse(None, None) is None
    assert mmc.parse("garbage", "0x00") is None


def test_old_lsblk_speaks_in_strings() -> None:
    text = """{"blockdevices": [
      {"name": "sda", "kname": "sda", "type": "disk", "size": "500107862016", "rota": "1",
       "rm": "0", "ro": "0", "tran": "sata", "model": "ST500DM002", "vendor": "ATA     ",
       "serial": "W3TETAB9", "log-sec": "512", "phy-sec": "4096"},
      {"kname": "sr0", "type": "rom", "tran": "sata", "rota": "1", "rm": "1", "size": "1"},
      {"kname": "loop0", "type": "loop"}, {"kname": "zram0", "type": "disk"},
      {"kname": "mmcblk0", "type": "disk", "size": 31268536320}, {"kname": "mmcblk0boot0", "type": "disk"},
      {"kname": "sdb", "type": "disk", "tran": "usb", "rm": true}, {"kname": "../x", "type": "disk"},
      {"kname": "sdc", "type": "disk", "tran": "usb", "rm": false, "rota": true}]}"""
    found = {disk.name: disk for disk in lsblk.parse(text)}
    assert set(found) == {"sda", "sr0", "mmcblk0", "sdb", "sdc"}
    assert (found["sda"].kind, found["sda"].size_bytes) == (DiskKind.HDD, 500_107_862_016)
    assert found["sda"].maker is None and found["sr0"].kind is DiskKind.OPTICAL
    assert found["sdb"].kind is DiskKind.USB_FLASH
    assert found["sdc"].kind is DiskKind.UNKNOWN and found["sdc"].rotational is None


def test_an_unknown_bridge_is_asked_again_as_sat(tmp_path: Path) -> None:
    from tests.machines.invent import Machine as Recorder
    from tests.machines.invent import ata

    recorder = Recorder("x", "")
    message = (
        '{"smartctl": {"exit_status": 1, "messages": [{"string": "/dev/sdb: Unknown USB bridge '
        '[0x152d:0x0578 (0x100)]", "severity": "error"}]}}'
    )
    recorder.command(["smartctl", "-x", "-j", "/dev/sdb"], message, 1)
    report = ata(model="INVENTED", family="x", serial="ETAB000001", firmware="1", size=10**9,
                 rpm=5400, form="x", hours=5, cycles=1, celsius=30,
                 table=[(5, "Reallocated_Sector_Ct", 100, 100, 5, 0, True)])  # fmt: skip
    import json

    recorder.command(["smartctl", "-x", "-j", "-d", "sat", "/dev/sdb"], json.dumps(report))
    from diagnostics.recording.capture import save

    save({**recorder.files, "manifest.json": b'{"format": 1}'}, tmp_path / "m")
    disk = Disk(path="/dev/sdb", name="sdb", transport="usb")
    found, why = smartctl.read(Replay(tmp_path / "m"), disk)
    assert why is None and found is not None
    assert (found.serial, found.kind) == ("ETAB000001", DiskKind.HDD)


def test_nvme_cli_counts_kelvin() -> None:
    found = nvme.parse(
        b'{"critical_warning":0,"temperature":311,"avail_spare":100,"spare_thresh":10,'
        b'"percent_used":3,"media_errors":0}'
    )
    assert found is not None and found.temperature_c == 38 and found.wear_percent == 3
    assert nvme.parse(b"{}") is None


def test_disks_behind_raid_are_warned_of() -> None:
    found = pci.read(Replay(MACHINES / "laptop-locked-failing"))
    assert found.warnings == ("raid_hides_disks",)


def test_what_no_register_tells_is_asked() -> None:
    assert questions(Machine()) == ("mdm_attestation", "bios_password_unread")


@pytest.mark.parametrize(
    ("maker", "product", "version", "model"),
    [
        ("LENOVO", "IdeaCentre B320", "Lenovo", "IdeaCentre B320"),
        ("LENOVO", "20208", "Lenovo", "20208"),
        ("LENOVO", "20L6S69X08", "ThinkPad T480", "ThinkPad T480"),
        ("Dell Inc.", "Dell", "", None),
        ("Hewlett-Packard", "Hewlett-Packard", "", None),
        ("HP", "HP EliteBook 840 G5", "", "HP EliteBook 840 G5"),
    ],
)
def test_the_makers_name_alone_is_no_model(
    maker: str, product: str, version: str, model: str | None
) -> None:
    texts = {"sys_vendor": maker, "product_name": product, "product_version": version}
    identity, _ = dmi.parse({**texts, "product_family": maker})
    assert (identity.model, identity.family) == (model, None)
