"""Temperatures and fans from `/sys/class/hwmon`."""

from __future__ import annotations

import re

from diagnostics.command import Runner
from diagnostics.findings import Findings
from diagnostics.model import Sensor
from diagnostics.sources.coerce import integer

FOLDER = "/sys/class/hwmon"
_INPUT = re.compile(r"(temp|fan)(\d{1,3})_input")


def read(runner: Runner) -> Findings:
    """Every sensor with its value now; impossible values are unknown, the sensor stays."""
    names = runner.names(FOLDER)
    if names is None:
        return Findings(unknown={"sensors": "missing"})
    found: list[Sensor] = []
    for name in names[:64]:
        base = f"{FOLDER}/{name}"
        chip = runner.read(f"{base}/name").text or name
        for file in (runner.names(base) or ())[:256]:
            if matched := _INPUT.fullmatch(file):
                found.append(_sensor(runner, base, chip[:40], matched[1], matched[2]))
    return Findings(sensors=tuple(found))


def _sensor(runner: Runner, base: str, chip: str, kind: str, number: str) -> Sensor:
    label = runner.read(f"{base}/{kind}{number}_label").text or f"{kind}{number}"
    raw = runner.read(f"{base}/{kind}{number}_input").text
    if kind == "fan":
        return Sensor(chip=chip, label=label[:60], kind="fan", value=integer(raw, 0, 30_000))
    return Sensor(chip=chip, label=label[:60], kind="temperature", value=celsius(raw))


def celsius(raw: str | None) -> int | None:
    """Degrees from thousandths; a chip without its diode says -128, 127 or 255."""
    value = integer(raw, -55_000, 126_000)
    return None if value is None else round(value / 1000)
