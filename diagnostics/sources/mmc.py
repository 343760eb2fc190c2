"""Wear of soldered flash (eMMC 5.0 and later): `life_time` and `pre_eol_info` in sysfs."""

from __future__ import annotations

import msgspec

from diagnostics.command import Runner
from diagnostics.model import Disk, Smart
from diagnostics.sources.coerce import boolean

_EXHAUSTED = 110  # 0x0B: "exceeded its maximum estimated device life time"


def read(runner: Runner, disk: Disk) -> Disk | None:
    """The disk with its wear, or `None` where the chip tells nothing."""
    base = f"/sys/block/{disk.name}/device"
    smart = parse(runner.read(f"{base}/life_time").text, runner.read(f"{base}/pre_eol_info").text)
    if smart is None:
        return None
    locked = boolean(runner.read(f"/sys/block/{disk.name}/force_ro").text)
    return msgspec.structs.replace(disk, smart=msgspec.structs.replace(smart, read_only=locked))


def parse(life_time: str | None, pre_eol: str | None) -> Smart | None:
    """Wear from JESD84-B51 life estimates: steps of 10 %, the upper end of the worse of two."""
    steps = [_hex(word) for word in (life_time or "").split()[:2]]
    told = [step for step in steps if step is not None and 1 <= step <= 11]
    end_of_life = _hex((pre_eol or "").strip())
    if not told and end_of_life not in (1, 2, 3):
        return None
    wear = max(told) * 10 if told else None
    if end_of_life == 3:  # "urgent": 90 % of reserved blocks used
        wear = max(wear or 0, 100)
    elif end_of_life == 2:  # "warning": 80 %
        wear = max(wear or 0, 80)
    return Smart(available=True, wear_percent=min(wear, _EXHAUSTED) if wear else None)


def _hex(word: str) -> int | None:
    try:
        return int(word[:6], 16)
    except ValueError:
        return None
