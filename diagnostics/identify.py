"""What follows from facts of several sources: the machine's key, its kind. Pure."""

from __future__ import annotations

import itertools

import msgspec

from diagnostics.identity import DiskIdentity, Doubt, Same, same
from diagnostics.locks import locks_of
from diagnostics.model import Cpu, Disagreement, Disk, Identity, Machine, NetworkPort


def conclude(machine: Machine) -> Machine:
    """The machine with its key, a kind where the chassis word is missing, locks, and doubts."""
    identity = _keyed(machine.identity, machine.network)
    if identity.kind is None and machine.batteries and _internal_screen(machine):
        identity = msgspec.structs.replace(identity, kind="laptop")
    unknown = dict(machine.unknown)
    cpu, doubts = _processors(machine)
    if identity.key is None:
        unknown.setdefault("identity.key", "no_believable_serial")
    else:
        unknown.pop("identity.key", None)
    return msgspec.structs.replace(
        machine,
        identity=identity,
        cpu=cpu,
        disks=_shared(machine.disks),
        locks=tuple(sorted({*machine.locks, *locks_of(machine)})),
        disagreements=_joined(_with_memory(machine), doubts),
        unknown=unknown,
    )


def _processors(machine: Machine) -> tuple[Cpu, tuple[Disagreement, ...]]:
    """How many processors there are: never more than the firmware lists as fitted.

    A kernel without a map of the sockets (ARM, virtual machines) takes each core or cluster for
    one. Fewer than fitted it may see too: a second one switched off. Both are kept as told.
    """
    cpu = machine.cpu
    if cpu.fitted is None or cpu.sockets == cpu.fitted:
        return cpu, ()
    if cpu.sockets is None:
        return msgspec.structs.replace(cpu, sockets=cpu.fitted), ()
    told = Disagreement("cpu.sockets", str(cpu.sockets), "kernel", str(cpu.fitted), "smbios")
    return msgspec.structs.replace(cpu, sockets=min(cpu.sockets, cpu.fitted)), (told,)


def _joined(
    disagreements: tuple[Disagreement, ...], more: tuple[Disagreement, ...]
) -> tuple[Disagreement, ...]:
    new = {doubt.point for doubt in more}
    return (*(doubt for doubt in disagreements if doubt.point not in new), *more)


def _shared(disks: tuple[Disk, ...]) -> tuple[Disk, ...]:
    """Two disks that tell one number, and no WWN that tells them apart: neither bears its own."""
    names = {
        disk.name: DiskIdentity(model=disk.model, serial=disk.serial, wwn=disk.wwn)
        for disk in disks
        if disk.serial_doubt is None
    }
    alike = {
        name
        for this, other in itertools.combinations(names, 2)
        if names[this].named and names[other].named and same(names[this], names[other]) is Same.YES
        for name in (this, other)
    }
    return tuple(
        msgspec.structs.replace(disk, serial_doubt=Doubt.SHARED.value)
        if disk.name in alike
        else disk
        for disk in disks
    )


def _internal_screen(machine: Machine) -> bool:
    return any(display.internal for display in machine.displays)


def _keyed(identity: Identity, network: tuple[NetworkPort, ...]) -> Identity:
    """System serial, else board serial, else a burnt-in network address; and which it was."""
    candidates = (
        (identity.serial, "system_serial"),
        (identity.board_serial, "board_serial"),
        (_own_address(network), "mac"),
    )
    for value, source in candidates:
        if value is not None:
            return msgspec.structs.replace(identity, key=value, key_source=source)
    return identity


def _own_address(network: tuple[NetworkPort, ...]) -> str | None:
    """The first wired port's address, else the first radio's. Never a USB adapter's: it may be
    the workshop's own, and would make one machine of a hundred."""
    own = [port for port in network if port.mac is not None and port.bus in ("pci", "platform")]
    for kind in ("ethernet", "wifi"):
        for port in own:
            if port.kind == kind:
                return port.mac
    return None


def _with_memory(machine: Machine) -> tuple[Disagreement, ...]:
    """SMBIOS against the kernel: more in use than installed, or under two thirds of it."""
    memory = machine.memory
    if memory.installed_bytes is None or memory.total_bytes is None:
        return machine.disagreements
    point = "memory.installed_bytes"
    others = tuple(
        disagreement for disagreement in machine.disagreements if disagreement.point != point
    )
    plausible = memory.installed_bytes * 2 // 3 <= memory.total_bytes <= memory.installed_bytes
    if plausible:
        return others
    told = Disagreement(
        point, str(memory.installed_bytes), "smbios", str(memory.total_bytes), "kernel"
    )
    return (*others, told)
