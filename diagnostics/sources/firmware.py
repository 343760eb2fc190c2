"""Firmware mode, Secure Boot, administrator password and anti-theft hints, from sysfs."""

from __future__ import annotations

from diagnostics.command import Runner
from diagnostics.findings import Findings, reason
from diagnostics.model import Firmware
from diagnostics.sources.coerce import boolean

EFI = "/sys/firmware/efi"
SECURE_BOOT = f"{EFI}/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
ATTRIBUTES = "/sys/class/firmware-attributes"
ACPI_TABLES = "/sys/firmware/acpi/tables"
_ABSOLUTE = ("Absolute", "AbsolutePersistenceModuleActivation", "Computrace")
_ACTIVE = ("enable", "enabled", "activate", "activated", "permanentlyenabled", "on")


def read(runner: Runner) -> Findings:
    """All of it; a point nobody can read without hands is unknown with its reason."""
    unknown: dict[str, str] = {}
    mode: str | None = "uefi" if runner.names(EFI) is not None else "bios"
    if mode == "bios" and runner.names("/sys/firmware") is None:
        mode = None
        unknown["firmware.mode"] = "missing"
    secure = _secure_boot(runner, mode, unknown)
    password = _password(runner, unknown)
    tables = runner.names(ACPI_TABLES)
    if tables is None:
        unknown["firmware.absolute_hint"] = "missing"
    locks = ("absolute_enabled",) if _absolute_enabled(runner) else ()
    return Findings(
        firmware=Firmware(
            mode=mode,
            secure_boot=secure,
            admin_password=password,
            absolute_hint=None if tables is None else "WPBT" in tables,
        ),
        locks=locks,
        unknown=unknown,
    )


def _secure_boot(runner: Runner, mode: str | None, unknown: dict[str, str]) -> bool | None:
    if mode != "uefi":
        # A machine started in legacy mode may well be capable of it.
        unknown["firmware.secure_boot"] = "legacy_boot"
        return None
    content = runner.read(SECURE_BOOT)
    value = parse_secure_boot(content.data or b"")
    if value is None:
        unknown["firmware.secure_boot"] = reason(content.problem)
    return value


def parse_secure_boot(data: bytes) -> bool | None:
    """efivarfs puts four bytes of attributes first; the value is the fifth."""
    return {0: False, 1: True}.get(data[4]) if len(data) == 5 else None


def _password(runner: Runner, unknown: dict[str, str]) -> bool | None:
    """Whether a BIOS administrator password is set (Dell, Lenovo, HP; kernel 5.11 and later)."""
    point = "firmware.admin_password"
    answers: list[bool] = []
    for vendor in runner.names(ATTRIBUTES) or ():
        base = f"{ATTRIBUTES}/{vendor}/authentication"
        for name in runner.names(base) or ():
            role = runner.read(f"{base}/{name}/role").text
            if role not in ("bios-admin", None):
                continue
            answer = boolean(runner.read(f"{base}/{name}/is_enabled").text)
            if answer is not None:
                answers.append(answer)
    if not answers:
        unknown[point] = "not_supported"
        return None
    return any(answers)


def _absolute_enabled(runner: Runner) -> bool:
    for vendor in runner.names(ATTRIBUTES) or ():
        for name in _ABSOLUTE:
            value = runner.read(f"{ATTRIBUTES}/{vendor}/attributes/{name}/current_value").text
            if (value or "").replace(" ", "").casefold() in _ACTIVE:
                return True
    return False
