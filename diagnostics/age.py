"""The year a machine was made, from recorded facts. Pure; lenient with what others wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping

_YEAR = re.compile(r"(19|20)\d\d")
_FIRST, _LAST = 1990, 2099  # EDID counts from 1990


def made_year(facts: Mapping[str, object]) -> int | None:
    """The year of the panel inside (EDID), or of the firmware where that is earlier.

    The firmware's date alone is no proof: an update makes an old machine look young, and a public
    donor would count what may not be counted. `None` where nothing says it.
    """
    displays = facts.get("displays")
    panels = [
        year
        for display in (displays if isinstance(displays, (list, tuple)) else ())
        if isinstance(display, Mapping)
        and display.get("internal") is True
        and isinstance(year := display.get("year"), int)
        and _FIRST <= year <= _LAST
    ]
    if not panels:
        return None
    firmware = facts.get("firmware")
    date = firmware.get("date") if isinstance(firmware, Mapping) else None
    found = _YEAR.search(date) if isinstance(date, str) else None
    return min([*panels, int(found.group())] if found else panels)
