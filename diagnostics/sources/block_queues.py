"""How the kernel talks to each disk, its partitions, and the controllers disks hang on."""

from __future__ import annotations

import re

from diagnostics.command import Runner
from diagnostics.findings import Findings
from diagnostics.inventory import BlockQueue, Inventory, Partition, StorageHost
from diagnostics.sources.pci_parts import SLOT
from diagnostics.sources.sysfs import Folder, bracketed, scaled

BLOCK = "/sys/block"
# Memory, files and layers over disks are no parts of the machine.
_NOT_PARTS = re.compile(r"(zram|ram|loop|dm-|md|nbd|drbd|rbd|bcache)\d*.*")
_SECTOR = 512  # sysfs counts in these whatever the disk's own sectors are
MOST_DISKS, MOST_PARTITIONS = 64, 128


def read(runner: Runner) -> Findings:
    """Queues by disk name, hosts by host name."""
    names = [name for name in Folder(runner, BLOCK).names() if not _NOT_PARTS.fullmatch(name)]
    blocks = tuple(_queue(runner, name) for name in names[:MOST_DISKS])
    return Findings(inventory=Inventory(blocks=blocks, hosts=_hosts(runner)))


def _queue(runner: Runner, name: str) -> BlockQueue:
    here = Folder(runner, f"{BLOCK}/{name}")
    queue = here.inside("queue")
    return BlockQueue(
        name=name,
        driver=here.target("device/driver"),
        slot=slot_of(runner.link(here.path)),
        scheduler=bracketed(queue.text("scheduler")),
        requests=queue.number("nr_requests"),
        most_request_bytes=scaled(queue.number("max_sectors_kb"), 1024),
        best_request_bytes=queue.number("optimal_io_size", 1),
        smallest_request_bytes=queue.number("minimum_io_size", 1),
        discard_granularity_bytes=queue.number("discard_granularity"),
        most_discard_bytes=queue.number("discard_max_bytes"),
        most_zeroes_bytes=queue.number("write_zeroes_max_bytes"),
        write_cache=queue.text("write_cache", 20),
        fua=queue.flag("fua"),
        read_ahead_bytes=scaled(queue.number("read_ahead_kb"), 1024),
        partitions=_partitions(here, name),
    )


def _partitions(here: Folder, disk: str) -> tuple[Partition, ...]:
    names = [name for name in here.names() if name.startswith(disk) and name != disk]
    found = []
    for name in names[:MOST_PARTITIONS]:
        part = here.inside(name)
        if part.number("partition") is None:
            continue
        start, size = part.number("start"), part.number("size")
        found.append(
            Partition(name, scaled(start, _SECTOR), scaled(size, _SECTOR), part.flag("ro"))
        )
    return tuple(found)


def slot_of(path: str | None) -> str | None:
    """The innermost PCI function on a device's path."""
    slots = [part for part in (path or "").split("/") if SLOT.fullmatch(part)]
    return slots[-1] if slots else None


def _hosts(runner: Runner) -> tuple[StorageHost, ...]:
    found = []
    for folder, driver in (("/sys/class/scsi_host", "proc_name"), ("/sys/class/nvme", "transport")):
        for name in Folder(runner, folder).names()[:64]:
            here = Folder(runner, f"{folder}/{name}")
            slot = slot_of(runner.link(here.path))
            found.append(StorageHost(name, here.text(driver, 40), slot, here.text("state", 20)))
    return tuple(found)
