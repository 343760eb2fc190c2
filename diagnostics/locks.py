"""What may keep a machine from its next owner: passwords, anti-theft, management. Pure.

A machine with a lock cannot get a good grade, whatever else it does well. Some locks
cannot be read at all: Autopilot and MDM registrations live in the maker's cloud, and
wiping does not release them. Those are questions for the donor, not facts.
"""

from __future__ import annotations

from diagnostics.model import Machine

BIOS_PASSWORD = "bios_password"
ABSOLUTE = "absolute_enabled"


# What `questions` may ask. The answers are recorded like checks; `passed`: known to be open.
MANAGED = "mdm_attestation"
PASSWORD = "bios_password_unread"
QUESTIONS = (
    MANAGED,
    "absolute_hint",
    PASSWORD,
    "apple_activation",
    "chrome_enrolment",
)


def locks_of(machine: Machine) -> tuple[str, ...]:
    """Codes of locks that were read to be on."""
    return (BIOS_PASSWORD,) if machine.firmware.admin_password else ()


def questions(machine: Machine) -> tuple[str, ...]:
    """Codes of what a supervisor must ask or look at, because no register tells it.

    `mdm_attestation` always (Autopilot is not readable); `absolute_hint` where a WPBT table
    exists; `bios_password_unread` where the firmware does not say; `apple_activation` and
    `chrome_enrolment` on those makers' machines.
    """
    maker = (machine.identity.maker or "").casefold()
    vendor = (machine.firmware.vendor or "").casefold()
    asked = [MANAGED]
    if machine.firmware.absolute_hint and ABSOLUTE not in machine.locks:
        asked.append("absolute_hint")
    if machine.firmware.admin_password is None:
        asked.append(PASSWORD)
    if maker.startswith("apple"):
        asked.append("apple_activation")
    if maker == "google" or "coreboot" in vendor:
        asked.append("chrome_enrolment")
    return tuple(asked)
