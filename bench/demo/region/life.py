"""One made-up machine from arrival to its end, as planned events."""

from __future__ import annotations

import enum
import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.demo.region.chains import Act, Place
from bench.demo.region.members import network
from diagnostics.locks import MANAGED

STEP_S = 420  # between two things that happen to one machine on a bench
_GIB = 2**30
_CHECKS = {
    "laptop": ("keyboard", "screen", "battery"),
    "desktop": ("usb", "video", "memory"),
    "mini": ("usb", "video", "wifi"),
    "all_in_one": ("screen", "usb", "sound"),
    "disk": (),
}
_LOOKS = {"A": 0, "B": 1, "C": 2, "D": 2}
_GRADES = {"A": 18, "B": 44, "C": 28, "D": 10}
_MEMORY_GIB = {4: 18, 8: 48, 16: 27, 32: 7}


class Fate(enum.StrEnum):
    """What became of a machine."""

    ARRIVED = "arrived"
    WORK = "work"  # read, being tested
    STOCK = "stock"
    RESERVED = "reserved"
    TRANSIT = "transit"
    HANDED = "handed"
    PARTS = "parts"
    WEEE = "weee"
    REPAIR = "repair"


# What `machine.state` then says (`bench.records.fold.machine`, `holding`).
STATE = {
    Fate.ARRIVED: "arrived",
    Fate.WORK: "probed",
    Fate.STOCK: "finished",
    Fate.RESERVED: "reserved",
    Fate.TRANSIT: "in_transit",
    Fate.HANDED: "handed_over",
    Fate.PARTS: "gone",
    Fate.WEEE: "gone",
    Fate.REPAIR: "repair",
}
DONE = (Fate.STOCK, Fate.RESERVED, Fate.TRANSIT, Fate.HANDED)


@dataclass
class Machine:
    """A planned machine. `until`: when the last of its own bench's events was."""

    number: int
    kind: str
    fate: Fate
    place: Place
    arrived: int
    memory_mib: int = 0
    made_year: int = 0  # 0: nothing says when
    grade: str = ""
    until: int = 0
    erased: bool = False
    price_cents: int = 0
    moved: bool = False  # another workshop has it now
    acts: list[Act] = field(default_factory=list)


def live(machine: Machine, dice: random.Random) -> None:
    """Plan its visit, up to where its fate is decided by others than its bench."""
    machine.acts = list(_visit(machine, dice))
    machine.until = machine.acts[-1].at


def _visit(machine: Machine, dice: random.Random) -> Iterator[Act]:
    place, at = machine.place, machine.arrived
    yield place.act(at, "machine.arrived", {"asset": place.asset, "kind": machine.kind})
    if machine.fate is Fate.ARRIVED:
        return
    models = network().kinds[machine.kind].models
    model = dice.choice(models) if models else ("", "", "", 0, 2016)
    disk_kind, disk = _disk(machine.number, model[-1], dice)
    if machine.kind != "disk":
        facts = _facts(machine, model, disk_kind, disk, dice)
        yield place.act(at + 60, "machine.probed", {"facts": facts})
    for check in _CHECKS[machine.kind]:
        at += STEP_S
        yield place.act(at, "test.done", {"test": check, "outcome": _outcome(machine, dice)})
    if machine.fate is Fate.WORK:
        yield from _halted(machine, at, dice)
        return
    grade = dice.choices(tuple(_GRADES), tuple(_GRADES.values()))[0]
    if machine.kind != "disk":
        look = _LOOKS[grade] if machine.fate in DONE else 3
        answers = {"lid": look, "screen": min(look, 2)}
        yield place.act(at + STEP_S, "look.noted", {"answers": answers})
    yield from _erasure(machine, at + 4 * STEP_S, disk_kind, disk, dice)
    at += 6 * STEP_S
    if machine.fate in DONE:
        yield from _finished(machine, at, grade)
    else:
        yield from _leaves(machine, at, dice)


def _halted(machine: Machine, at: int, dice: random.Random) -> Iterator[Act]:
    """In work: some wait for a part or for help."""
    if dice.random() < 0.15:
        blocked = {"reason": "help", "step": "checks"}
        yield machine.place.act(at + STEP_S, "machine.blocked", blocked)


def _finished(machine: Machine, at: int, grade: str) -> Iterator[Act]:
    place, machine.grade = machine.place, grade
    if machine.kind != "disk":
        yield place.act(at, "lock.answered", {"lock": MANAGED, "free": True})
    step = _LOOKS[grade]
    codes = {"functional": f"F{step + 3}", "cosmetic": f"C{9 - 2 * step}", "rule_set": "demo"}
    yield place.act(at + 10, "grade.given", {"grade": grade} | codes)
    printed = {"asset": place.asset, "target": "pdf", "grade": grade}
    yield place.act(at + 20, "label.printed", printed)
    yield place.act(at + 30, "machine.destined", {"destination": "reuse"})
    yield place.act(at + STEP_S, "visit.done", {"outcome": "ready"})


