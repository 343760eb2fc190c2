"""A disk as its erasure left it: the reading from before with the few values read after. Pure.

The wipe process reads SMART itself right after the last sector, when nothing else has touched
the drive. What it kept before it decoded them is raw, so words are decoded here once more.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from diagnostics.model import Disk, Smart
from diagnostics.rawword import COUNTS, count
from diagnostics.sources.coerce import boolean, integer
from diagnostics.sources.smartctl import believable_hours


def with_values(disk: Disk, values: Mapping[str, object]) -> Disk:
    """The disk with the values of one later reading.

    A count the drive told before and does not tell now is not known any more: it must not
    pass for unchanged. What this reading never asks (attributes, self-tests) stays as it was.
    """
    before = disk.smart or Smart()
    changes: dict[str, object] = {
        name: count(values.get(name)) for name in COUNTS if getattr(before, name) is not None
    }
    changes |= {name: count(values[name]) for name in COUNTS if name in values}
    told = boolean(values.get("passed"))
    changes["passed"] = told
    changes["temperature_c"] = integer(values.get("temperature_c"), -60, 150)
    hours = believable_hours(values.get("power_on_hours"))
    changes["power_on_hours"] = hours if hours is not None else before.power_on_hours
    wear = integer(values.get("wear_percent"), 0, 255)
    changes["wear_percent"] = wear if wear is not None else before.wear_percent
    return msgspec.structs.replace(disk, smart=msgspec.structs.replace(before, **changes))
