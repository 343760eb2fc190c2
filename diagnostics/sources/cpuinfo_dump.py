"""Prints what py-cpuinfo knows as one JSON line, without the second it waits to count ticks.

The present frequency is the moment's and no fact of ours; all else it knows is asked for as its own
command does. Run as a command: the CPUID instructions may end a process, and a recording keeps it.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from typing import Any

from cpuinfo import cpuinfo


def facts() -> dict[str, Any]:
    """All its fields but "hz_actual" (workhorsy/py-cpuinfo#205)."""
    # Its child for CPUID must have what is changed here; 3.14 no longer forks by itself.
    multiprocessing.set_start_method("fork", force=True)
    cpuinfo.CPUID.get_raw_hz = lambda _: 0
    setattr(sys, "frozen", True)  # noqa: B010  else it asks itself in one more process, unchanged
    found: dict[str, Any] = json.loads(cpuinfo.get_cpu_info_json())
    return {name: value for name, value in found.items() if not name.startswith("hz_actual")}


if __name__ == "__main__":
    print(json.dumps(facts(), sort_keys=True))
