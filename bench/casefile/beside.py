"""Two machines side by side, as the record holds them: what differs, and what is the same."""

from __future__ import annotations

from typing import NamedTuple

from bench.casefile.search import state_text
from bench.casefile.story import brief, when
from bench.records.log import Log
from bench.words.catalogue import find, say

_MOST_DISKS = 4


class Beside(NamedTuple):
    """One fact of both, as read; "" where the record holds none."""

    name: str
    left: str
    right: str

    @property
    def same(self) -> bool:
        """Whether both say the same; two that say nothing do not differ."""
        return self.left.casefold() == self.right.casefold()


def beside(log: Log, left: str, right: str) -> tuple[Beside, ...]:
    """The facts of two machines, in the order they are looked at. Raises `RecordsError`."""
    with log.store.snapshot():
        first, second = _facts(log, left), _facts(log, right)
        disks = _disks(log, left), _disks(log, right)
    names = list(dict.fromkeys([*first, *second]))
    facts = [
        Beside(say(f"beside.{name}"), first.get(name, ""), second.get(name, "")) for name in names
    ]
    return (*facts, *_paired(*disks))


def _paired(left: dict[str, str], right: dict[str, str]) -> list[Beside]:
    """Disks side by side by their numbers, not by where they stand; those of both come first."""
    both = [number for number in left if number in right]
    alone = [number for number in (*left, *right) if number not in both]
    lines = [
        Beside(say("beside.disk"), left.get(number, ""), right.get(number, ""))
        for number in (*both, *alone)[:_MOST_DISKS]
    ]
    if (more := len(both) + len(alone) - len(lines)) > 0:
        lines.append(Beside("", say("beside.more_disks", count=more), ""))
    return lines


def _disks(log: Log, device: str) -> dict[str, str]:
    """By serial: the disk, whether it is erased, whether it is still inside."""
    found: dict[str, str] = {}
    for disk in log.dossier(device).disks:
        known = brief(disk.identity.serial or "") or brief(disk.identity.model or "") or "?"
        erased = say("beside.erased") if disk.erased else ""
        out = say("beside.out") if disk.removed else say("beside.missing") if disk.missing else ""
        found[known] = " ".join(filter(None, (known, erased, out)))
    return found


def _facts(log: Log, device: str) -> dict[str, str]:
    rows = log.store.query(
        "SELECT asset, maker, model, serial, board_serial, kind, arrived_at, lot, state, blocked,"
        " grade FROM machine WHERE device = ?",
        (device,),
    )
    if not rows:
        return {}
    asset, maker, model, serial, board, kind, arrived, lot, state, blocked, grade = rows[0]
    return {
        "asset": brief(asset) or device[:13],
        "name": brief(f"{maker} {model}"),
        "serial": brief(serial),
        "board": brief(board),
        "kind": find(f"probe.kind.{kind}") or brief(kind),
        "arrived": when(arrived),
        "lot": brief(lot),
        "state": state_text("blocked" if blocked else state),
        "grade": brief(grade),
    }
