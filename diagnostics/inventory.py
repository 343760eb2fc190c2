"""The machine's parts list: what a technician looks up, beside what is judged. Facts only.

`model.Machine` holds what decides (verdicts, grade, plan); this holds the rest of what the
kernel shows of the parts, so that another tool need not be run to find a driver's name or a
slot's link width. Unknown values are left out of the JSON. Nothing here names a person: no
USB serials, no file-system labels, no addresses given by a network.
"""

from __future__ import annotations

import msgspec

from diagnostics.learn import learn


class Item(msgspec.Struct, frozen=True, omit_defaults=True):
    """Base of the parts: frozen; what is not known is not written."""


class PciDevice(Item, frozen=True):
    """One PCI function. Numbers are hex digits as `lspci` prints them."""

    slot: str  # 0000:00:1f.2
    class_code: str | None = None
    class_name: str | None = None
    vendor_id: str | None = None
    vendor: str | None = None
    product_id: str | None = None
    product: str | None = None
    subsystem_vendor_id: str | None = None
    subsystem_vendor: str | None = None
    subsystem_id: str | None = None
    subsystem: str | None = None
    revision: str | None = None
    driver: str | None = None
    link_mts: int | None = None  # mega-transfers a second now: 8000 is PCIe 3
    link_width: int | None = None
    most_link_mts: int | None = None
    most_link_width: int | None = None
    enabled: bool | None = None
    irq: int | None = None
    iommu_group: int | None = None
    child: str | None = None  # what hangs on it: "virtio1", "nvme0", "usb2"


class UsbInterface(Item, frozen=True):
    number: int
    class_code: str | None = None  # six hex digits: class, subclass, protocol
    driver: str | None = None


class UsbNode(Item, frozen=True):
    """One USB device or hub at its place in the tree ("usb1" is a controller, "1-2.3" a port)."""

    port: str
    vendor_id: str | None = None
    product_id: str | None = None
    maker: str | None = None
    product: str | None = None
    class_code: str | None = None
    usb_version: str | None = None
    speed_mbit: int | None = None
    most_ma: int | None = None
    sockets: int | None = None  # of a hub
    removable: bool | None = None
    interfaces: tuple[UsbInterface, ...] = ()


class Partition(Item, frozen=True):
    """Where a partition lies; neither label nor content: a donor's disk is private."""

    name: str
    start_bytes: int | None = None
    size_bytes: int | None = None
    read_only: bool | None = None


class BlockQueue(Item, frozen=True):
    """How the kernel talks to one disk."""

    name: str
    driver: str | None = None
    slot: str | None = None  # the PCI function it hangs on
    scheduler: str | None = None
    requests: int | None = None
    most_request_bytes: int | None = None
    best_request_bytes: int | None = None
    smallest_request_bytes: int | None = None
    discard_granularity_bytes: int | None = None
    most_discard_bytes: int | None = None
    most_zeroes_bytes: int | None = None
    write_cache: str | None = None
    fua: bool | None = None
    read_ahead_bytes: int | None = None
    partitions: tuple[Partition, ...] = ()


class Cache(Item, frozen=True):
    level: int
    kind: str | None = None  # Data, Instruction, Unified
    size_bytes: int | None = None
    ways: int | None = None
    line_bytes: int | None = None
    shared_by: str | None = None  # threads, as the kernel lists them


class CpuDetail(Item, frozen=True):
    caches: tuple[Cache, ...] = ()  # those the first thread sees
    vulnerabilities: dict[str, str] = {}
    online: str | None = None
    numa_nodes: int | None = None
    smt: str | None = None
    least_mhz: int | None = None
    most_mhz: int | None = None
    frequency_driver: str | None = None
    governor: str | None = None
    idle_driver: str | None = None
    address_sizes: str | None = None
    hypervisor: str | None = None


class MemoryDetail(Item, frozen=True):
    swap_bytes: int | None = None
    block_bytes: int | None = None  # the kernel's hot-plug block
    blocks: int | None = None
    huge_page_bytes: int | None = None
    ranges: tuple[str, ...] = ()  # firmware's map of RAM: "0x100000-0xbfffffff System RAM"


