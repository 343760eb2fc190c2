"""What a bench has and lacks: tools, rights, data folder, space, clock, keyboard, printers.

Each point is judged from what the runner read; the words are in `words/*/doctor.toml`.
"""

from __future__ import annotations

import datetime as dt
import enum
import os
import re

import msgspec

from bench.errors.failure import Failure
from bench.errors.sentence import sentence
from bench.opening.context import Context
from bench.screens.kit import times
from bench.setup.settings import load
from bench.words.catalogue import say
from diagnostics.command import Runner

# Tool, Debian package. What the absence of each costs is in the words.
TOOLS = (
    ("smartctl", "smartmontools"),
    ("nvme", "nvme-cli"),
    ("hdparm", "hdparm"),
    ("sg_sanitize", "sg3-utils"),
    ("dmidecode", "dmidecode"),
    ("lsblk", "util-linux"),
    ("lspci", "pciutils"),
    ("sedutil-cli", "sedutil"),
    ("mmc", "mmc-utils"),
)
LOW_SPACE_BYTES = 200 << 20  # a bench's day of records and journals is under 100 MB
RELEASE = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)  # a clock before this is wrong


class DoctorState(enum.Enum):
    GOOD = "good"
    WEAK = "weak"
    MISSING = "missing"


class Point(msgspec.Struct, frozen=True):
    """One thing examined; `cost` is what its absence takes away, empty when good."""

    point: str
    state: DoctorState
    text: str
    cost: str = ""
    stops: bool = False  # nothing can be recorded, or not rightly, until somebody mends it


def examine(runner: Runner, context: Context) -> list[Point]:
    """Every point, in the order a person should read them."""
    return [
        _rights(),
        *(_tool(runner, tool, package) for tool, package in TOOLS),
        _data(context),
        _settings(context),
        _space(context),
        *_backup(context),
        _clock(runner, context),
        _keyboard(runner),
        _printers(runner),
    ]


def _rights() -> Point:
    name = say("doctor.rights.name")
    if os.geteuid() == 0:
        return Point(name, DoctorState.GOOD, say("doctor.rights.root"))
    return Point(name, DoctorState.WEAK, say("doctor.rights.user"), say("doctor.rights.cost"))


def _tool(runner: Runner, tool: str, package: str) -> Point:
    if runner.has(tool):
        return Point(tool, DoctorState.GOOD, say("doctor.tool.there"))
    optional = tool in ("sedutil-cli", "mmc")
    text = say("doctor.tool.absent", package=package)
    state = DoctorState.WEAK if optional else DoctorState.MISSING
    return Point(tool, state, text, say(f"doctor.tool.cost.{tool}"))


def _data(context: Context) -> Point:
    name = say("doctor.data.name")
    folder = context.data
    origin = say(f"doctor.data.{folder.origin}")
    path = folder.path
    place = next(p for p in (path, *path.parents) if p.exists())
    if not os.access(place, os.W_OK):
        cost = say("doctor.data.cost")
        return Point(name, DoctorState.MISSING, f"{path} ({origin})", cost, stops=True)
    return Point(name, DoctorState.GOOD, f"{path} ({origin})")


def _settings(context: Context) -> Point:
    """What every command that needs the settings would stop at."""
    name = say("doctor.settings.name")
    try:
        found = load(context.data.path)
    except Failure as failure:
        cost = say("doctor.settings.cost")
        return Point(name, DoctorState.MISSING, sentence(failure), cost, stops=True)
    return Point(name, DoctorState.GOOD, say("doctor.settings.bench", bench=found.bench))


def _space(context: Context) -> Point:
    name = say("doctor.space.name")
    free = context.data.free_bytes()
    if free is None:
        return Point(name, DoctorState.WEAK, say("doctor.unknown"))
    text = say("doctor.space.free", megabytes=free // 1_000_000)
    if free < LOW_SPACE_BYTES:
        return Point(name, DoctorState.MISSING, text, say("doctor.space.cost"), stops=True)
    return Point(name, DoctorState.GOOD, text)


def _backup(context: Context) -> list[Point]:
    """When the records were last copied elsewhere; nothing to say of a bench without any."""
    from bench.records.copies import snapshots
    from bench.records.errors import RecordsError
    from bench.records.store import Store

    if not context.data.database.exists():
        return []
    name = say("doctor.backup.name")
    try:
        store = Store.open(context.data.database, read_only=True)
        try:
            last, troubles = str(store.meta("backup_at") or ""), snapshots.troubles(store)
        finally:
            store.close()
    except RecordsError:
        return [Point(name, DoctorState.WEAK, say("doctor.unknown"))]
    if not last:
        return [Point(name, DoctorState.WEAK, say("doctor.backup.none"), say("doctor.backup.cost"))]
    text = say("doctor.backup.last", at=times.moment(last))
    if troubles:
        paths = ", ".join(trouble.path for trouble in troubles)
        return [Point(name, DoctorState.WEAK, text, say("doctor.backup.failed", paths=paths))]
    return [Point(name, DoctorState.GOOD, text)]


def _clock(runner: Runner, context: Context) -> Point:
    """The system clock against our release date, and against the hardware clock."""
    name = say("doctor.clock.name")
    now = context.clock.now()
    text = now.strftime("%Y-%m-%d %H:%M UTC")
    if now < RELEASE:
        return Point(name, DoctorState.MISSING, text, say("doctor.clock.cost"), stops=True)
    hardware = runner.read("/sys/class/rtc/rtc0/since_epoch").text
    if hardware and hardware.isdigit() and abs(int(hardware) - now.timestamp()) > 86_400:
        return Point(name, DoctorState.WEAK, text, say("doctor.clock.differs"))
    return Point(name, DoctorState.GOOD, text)


def _keyboard(runner: Runner) -> Point:
    name = say("doctor.keyboard.name")
    settings = runner.read("/etc/default/keyboard").text or ""
    found = re.search(r'^\s*XKBLAYOUT="?([\w,-]*)"?', settings, re.MULTILINE)
    if found and found[1]:
        return Point(name, DoctorState.GOOD, found[1])
    return Point(name, DoctorState.WEAK, say("doctor.unknown"), say("doctor.keyboard.cost"))


def _printers(runner: Runner) -> Point:
    """USB printers the kernel shows, and queues of CUPS; network ones are found on printing."""
    name = say("doctor.printers.name")
    found = [
        f"/dev/usb/{entry}" for entry in runner.names("/dev/usb") or () if entry.startswith("lp")
    ]
    if runner.has("lpstat"):
        answer = runner.run(["lpstat", "-e"], timeout_s=3)
        found += answer.text.split() if answer.exit_code == 0 else []
    if found:
        return Point(name, DoctorState.GOOD, ", ".join(found))
    return Point(name, DoctorState.WEAK, say("doctor.printers.none"), say("doctor.printers.cost"))
