"""What a drive says it can do. `None` = it did not say, which is never a yes."""

from __future__ import annotations

import msgspec

from diagnostics.learn import learn


class Security(msgspec.Struct, frozen=True):
    """ATA Security feature set, IDENTIFY DEVICE word 128 (ACS-4 7.12.7)."""

    supported: bool = False
    enabled: bool = False  # a user password is set
    locked: bool = False
    frozen: bool = False
    count_expired: bool = False
    enhanced: bool = False
    normal_minutes: int | None = None
    enhanced_minutes: int | None = None


class HiddenAreas(msgspec.Struct, frozen=True):
    """Sectors the host is kept from: HPA (READ NATIVE MAX) and DCO."""

    visible_sectors: int | None = None
    native_sectors: int | None = None
    dco_sectors: int | None = None  # what the drive has once DCO is restored

    @property
    def hidden_sectors(self) -> int:
        """How many are kept from the host; 0 where none is known of."""
        whole = max(self.native_sectors or 0, self.dco_sectors or 0)
        return max(whole - (self.visible_sectors or 0), 0)


class Holds(msgspec.Struct, frozen=True):
    """What a drive holds beside the blocks of the device we would write, by its own count."""

    namespaces: int | None = None  # NVMe, allocated: this one too, attached or not
    elsewhere: int = 0  # of these, attached to another controller: somebody may use them
    unallocated_bytes: int | None = None  # NVMe capacity that is in no namespace
    boot_bytes: int | None = None  # NVMe boot partitions, both together
    rpmb_bytes: int | None = None  # NVMe replay protected memory
    withheld_sectors: int | None = None  # SCSI: made with more than READ CAPACITY now reports
    gp_areas: int = 0  # eMMC: general purpose areas
    rpmb_areas: int = 0  # eMMC


learn(Holds)


class Capabilities(msgspec.Struct, frozen=True):
    """Erase features. Names in `sanitize`: crypto, block, overwrite."""

    read: bool = False  # the drive answered at all
    sanitize: tuple[str, ...] = ()
    sanitize_frozen: bool = False
    sanitize_running: bool = False
    security: Security | None = None
    password_known: bool = False  # one of our journals may hold the password that is set
    hidden: HiddenAreas | None = None
    format_crypto: bool = False  # NVMe FORMAT SES=2
    format_user: bool = False  # NVMe FORMAT SES=1
    format_unit: bool = False  # SCSI FORMAT UNIT
    namespaces: int | None = None  # that the kernel shows
    holds: Holds | None = None  # None: nobody counted
    secure_discard: bool = False
    opal_psid: bool = False
    behind_raid: bool = False  # a hardware controller's volume (raid.py)
    tools_missing: tuple[str, ...] = ()