class EdacController(Item, frozen=True):
    """One memory controller that counts errors."""

    name: str
    kind: str | None = None
    size_bytes: int | None = None
    corrected: int | None = None
    uncorrected: int | None = None


class FirmwareDetail(Item, frozen=True):
    acpi_tables: tuple[str, ...] = ()
    bios_release: str | None = None
    controller_release: str | None = None
    smbios_version: str | None = None
    updatable: tuple[str, ...] = ()  # ESRT: what firmware takes capsules, "GUID version N"


class FirmwareUpdate(Item, frozen=True):
    """A device `fwupdmgr` knows; `updatable` is its own flag, not a promise of an update."""

    name: str
    vendor: str | None = None
    version: str | None = None
    version_lowest: str | None = None
    plugin: str | None = None
    updatable: bool | None = None


class NetworkLink(Item, frozen=True):
    name: str
    address_length: int | None = None
    mtu: int | None = None
    state: str | None = None
    duplex: str | None = None
    queues: int | None = None
    device: str | None = None  # the bus address behind it


class InputPart(Item, frozen=True):
    name: str
    bus: str | None = None
    vendor_id: str | None = None
    product_id: str | None = None
    physical: str | None = None
    handlers: tuple[str, ...] = ()


class SoundCard(Item, frozen=True):
    number: int
    id: str | None = None
    name: str | None = None
    driver: str | None = None
    codecs: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()


class ThermalZone(Item, frozen=True):
    name: str
    kind: str | None = None
    celsius: int | None = None
    critical_celsius: int | None = None


class CoolingPart(Item, frozen=True):
    name: str
    kind: str | None = None
    most: int | None = None


class PowerSupply(Item, frozen=True):
    name: str
    kind: str | None = None  # Mains, USB, Battery...
    online: bool | None = None


class GraphicsCard(Item, frozen=True):
    name: str
    driver: str | None = None
    slot: str | None = None
    memory_bytes: int | None = None
    sockets: tuple[str, ...] = ()


class StorageHost(Item, frozen=True):
    """A controller disks hang on."""

    name: str  # host0, nvme0
    driver: str | None = None
    slot: str | None = None
    state: str | None = None


class Platform(Item, frozen=True):
    architecture: str | None = None
    hypervisor: str | None = None
    clocksource: str | None = None
    clocksources: tuple[str, ...] = ()
    clock_events: tuple[str, ...] = ()
    rtc: str | None = None
    rtc_time: str | None = None  # RFC 3339, as the clock chip says, taken as UTC
    secure_lockdown: str | None = None
    entropy_source: str | None = None
    virtio: tuple[str, ...] = ()  # "virtio1 block virtio_blk"
    pnp: tuple[str, ...] = ()  # "00:01 PNP0303 i8042 kbd"
    serial_ports: tuple[str, ...] = ()
    watchdogs: tuple[str, ...] = ()


class Inventory(Item, frozen=True):
    """All parts by kind. An empty list is *none seen*, which is no proof of absence."""

    pci: tuple[PciDevice, ...] = ()
    usb: tuple[UsbNode, ...] = ()
    blocks: tuple[BlockQueue, ...] = ()
    hosts: tuple[StorageHost, ...] = ()
    cpu: CpuDetail | None = None
    memory: MemoryDetail | None = None
    edac: tuple[EdacController, ...] = ()
    firmware: FirmwareDetail | None = None
    updates: tuple[FirmwareUpdate, ...] = ()
    network: tuple[NetworkLink, ...] = ()
    inputs: tuple[InputPart, ...] = ()
    sound: tuple[SoundCard, ...] = ()
    graphics: tuple[GraphicsCard, ...] = ()
    thermal: tuple[ThermalZone, ...] = ()
    cooling: tuple[CoolingPart, ...] = ()
    supplies: tuple[PowerSupply, ...] = ()
    platform: Platform | None = None


learn(Inventory)
