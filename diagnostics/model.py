"""What we know of a machine: facts only, no opinion.

Every structure is frozen. `None` means *not known* and never *no* or *zero*;
`Machine.unknown` says why for each point that should have been readable.
Units are in the names: bytes, megahertz, millimetres, watt-hours x 1000.
"""

from __future__ import annotations

import enum

import msgspec

from diagnostics.inventory import Inventory
from diagnostics.learn import learn


class Fact(msgspec.Struct, frozen=True, omit_defaults=False):
    """Base of all facts: frozen, comparable, encodable by msgspec."""


class Identity(Fact, frozen=True):
    """Who the machine says it is, after placeholders were refused."""

    maker: str | None = None
    model: str | None = None
    serial: str | None = None
    uuid: str | None = None
    board_maker: str | None = None
    board_model: str | None = None
    board_serial: str | None = None
    chassis_serial: str | None = None
    asset_tag: str | None = None
    chassis: str | None = None  # SMBIOS word: "Notebook", "Desktop", "Mini PC"...
    kind: str | None = None  # laptop, desktop, all_in_one, mini, server, tablet, stick, board, vm
    key: str | None = None  # what to recognise the machine by
    key_source: str | None = None  # system_serial, board_serial, chassis_serial, mac
    model_source: str | None = None  # system, or board where the system's was a placeholder
    product_code: str | None = None  # the maker's own code, where `model` is the name on the lid
    family: str | None = None
    sku: str | None = None


class Firmware(Fact, frozen=True):
    vendor: str | None = None
    version: str | None = None
    date: str | None = None  # as printed by SMBIOS, ISO when it could be read
    mode: str | None = None  # uefi, bios
    secure_boot: bool | None = None
    admin_password: bool | None = None
    absolute_hint: bool | None = None  # a WPBT table exists: a hint, not a proof


class Cpu(Fact, frozen=True):
    model: str | None = None
    vendor: str | None = None
    cores: int | None = None
    threads: int | None = None
    sockets: int | None = None
    max_mhz: int | None = None
    flags: tuple[str, ...] = ()
    x86_64_level: int | None = None  # 1 to 4
    microcode: str | None = None
    virtualisation: bool | None = None
    family: int | None = None
    model_number: int | None = None
    stepping: int | None = None
    fitted: int | None = None  # processors the firmware lists as there


class MemoryModule(Fact, frozen=True):
    slot: str | None = None
    size_bytes: int | None = None
    type: str | None = None  # DDR4...
    form: str | None = None  # SODIMM...
    speed_mts: int | None = None
    maker: str | None = None
    part: str | None = None
    serial: str | None = None


class Memory(Fact, frozen=True):
    total_bytes: int | None = None  # what the kernel can use
    installed_bytes: int | None = None  # sum of the modules
    modules: tuple[MemoryModule, ...] = ()
    slots: int | None = None
    free_slots: int | None = None
    max_bytes: int | None = None
    ecc: bool | None = None


class DiskKind(enum.Enum):
    HDD = "hdd"
    SSD = "ssd"  # SATA flash
    NVME = "nvme"
    SAS_HDD = "sas_hdd"
    SAS_SSD = "sas_ssd"
    EMMC = "emmc"
    SD = "sd"
    UFS = "ufs"
    USB_FLASH = "usb_flash"
    OPTICAL = "optical"
    VIRTUAL = "virtual"
    IMAGE = "image"  # a disk image file
    UNKNOWN = "unknown"


# The boot stick, a card in a reader and a DVD drive do not leave with the machine.
_OUTSIDE = frozenset({DiskKind.OPTICAL.value, DiskKind.USB_FLASH.value, DiskKind.SD.value})


def leaves_with_machine(kind: object, transport: object, removable: object) -> bool:
    """Whether a disk is part of the machine; what is not known of it leaves it inside."""
    outside = isinstance(kind, str) and kind in _OUTSIDE
    return not outside and transport != "usb" and removable is not True


class Attribute(Fact, frozen=True):
    """One ATA SMART attribute. `raw` is the 48-bit word, `raw_text` smartctl's reading of it."""

    id: int
    name: str
    value: int | None = None
    worst: int | None = None
    threshold: int | None = None
    prefail: bool | None = None
    failing: str | None = None  # "now", "past", None
    raw: int | None = None
    raw_text: str | None = None


class WearSource(Fact, frozen=True):
    """One thing a drive says of its wear: an attribute's name or a log, per cent used."""

    name: str
    used_percent: int


class SelfTest(Fact, frozen=True):
    kind: str | None = None  # short, extended, conveyance...
    outcome: str | None = None  # passed, failed, aborted, interrupted, running, unknown
    at_hours: int | None = None
    first_error_lba: int | None = None