def _leaves(machine: Machine, at: int, dice: random.Random) -> Iterator[Act]:
    """To parts, to waste, or to repair."""
    weight = network().kinds[machine.kind].weight_g + dice.randrange(-200, 900)
    weighed = {"weight_g": weight} if machine.fate is not Fate.REPAIR else {}
    place = machine.place
    yield place.act(at, "machine.destined", {"destination": machine.fate.value} | weighed)
    yield place.act(at + STEP_S, "visit.done", {"outcome": machine.fate.value})


def _outcome(machine: Machine, dice: random.Random) -> str:
    bad = machine.fate in (Fate.PARTS, Fate.WEEE, Fate.REPAIR)
    return "failed" if dice.random() < (0.5 if bad else 0.03) else "passed"


def _disk(number: int, year: int, dice: random.Random) -> tuple[str, dict[str, Any]]:
    """The kind of a machine's disk, and its name; machines of 2018 and later have faster ones."""
    shares = (15, 35, 50) if year >= 2018 else (50, 48, 2)
    kind = dice.choices(("hdd", "ssd", "nvme"), shares)[0]
    data = network().disks[kind]
    name = {"model": dice.choice(data.models), "serial": f"DEMO{number:07d}"}
    return kind, name | {"size_bytes": data.size_bytes}


def _facts(
    machine: Machine,
    told: tuple[str, str, str, int, int],
    disk_kind: str,
    disk: dict[str, Any],
    dice: random.Random,
) -> dict[str, Any]:
    """What a probe of such a machine would have read, in short."""
    maker, model, processor, cores, year = told
    gib = dice.choices(tuple(_MEMORY_GIB), tuple(_MEMORY_GIB.values()))[0]
    machine.memory_mib = gib * 1024
    module = {"slot": "DIMM A", "size_bytes": gib * _GIB, "type": "DDR4" if year > 2015 else "DDR3"}
    name = "nvme0n1" if disk_kind == "nvme" else "sda"
    transport = network().disks[disk_kind].transport
    where = {"path": f"/dev/{name}", "name": name, "kind": disk_kind, "transport": transport}
    facts: dict[str, Any] = {
        "identity": {
            "maker": maker,
            "model": model,
            "serial": f"DEMO-{machine.number:05d}",
            "kind": machine.kind,
        },
        "firmware": {"date": f"{year}-06-15", "mode": "uefi", "admin_password": False},
        "cpu": {"model": processor, "cores": cores, "threads": 2 * cores, "x86_64_level": 3},
        "memory": {
            "total_bytes": gib * _GIB - 300_000_000,
            "installed_bytes": gib * _GIB,
            "modules": [module],
        },
        "disks": [where | disk],
    }
    if machine.kind in ("laptop", "all_in_one"):
        machine.made_year = year
        panel = {"connector": "eDP-1", "internal": True, "year": year}
        facts["displays"] = [panel | {"width_px": 1920, "height_px": 1080}]
    if machine.kind == "laptop":
        full = dice.randrange(38, 99)
        facts["batteries"] = [
            {"name": "BAT0", "design_mwh": 48_000, "full_mwh": 480 * full, "health_percent": full}
        ]
    return facts


def _erasure(
    machine: Machine, at: int, disk_kind: str, disk: dict[str, Any], dice: random.Random
) -> Iterator[Act]:
    """Erased and read back; some disks fail, are stopped or leave no journal, and are taken out."""
    data, luck = network().disks[disk_kind], dice.random()
    claim = "failed" if luck < 0.025 else "interrupted" if luck < 0.035 else data.claim
    journal = hashlib.sha256(f"demo journal {machine.number}".encode()).hexdigest()
    done = {
        "job": f"demo-{machine.number}",
        "disk": disk,
        "technique": data.technique,
        "claim": claim,
        "verified": {
            "method": "full" if disk_kind == "hdd" else "sample",
            "sectors": data.size_bytes // 512 if disk_kind == "hdd" else 40_000,
            "mismatches": int(claim == "failed"),
        },
        "hidden_areas": {"state": "none"},
        "journal_hash": "" if 0.035 <= luck < 0.04 else journal,
        "tool": "etabli demo",
    }
    yield machine.place.act(at, "erase.done", done)
    machine.erased = luck >= 0.04
    if not machine.erased and machine.kind != "disk":
        taken = {"disk": disk, "reason": "demo"}
        yield machine.place.act(at + STEP_S, "disk.removed", taken)
