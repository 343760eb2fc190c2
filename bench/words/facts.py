"""A machine's facts as a table for people. Unknown is shown as unknown, with why."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bench.words.catalogue import find, language, say
from bench.words.numbers import decimal
from diagnostics.model import Battery, Disk, Display, Machine, NetworkPort
from diagnostics.processor import processor_name


def gigabytes(size_bytes: int | None) -> str | None:
    """Decimal, as printed on disks: 256 Go."""
    if size_bytes is None:
        return None
    if size_bytes >= 1_000_000_000_000:
        figure = f"{size_bytes / 1e12:.1f}".replace(".0", "")
        return say("probe.terabytes", count=decimal(figure, language()))
    if size_bytes >= 1_000_000_000:
        return say("probe.gigabytes", count=round(size_bytes / 1e9))
    return say("probe.megabytes", count=round(size_bytes / 1e6))


def gibibytes(size_bytes: int | None) -> str | None:
    """Binary, as printed on memory: 8 Go."""
    return None if size_bytes is None else say("probe.gigabytes", count=round(size_bytes / 2**30))


def sheet(machine: Machine) -> RenderableType:
    """The whole machine, one row a fact."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in _rows(machine):
        table.add_row(say(f"probe.{name}"), value or Text(say("probe.unknown"), style="yellow"))
    parts: list[RenderableType] = [table]
    parts += [Text(_word("warning", code), style="red") for code in machine.warnings]
    if machine.unknown:
        reasons = sorted(set(machine.unknown.values()))
        parts.append(Text(say("probe.why_unknown", reasons=", ".join(map(_reason, reasons)))))
    return Group(*parts)


def _rows(machine: Machine) -> Iterator[tuple[str, str | None]]:
    identity, cpu, memory = machine.identity, machine.cpu, machine.memory
    yield "machine", _join(identity.maker, identity.model)
    yield "serial", identity.serial or identity.board_serial
    yield "chassis", _word("kind", identity.kind) if identity.kind else None
    yield (
        "firmware",
        _join(machine.firmware.vendor, machine.firmware.version, machine.firmware.mode),
    )
    yield "cpu", processor_name(cpu.model)
    yield "cores", _cores(machine)
    yield "memory", gibibytes(memory.installed_bytes or memory.total_bytes)
    for module in memory.modules:
        yield "module", _join(module.slot, gibibytes(module.size_bytes), module.type, module.maker)
    for disk in machine.disks:
        yield "disk", _disk(disk)
    for battery in machine.batteries:
        yield "battery", _battery(battery)
    for display in machine.displays:
        yield "display", _display(display)
    for port in machine.network:
        yield "network", _port(port)
    for device in machine.devices:
        yield "device", _join(_word("device_kind", device.kind), device.maker, device.model)
    yield "tpm", None if machine.tpm.version is None else f"{machine.tpm.version}"


def _cores(machine: Machine) -> str | None:
    cpu = machine.cpu
    if cpu.cores is None and cpu.threads is None:
        return None
    level = "" if cpu.x86_64_level is None else f", x86-64-v{cpu.x86_64_level}"
    return f"{cpu.cores or '?'} / {cpu.threads or '?'}{level}"


def _disk(disk: Disk) -> str:
    hours = disk.smart.power_on_hours if disk.smart else None
    age = None if hours is None else say("probe.hours", count=hours)
    kind = disk.kind.value.upper().replace("_", " ")
    return _join(disk.path, kind, gigabytes(disk.size_bytes), disk.model, disk.serial, age) or ""


def _battery(battery: Battery) -> str:
    health = battery.health_percent
    said = None if health is None else say("probe.health", percent=health)
    cycles = None if battery.cycles is None else say("probe.cycles", count=battery.cycles)
    return _join(battery.name, battery.maker, battery.model, said, cycles) or battery.name


def _display(display: Display) -> str:
    size = display.diagonal_tenths_inch
    inches = None if size is None else f'{size / 10:.1f}"'
    mode = f"{display.width_px}x{display.height_px}" if display.width_px else None
    return _join(display.connector, display.maker, display.model, inches, mode) or ""


def _port(port: NetworkPort) -> str:
    speed = None if port.speed_mbit is None else f"{port.speed_mbit} Mb/s"
    return _join(port.name, port.kind, port.mac, port.model, speed) or port.name


def _join(*parts: str | None) -> str | None:
    return " ".join(part for part in parts if part) or None


def _word(table: str, code: str) -> str:
    """The word for a code of diagnostics; the code itself where nobody wrote one."""
    return find(f"probe.{table}.{code}") or code


def _reason(code: str) -> str:
    return _word("reason", code)


def kilograms(weight_g: int) -> str:
    """A weight as people write it: 12,5 kg."""
    text = f"{weight_g / 1000:.3f}".rstrip("0").rstrip(".")
    return f"{decimal(text, language())} kg"
