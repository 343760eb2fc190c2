"""What a workshop notes beside its machines: waste, hours and parts. Hours are never a person's."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

from bench.errors.failure import Exit, Failure
from bench.stock.lots import MAX_WEIGHT_G

if TYPE_CHECKING:
    from bench.records.log import Log

# The streams a workshop parts its waste into; what an éco-organisme asks for by name.
WASTE = ("weee", "batteries", "screens", "cables", "cardboard", "plastic", "metal", "disks")
STEPS = ("sorting", "checks", "erasure", "repair", "cleaning", "labelling", "delivery", "training")


def note_waste(log: Log, kind: str, weight_g: int, *, operator: str = "") -> None:
    """Waste that left, in grams. Raises `Failure`."""
    if kind not in WASTE:
        raise Failure("stock.waste_kind", Exit.USAGE, kind=kind[:40], kinds=", ".join(WASTE))
    if not 0 < weight_g <= MAX_WEIGHT_G:
        raise Failure("stock.weight", Exit.USAGE, weight=f"{weight_g / 1000:g}")
    log.append("waste.weighed", {"kind": kind, "weight_g": weight_g}, operator=operator)


def note_hours(log: Log, step: str, minutes: int, *, day: str = "") -> None:
    """Time worked on a step that day. Nobody's name goes with it. Raises `Failure`."""
    if step not in STEPS:
        raise Failure("stock.step", Exit.USAGE, step=step[:40], steps=", ".join(STEPS))
    if not 0 < minutes <= 24 * 60:
        raise Failure("stock.minutes", Exit.USAGE, minutes=minutes)
    try:
        when = datetime.date.fromisoformat(day) if day else log.clock.now().date()
    except ValueError:
        raise Failure("stock.day", Exit.USAGE, day=day[:20]) from None
    log.append("hours.noted", {"day": when.isoformat(), "step": step, "minutes": minutes})


def note_part(
    log: Log, device: str, part: str, *, origin: str = "stock", operator: str = ""
) -> None:
    """A part went into a machine; `origin`: "stock", or the device it was taken from."""
    if not part.strip() or len(part) > 200:
        raise Failure("stock.part", Exit.USAGE)
    if origin == device:
        raise Failure("stock.part_itself", Exit.USAGE)
    data = {"part": part.strip(), "origin": origin}
    log.append("part.used", data, device=device, operator=operator)