class Smart(Fact, frozen=True):
    """What a drive says of its own health, decoded. `None` = the drive did not say."""

    available: bool | None = None
    enabled: bool | None = None
    passed: bool | None = None
    exit_status: int | None = None  # smartctl's bit mask, kept as evidence
    power_on_hours: int | None = None
    power_cycles: int | None = None
    temperature_c: int | None = None
    attributes: tuple[Attribute, ...] = ()
    self_tests: tuple[SelfTest, ...] = ()
    self_test_running_percent: int | None = None  # remaining
    reallocated: int | None = None
    pending: int | None = None
    uncorrectable: int | None = None
    reported_uncorrectable: int | None = None
    end_to_end_errors: int | None = None
    spin_retries: int | None = None
    crc_errors: int | None = None
    wear_percent: int | None = None  # 0 new, 100 worn out; may exceed 100; the worst source
    wear_sources: tuple[WearSource, ...] = ()  # where the drive says it more than once
    helium_percent: int | None = None  # of a sealed hard disk; 100 full
    spare_percent: int | None = None
    spare_threshold_percent: int | None = None
    critical_warning: int | None = None
    media_errors: int | None = None
    grown_defects: int | None = None
    uncorrected_errors: int | None = None  # SAS, all directions
    read_only: bool | None = None
    written_bytes: int | None = None
    messages: tuple[str, ...] = ()


class Disk(Fact, frozen=True):
    path: str  # /dev/sda
    name: str  # sda
    kind: DiskKind = DiskKind.UNKNOWN
    model: str | None = None
    maker: str | None = None
    serial: str | None = None
    wwn: str | None = None
    firmware: str | None = None
    size_bytes: int | None = None
    logical_sector_bytes: int | None = None
    physical_sector_bytes: int | None = None
    rotational: bool | None = None
    rotation_rpm: int | None = None
    form_factor: str | None = None
    transport: str | None = None  # sata, nvme, sas, usb, mmc, virtio, loop, ata...
    usb_bridge: str | None = None  # vendor:product of the bridge, when behind one
    removable: bool | None = None
    read_only: bool | None = None
    zoned: str | None = None  # none, host-aware, host-managed
    by_id: tuple[str, ...] = ()
    smart: Smart | None = None
    serial_doubt: str | None = None  # bridge, shared, contradicted: serial and WWN not its own


class Battery(Fact, frozen=True):
    name: str
    maker: str | None = None
    model: str | None = None
    serial: str | None = None
    technology: str | None = None
    status: str | None = None
    design_mwh: int | None = None
    full_mwh: int | None = None
    now_mwh: int | None = None
    health_percent: int | None = None  # full / design, only when believable
    cycles: int | None = None
    doubt: str | None = None  # code of why the gauge is not believed


class Display(Fact, frozen=True):
    connector: str
    maker: str | None = None  # EDID three letters
    model: str | None = None
    serial: str | None = None
    year: int | None = None
    width_px: int | None = None
    height_px: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    diagonal_tenths_inch: int | None = None
    internal: bool | None = None


class NetworkPort(Fact, frozen=True):
    name: str
    kind: str  # ethernet, wifi, bluetooth, wwan
    mac: str | None = None
    driver: str | None = None
    model: str | None = None
    carrier: bool | None = None
    speed_mbit: int | None = None
    blocked: bool | None = None  # rfkill
    bus: str | None = None  # pci, usb, platform, virtio: a USB adapter may not belong here


class Device(Fact, frozen=True):
    """A PCI or USB device we only name: GPU, sound, camera, reader..."""

    kind: str  # gpu, audio, camera, touch, fingerprint, card_reader, optical, storage_raid, other
    model: str | None = None
    maker: str | None = None
    vendor_id: str | None = None  # four hex digits
    product_id: str | None = None
    bus: str | None = None  # pci, usb, platform
    address: str | None = None
    driver: str | None = None


class Sensor(Fact, frozen=True):
    chip: str
    label: str
    kind: str  # temperature, fan
    value: int | None = None  # degrees Celsius, or turns a minute


class Tpm(Fact, frozen=True):
    present: bool | None = None
    version: int | None = None  # 1 or 2


class Disagreement(Fact, frozen=True):
    """Two readers gave different answers for one point; both are kept."""

    point: str
    first: str
    first_source: str
    second: str
    second_source: str


class Machine(Fact, frozen=True):
    """All that was read. `unknown` maps a point ("identity.serial") to a reason code."""

    identity: Identity = Identity()
    firmware: Firmware = Firmware()
    cpu: Cpu = Cpu()
    memory: Memory = Memory()
    disks: tuple[Disk, ...] = ()
    batteries: tuple[Battery, ...] = ()
    displays: tuple[Display, ...] = ()
    network: tuple[NetworkPort, ...] = ()
    devices: tuple[Device, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    tpm: Tpm = Tpm()
    locks: tuple[str, ...] = ()  # codes: bios_password, absolute, apple_lock...
    warnings: tuple[str, ...] = ()  # codes: raid_hides_disks, removed_source...
    disagreements: tuple[Disagreement, ...] = ()
    unknown: dict[str, str] = {}
    kernel: str | None = None
    inventory: Inventory = Inventory()  # parts list: shown and searched, never judged


learn(Machine)
