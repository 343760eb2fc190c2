"""What kinds of drive the emulator can be: data only. Sizes are in 512-byte sectors."""

from __future__ import annotations

import dataclasses

MIB = 2048  # sectors


@dataclasses.dataclass(frozen=True)
class Profile:
    """One drive. Everything not named is what an honest drive does.

    `ata` False makes a plain SCSI drive (no ATA PASS-THROUGH). `sanitize` holds the
    techniques it supports among crypto, block, overwrite.
    """

    ata: bool = True
    flash: bool = False
    sectors: int = 2 * MIB  # what it tells, all hidden areas removed; small: emulation is slow
    model: str = "ETABLI HONEST HDD"
    serial: str | None = None  # None: one made from the drive's name
    wwn: bool = True  # off: it tells none
    sanitize: tuple[str, ...] = ()
    security: bool = True
    enhanced: bool = True
    format_unit: bool = False  # SCSI only
    foreign_password: str | None = None  # locked by somebody else from the start
    frozen: bool = False  # SECURITY FREEZE LOCK given by the firmware at each power-on
    sanitize_frozen: bool = False
    freezes_at_wake: bool = False  # such firmware gives it again when the machine wakes (S3)
    volatile_cache: bool = True  # off: the kernel has nothing to flush before the machine sleeps
    hpa_sectors: int = 0  # hidden at the end by SET MAX
    dco_sectors: int = 0  # hidden by DEVICE CONFIGURATION OVERLAY, beyond the HPA
    amac: bool = False  # ACS-3 ACCESSIBLE MAX ADDRESS instead of SET MAX
    hides: bool = True  # off: neither, as newer drives
    leaves_percent: int = 0  # firmware erasure skips this much at the end, and says success
    instant: bool = False  # firmware erasure says success without ever having been running
    sanitize_fails: bool = False  # the operation ends in the failure state
    # How long firmware erasure takes: on a slow host a tool needs four seconds to start and ask,
    # and what is over by then was never seen running.
    erase_s: float = 8.0
    unreadable: tuple[int, ...] = ()  # sectors: healed by writing them
    unwritable: tuple[int, ...] = ()  # sectors
    dropped: tuple[int, int] | None = None  # first sector, number: writes vanish
    # First sector, number: writes stay in the cache, whatever is flushed; they read back right
    # until the power goes, and then what was there before is there again.
    cached: tuple[int, int] | None = None
    real_sectors: int | None = None  # fake capacity: addresses wrap around here
    offline_after: int | None = None  # sectors written, then it answers nothing good
    write_mib_s: float | None = None  # slower than this machine
    read_mib_s: float | None = None
    temperature_c: int = 34
    fill: str = "zero"  # what SECURITY ERASE leaves: zero, seagate, ones


HDD = Profile(sanitize=("overwrite",), fill="seagate")
LARGE = 5 * MIB  # more than `wipe` samples in the tests, so that it must choose
SSD = Profile(flash=True, model="ETABLI HONEST SSD", sanitize=("crypto", "block"))
# The kernel flushes a drive's cache after it has stopped all user space, and these drives live
# there: it would wait for them for ever. So what sleeps has no volatile cache.
SLEEPER = dataclasses.replace(
    SSD, sectors=MIB // 2, sanitize=("block",), frozen=True, volatile_cache=False
)


def _named(base: Profile, **more: object) -> Profile:
    return dataclasses.replace(base, **more)  # type: ignore[arg-type]


PROFILES: dict[str, Profile] = {
    "hdd": _named(HDD, sectors=LARGE),
    "ssd": _named(SSD, sectors=LARGE),
    "ssd_crypto": _named(SSD, sanitize=("crypto",)),
    "ssd_block": _named(SSD, sanitize=("block",)),
    "frozen": _named(SSD, sanitize=(), frozen=True),
    "frozen_sanitize": _named(SSD, frozen=True, sanitize_frozen=True),
    "sleeper": _named(SLEEPER, sanitize=()),
    "sleeper_sanitize": _named(SLEEPER, sanitize_frozen=True),
    "refrozen": _named(SLEEPER, sanitize_frozen=True, freezes_at_wake=True),
    "locked": _named(SSD, sanitize=(), foreign_password="somebody else"),
    "hpa": _named(HDD, sanitize=(), hpa_sectors=MIB),
    "hpa_amac": _named(HDD, sanitize=(), hpa_sectors=MIB, amac=True),
    "modern": _named(SSD, hides=False),
    "dco": _named(HDD, sanitize=(), dco_sectors=MIB),
    "lies_all": _named(SSD, leaves_percent=100),
    "lies_tail": _named(SSD, leaves_percent=10, sectors=LARGE),
    "lies_security": _named(SSD, sanitize=(), leaves_percent=100),
    "lies_security_tail": _named(SSD, sanitize=(), leaves_percent=10),
    "instant": _named(SSD, leaves_percent=100, instant=True),
    "unreadable": _named(HDD, sanitize=(), security=False, unreadable=(1500, 1501, 2999)),
    "unwritable": _named(HDD, sanitize=(), security=False, unwritable=(1100, 3000, 3001)),
    # Two pairs that tell one number, and no WWN that would tell them apart.
    "twin_a": _named(HDD, sanitize=(), security=False, serial="TWIN-A", wwn=False),
    "twin_b": _named(HDD, sanitize=(), security=False, serial="TWIN-B", wwn=False),
    "bad_twin_a": _named(
        HDD, sanitize=(), security=False, serial="TWIN-A", wwn=False, unwritable=(1100, 3000)
    ),
    "bad_twin_b": _named(
        HDD, sanitize=(), security=False, serial="TWIN-B", wwn=False, unwritable=(1100, 3000)
    ),
    "offline": _named(HDD, sanitize=(), security=False, offline_after=MIB),
    "drops": _named(HDD, sanitize=(), security=False, dropped=(1500, 500)),
    "loses_stretch": _named(HDD, sanitize=(), security=False, cached=(400, 400), read_mib_s=0.2),
    "loses_all": _named(HDD, sanitize=(), security=False, cached=(0, 2 * MIB - 1)),
    "wraps": _named(SSD, model="ETABLI FAKE", sanitize=(), security=False, real_sectors=1024),
    "slow": _named(HDD, sanitize=(), security=False, write_mib_s=0.1),
    "hot": _named(HDD, sanitize=(), security=False, temperature_c=74),
    "blank_serial": _named(SSD, serial=""),
    "no_sanitize": _named(SSD, sanitize=()),
    "sanitize_fails": _named(SSD, sanitize_fails=True),
    "bare": _named(HDD, sanitize=(), security=False),
    "scsi_ssd": _named(
        SSD, ata=False, model="SAS SSD", sanitize=("crypto", "block"), format_unit=True
    ),
    "scsi_hdd": _named(HDD, ata=False, model="SAS HDD", format_unit=True),
    "scsi_format": _named(HDD, ata=False, model="SAS FMT", sanitize=(), format_unit=True),
    "scsi_lies": _named(SSD, ata=False, model="SAS LIAR", leaves_percent=100),
    "scsi_fails": _named(SSD, ata=False, model="SAS FAIL", sanitize_fails=True),
}
