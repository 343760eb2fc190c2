"""Facts for grading come from the machine read; what was not read stays unknown."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

import diagnostics
from bench.grading.facts import from_machine
from bench.grading.rules import standard_rules
from diagnostics.model import (
    Battery,
    Cpu,
    Disk,
    DiskKind,
    Display,
    Firmware,
    Identity,
    Machine,
    Memory,
    Tpm,
)

LAPTOP = Machine(
    identity=Identity(maker="LENOVO", model="T480", kind="laptop"),
    firmware=Firmware(mode="uefi", admin_password=False, absolute_hint=False),
    cpu=Cpu(x86_64_level=3),
    memory=Memory(total_bytes=8_200_000_000),
    disks=(
        Disk("/dev/nvme0n1", "nvme0n1", DiskKind.NVME, serial="N1", size_bytes=256_060_514_304),
        Disk("/dev/sda", "sda", DiskKind.USB_FLASH, serial="STICK", transport="usb"),
    ),
    batteries=(Battery("BAT0", health_percent=80), Battery("BAT1", health_percent=66)),
    displays=(Display("eDP-1", width_px=1920, internal=True),),
)


def test_the_boot_stick_is_no_disk_of_the_machine() -> None:
    facts = from_machine(
        LAPTOP, verdicts={"/dev/nvme0n1": "reuse"}, erasures={"N1": "purge"}, donor_released=True
    )
    assert [(d.name, d.verdict, d.erasure) for d in facts.disks] == [("N1", "reuse", "purge")]
    assert facts.battery_percent == 66
    fits = {use.profile: use.fit.value for use in facts.uses}
    assert fits["low_end"] == fits["office_linux"] == "yes"
    assert fits["windows11"] == "unknown"  # no processor name was read
    assert facts.locks == {"bios_password": "free", "absolute": "free", "autopilot": "free"}


def test_nothing_said_stays_unknown() -> None:
    facts = from_machine(Machine())
    assert facts.locks == {
        "bios_password": "unknown",
        "absolute": "unknown",
        "autopilot": "unknown",
    }
    assert facts.battery_percent is None and facts.disks == ()


def test_one_unreadable_battery_makes_the_pair_unknown() -> None:
    pair = (Battery("BAT0", health_percent=95), Battery("BAT1"))
    assert from_machine(Machine(batteries=pair)).battery_percent is None
    doubted = (Battery("BAT0", health_percent=100, doubt="full_above_design"),)
    assert from_machine(Machine(batteries=doubted)).battery_percent is None


def test_locks_read_count_as_locked_and_apple_has_its_own() -> None:
    mac = Machine(identity=Identity(maker="Apple Inc.", kind="laptop"), locks=("apple_lock",))
    locks = from_machine(mac, donor_released=True).locks
    assert locks["apple_lock"] == "locked" and locks["autopilot"] == "free"


def test_a_lock_question_answered_is_no_function() -> None:
    facts = from_machine(
        LAPTOP,
        functions={
            "keyboard": "passed",
            "mdm_attestation": "passed",
            "bios_password_unread": "failed",
            "absolute_hint": "not_tested",
        },
    )
    assert facts.functions == {"keyboard": "passed"}
    assert facts.locks == {"bios_password": "locked", "absolute": "free", "autopilot": "free"}


def test_absolute_read_to_be_on_is_locked() -> None:
    assert from_machine(Machine(locks=("absolute_enabled",))).locks["absolute"] == "locked"


def test_the_rules_ask_for_every_test_of_the_catalogue() -> None:
    """R. 122-4 asks for all functions: a new test must be in the rules of its kinds."""
    catalogue = Path(diagnostics.__file__).parent / "checks" / "catalogue.toml"
    checks = tomllib.loads(catalogue.read_text("utf-8"))["check"]
    for name, kind in standard_rules().kinds.items():
        expected = {check["id"] for check in checks if name in check["kinds"]}
        assert {*kind.key, *kind.required} == expected, name


def test_windows_11_is_judged_by_the_processor_list_of_diagnostics() -> None:
    def fit(model: str | None) -> str:
        machine = msgspec.structs.replace(
            LAPTOP,
            cpu=Cpu(model=model, x86_64_level=3, flags=("sse4_1", "sse4_2", "popcnt")),
            tpm=Tpm(version=2),
        )
        facts = from_machine(machine, verdicts={"/dev/nvme0n1": "reuse"})
        return next(use.fit.value for use in facts.uses if use.profile == "windows11")

    assert fit("Intel(R) Core(TM) i5-8350U CPU @ 1.70GHz") == "yes"
    assert fit("Intel(R) Core(TM) i5-6300U CPU @ 2.40GHz") == "no"
    assert fit(None) == "unknown"


def test_an_external_disk_makes_no_machine_fit() -> None:
    usb = Disk("/dev/sdb", "sdb", DiskKind.SSD, size_bytes=10**12, transport="usb")
    machine = msgspec.structs.replace(LAPTOP, disks=(usb,))
    facts = from_machine(machine, verdicts={"/dev/sdb": "reuse"})
    low_end = next(use for use in facts.uses if use.profile == "low_end")
    assert [why.code for why in low_end.reasons] == ["no_disk"]
