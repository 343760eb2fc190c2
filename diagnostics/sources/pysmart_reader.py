"""pySMART as second reader of a drive, beside `smartctl -j`.

It parses smartctl's text, we parse its JSON: two readers of one drive that can be wrong
in different ways (py-SMART#46, #75, #96; smartmontools ticket 1606). Its commands go
through our Runner, so a recording keeps them. It also starts self-tests (see checks).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from diagnostics.asked import Command, Word
from diagnostics.command import Problem, Runner
from diagnostics.findings import Findings
from diagnostics.model import Disagreement, Disk
from diagnostics.sources.compare import differing
from diagnostics.sources.smartctl import TYPES

if TYPE_CHECKING:
    from pySMART import Device

# What pySMART asks; it can also switch SMART off and on, which nobody lets it.
ASKED: tuple[Command, ...] = (
    ("smartctl", frozenset(("--health", "--info", "--all")), Word.DISK),
    ("smartctl", "-d", TYPES, frozenset(("--health", "--info", "--all")), Word.DISK),
    ("smartctl", "-d", TYPES, "-l", frozenset(("sataphy", "sasphy")), Word.DISK),
    ("smartctl", "-d", TYPES, "-t", frozenset(("short", "long")), Word.DISK),
    ("smartctl", "-d", TYPES, Word.DISK),
)
SOURCE = "pySMART"
FIRST = "smartctl -j"


def device(runner: Runner, path: str) -> Device:
    """pySMART's device whose smartctl calls go through `runner`. May raise what pySMART raises."""
    from pySMART import Device
    from pySMART.smartctl import Smartctl

    class ThroughRunner(Smartctl):  # type: ignore[misc]  # pySMART has no types
        def _exec(self, cmd: list[str]) -> tuple[list[str], int]:
            done = runner.run(cmd, timeout_s=20.0)
            if done.problem is Problem.MISSING:
                raise FileNotFoundError(cmd[0])
            code = done.exit_code if done.exit_code is not None else 2
            return done.text.splitlines(), code

    return Device(path, smartctl=ThroughRunner(smartctl_path="smartctl"))


def read(runner: Runner, disk: Disk) -> Findings:
    """Where pySMART tells another story than our own reader of this disk."""
    try:
        other = device(runner, disk.path)
    except FileNotFoundError:
        return Findings(unknown={f"second_reader.{disk.name}": Problem.MISSING.value})
    except Exception as error:  # noqa: BLE001  a parser we do not own, fed by a drive we do not trust
        return Findings(unknown={f"second_reader.{disk.name}": f"crashed:{type(error).__name__}"})
    return Findings(disagreements=compare(disk, other))


def compare(disk: Disk, other: Any) -> tuple[Disagreement, ...]:
    """Serial, model and health; what moves between two readings (temperature) is left out."""
    smart = disk.smart
    passed = smart.passed if smart else None
    points = (
        (f"disks.{disk.name}.serial", disk.serial, _text(other, "serial")),
        (f"disks.{disk.name}.model", _folded(disk.model), _folded(_text(other, "model"))),
        (f"disks.{disk.name}.smart.passed", passed, _passed(other)),
    )
    return differing(points, first=FIRST, second=SOURCE)


def _text(other: Any, name: str) -> str | None:
    value = getattr(other, name, None)
    return value if isinstance(value, str) and value.strip() else None


def _folded(value: str | None) -> str | None:
    return re.sub(r"[\s_]+", " ", value).strip().casefold() if value else None


def _passed(other: Any) -> bool | None:
    """Its "WARN" is its own opinion of the attributes, not the drive's word."""
    return {"PASS": True, "FAIL": False}.get(str(getattr(other, "assessment", None)))
