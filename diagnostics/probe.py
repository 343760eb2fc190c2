"""Reads the machine in hand: all sources at once, a growing `Machine` as they answer.

First facts come from sysfs within a few hundredths of a second; drives, which may have
to spin up, answer on their own; second readers (psutil, pySMART, py-cpuinfo) come last.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from diagnostics.command import Problem, Runner
from diagnostics.findings import Findings, merge, reason
from diagnostics.identify import conclude
from diagnostics.model import Disk, DiskKind, Machine
from diagnostics.schedule import Pool, Task
from diagnostics.sources import (
    around,
    battery,
    block_queues,
    cpu,
    cpu_detail,
    cpuinfo_reader,
    dmi,
    dmidecode,
    edid,
    firmware,
    fwupd,
    hwmon,
    inputs,
    lsblk,
    memory,
    memory_detail,
    mmc,
    network,
    nvme,
    pci,
    platform_parts,
    psutil_reader,
    pysmart_reader,
    smartctl,
    tpm,
    usb,
    usb_tree,
)

OnPart = Callable[[Machine], None]
SMART_LIMIT_S = 22.0  # a sleeping disk needs up to ten seconds to spin up
_NO_SMART = (DiskKind.VIRTUAL, DiskKind.OPTICAL, DiskKind.SD, DiskKind.IMAGE)


def _kernel(runner: Runner) -> Findings:
    return Findings(kernel=runner.read("/proc/sys/kernel/osrelease").text)


# In merge order: where two sources tell one field, the first listed is kept, live and replayed.
_SOURCES: tuple[tuple[str, str, float, Callable[[Runner], Findings]], ...] = (
    ("dmi", "identity", 3.0, dmi.read),
    ("cpu", "cpu", 4.0, cpu.read),
    ("memory", "memory.total_bytes", 3.0, memory.read),
    ("firmware", "firmware.mode", 3.0, firmware.read),
    ("tpm", "tpm.present", 3.0, tpm.read),
    ("battery", "batteries", 4.0, battery.read),
    ("edid", "displays", 4.0, edid.read),
    ("network", "network", 4.0, network.read),
    ("inputs", "devices.input", 3.0, inputs.read),
    ("kernel", "kernel", 3.0, _kernel),
    ("lsblk", "disks", 8.0, lsblk.read),
    ("dmidecode", "memory.modules", 6.0, dmidecode.read),
    ("udev_memory", "memory.modules", 3.0, memory.read_udev),
    ("usb", "devices.usb", 4.0, usb.read),
    ("pci", "devices.pci", 5.0, pci.read),
    ("hwmon", "sensors", 4.0, hwmon.read),
    ("usb_tree", "inventory.usb", 4.0, usb_tree.read),
    ("block_queues", "inventory.blocks", 4.0, block_queues.read),
    ("cpu_detail", "inventory.cpu", 4.0, cpu_detail.read),
    ("memory_detail", "inventory.memory", 4.0, memory_detail.read),
    ("around", "inventory.network", 4.0, around.read),
    ("platform_parts", "inventory.platform", 4.0, platform_parts.read),
)
_Late = tuple[str, Callable[[Runner, Machine], Findings]]
_LATE_READERS: tuple[_Late, ...] = (
    ("psutil", psutil_reader.read),
    ("py_cpuinfo", cpuinfo_reader.read),
)
_SMART, _LATE = 1000, 2000


def probe(
    runner: Runner,
    on_part: OnPart | None = None,
    *,
    deadline_s: float = 40.0,
    second_readers: bool = True,
    firmware_updates: bool = False,
) -> Machine:
    """The machine, complete or as complete as it gets before `deadline_s`. Never raises.

    `on_part` is called on this thread with the machine so far each time a source answers.
    Works for an ordinary user; what is denied is in `Machine.unknown`. `firmware_updates` asks
    fwupd too, whose daemon may take seconds: for a report, not for a worker who waits.
    """
    late = _LATE_READERS if second_readers else ()
    if firmware_updates:
        late = (*late, ("fwupd", fwupd.read))
    return _Probe(runner, on_part, time.monotonic() + deadline_s, late).run()


class _Probe:
    """One run: which sources have answered, and what follows an answer."""

    def __init__(
        self, runner: Runner, on_part: OnPart | None, deadline: float, late: tuple[_Late, ...]
    ) -> None:
        self._runner = runner
        self._on_part = on_part
        self._deadline = deadline
        self._late_readers = late
        self._pool = Pool()
        self._answers: dict[tuple[int, str], Findings] = {}
        self._first: set[str] = set()
        self._machine = Machine()

    def run(self) -> Machine:
        for place, (name, point, limit_s, read) in enumerate(_SOURCES):
            self._first.add(name)
            self._start(name, (place, name), limit_s, point, partial(read, self._runner))
        while self._pool.busy:
            task, found = self._pool.next(self._deadline)
            self._answers[task.order] = found
            self._machine = self._folded()
            if self._on_part is not None:
                self._on_part(self._machine)
            if time.monotonic() < self._deadline:
                self._follow(task, found)
        return self._machine

    def _start(
        self,
        name: str,
        order: tuple[int, str],
        limit: float,
        point: str,
        work: Callable[[], Findings],
    ) -> None:
        self._pool.start(Task(name, order, limit, point, work))

    def _folded(self) -> Machine:
        machine = Machine()
        for _, found in sorted(self._answers.items(), key=lambda pair: pair[0]):
            machine = merge(machine, found)
        return conclude(machine)

    def _follow(self, task: Task, found: Findings) -> None:
        """What an answer makes possible: drives after the list, second readers at the end."""
        if task.name == "lsblk":
            for disk in found.disks:
                work = partial(smart_of, self._runner, disk)
                point = f"disks.{disk.name}.smart"
                self._start(f"smart {disk.name}", (_SMART, disk.name), SMART_LIMIT_S, point, work)
        elif task.order[0] == _SMART and self._late_readers:
            for disk in found.disks:
                if disk.smart is not None and smartctl.answered(disk.smart):
                    work = partial(pysmart_reader.read, self._runner, disk)
                    point = f"second_reader.{disk.name}"
                    name = f"pysmart {disk.name}"
                    self._start(name, (_LATE, name), SMART_LIMIT_S, point, work)
        if task.name in self._first:
            self._first.discard(task.name)
            if not self._first:
                self._late()

    def _late(self) -> None:
        """Second readers that compare with what the first ones said."""
        for name, read in self._late_readers:
            work = partial(read, self._runner, self._machine)
            self._start(name, (_LATE, name), 12.0, f"second_reader.{name}", work)


def smart_of(runner: Runner, disk: Disk, timeout_s: float = 20.0) -> Findings:
    """One disk's health by the best reader for its kind; also used to read it again later."""
    point = f"disks.{disk.name}.smart"
    if disk.kind in _NO_SMART:
        return Findings(unknown={point: "not_supported"})
    if disk.kind is DiskKind.EMMC:
        found = mmc.read(runner, disk)
        return Findings(disks=(found,)) if found else Findings(unknown={point: "not_supported"})
    told, why = smartctl.read(runner, disk, timeout_s)
    if disk.kind is DiskKind.NVME and why in (Problem.MISSING.value, "not_supported"):
        other, other_why = nvme.read(runner, disk)
        if other is not None:
            return Findings(disks=(other,))
        why = why or other_why
    unknown = {point: why or reason(None)} if why else {}
    return Findings(disks=(told,) if told is not None else (), unknown=unknown)
