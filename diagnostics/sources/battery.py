"""Batteries from `/sys/class/power_supply`, with the gauges that are not to be believed.

Gauges lie: full above design (linrunner/TLP#330), full equal to design whatever the wear or
under a charge limit of the BIOS (TLP#621), nought cycles meaning "not counted". A lying gauge
gives a `doubt` code and no health, never a good battery.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from diagnostics.command import Runner
from diagnostics.findings import Findings, reason
from diagnostics.model import Battery
from diagnostics.sources.coerce import integer, text
from diagnostics.sources.placeholders import Field, clean

FOLDER = "/sys/class/power_supply"
_UEVENT = re.compile(r"(?:E: ?)?POWER_SUPPLY_([A-Z0-9_]+)=(.*)")
_GREP = re.compile(r"(?:.*/)?([a-z_]+):(.*)")
SMALLEST_MWH, LARGEST_MWH = 2_000, 300_000  # below: not a computer's; above: wrong unit
NEW_OVER_PERCENT = 105  # a fresh cell may hold a little more than its label


def read(runner: Runner) -> Findings:
    """All batteries that feed the machine itself (a mouse's has scope "Device")."""
    names = runner.names(FOLDER)
    if names is None:
        return Findings(unknown={"batteries": "missing"})
    found = []
    unknown: dict[str, str] = {}
    for name in names:
        content = runner.read(f"{FOLDER}/{name}/uevent")
        values = parse_uevent(content.text or "")
        if "type" not in values:  # kernels before 5.2 keep it in a file of its own
            values["type"] = runner.read(f"{FOLDER}/{name}/type").text or ""
        if not values["type"]:  # what cannot be read is not "no battery"
            unknown[f"batteries.{name}"] = reason(content.problem)
        limit = integer(runner.read(f"{FOLDER}/{name}/charge_control_end_threshold").text, 1, 100)
        battery = describe(name, values, limit)
        if battery is not None:
            found.append(battery)
    return Findings(batteries=tuple(found), unknown=unknown)


def parse_uevent(source: str) -> dict[str, str]:
    """Values by lower-case name, from a uevent, `udevadm`, or `grep . */*` text, or JSON."""
    if source.lstrip().startswith("{"):
        return _from_json(source)
    values: dict[str, str] = {}
    for line in source.splitlines()[:2000]:
        found = _UEVENT.fullmatch(line.strip())
        if found is None:
            found = _GREP.fullmatch(line.strip())
        if found is not None:
            values.setdefault(found[1].lower(), found[2].strip()[:200])
    return values


def _from_json(source: str) -> dict[str, str]:
    try:
        document = json.loads(source)
    except (ValueError, RecursionError):
        return {}
    return {
        str(key).lower().removeprefix("power_supply_"): str(value)[:200]
        for key, value in (document.items() if isinstance(document, dict) else ())
        if isinstance(value, str | int) and not isinstance(value, bool)
    }


def describe(name: str, values: Mapping[str, str], limit: int | None = None) -> Battery | None:
    """The battery, or `None` where these values are no battery of the machine."""
    if values.get("type", "").casefold() != "battery" or values.get("present") == "0":
        return None
    if values.get("scope", "").casefold() == "device":
        return None
    volts = _number(values, "voltage_min_design") or _number(values, "voltage_now")
    design, full, now = (_energy(values, part, volts) for part in ("full_design", "full", "now"))
    cycles = integer(values.get("cycle_count"), 1, 20_000)  # 0 stands for "not counted"
    percent, doubt = health(_ratio(values), design, full, cycles, limit)
    return Battery(
        name=values.get("name", name)[:40] or name,
        maker=clean(values.get("manufacturer"), Field.MAKER),
        model=clean(values.get("model_name"), Field.PART),
        serial=clean(values.get("serial_number"), Field.SERIAL),
        technology=clean(values.get("technology")),
        status=text(values.get("status"), 40),
        design_mwh=design,
        full_mwh=full,
        now_mwh=now,
        health_percent=percent,
        cycles=cycles,
        doubt=doubt,
    )


def _number(values: Mapping[str, str], key: str) -> int | None:
    return integer(values.get(key), 1, 10**12)


def _energy(values: Mapping[str, str], part: str, microvolts: int | None) -> int | None:
    """Milliwatt-hours from energy (uWh), or from charge (uAh) times the design voltage."""
    energy = _number(values, f"energy_{part}")
    if energy is not None:
        return energy // 1000
    charge = _number(values, f"charge_{part}")
    if charge is None or microvolts is None:
        return None
    return charge * microvolts // 10**9


def _ratio(values: Mapping[str, str]) -> tuple[int, int] | None:
    """Full and design in one unit, whichever the driver gives; both kinds of file occur."""
    for unit in ("energy", "charge"):
        full, design = _number(values, f"{unit}_full"), _number(values, f"{unit}_full_design")
        if full and design:
            return full, design
    return None


def health(
    ratio: tuple[int, int] | None,
    design_mwh: int | None,
    full_mwh: int | None,
    cycles: int | None,
    limit: int | None,
) -> tuple[int | None, str | None]:
    """Percent of design still held, or the code of why the gauge is not believed."""
    if ratio is None:
        return None, "not_reported"
    for energy in (design_mwh, full_mwh):
        if energy is not None and energy > LARGEST_MWH:
            return None, "implausible"
    if design_mwh is not None and design_mwh < SMALLEST_MWH:
        return None, "implausible"
    full, design = ratio
    percent = full * 100 // design
    if full == design:
        return None, "full_equals_design"
    if percent > NEW_OVER_PERCENT:
        return None, "full_over_design"
    if limit is not None and limit < 100 and abs(percent - limit) <= 1:
        return None, "charge_limit"
    if percent >= 100 and cycles is not None and cycles > 300:
        return None, "full_despite_cycles"
    return min(percent, 100), None
