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
    names = list(dict.fromkeys([*first, *second]))
    return tuple(
        Beside(say(f"beside.{name}"), first.get(name, ""), second.get(name, "")) for name in names
    )


def _facts(log: Log, device: str) -> dict[str, str]:
    rows = log.store.query(
        "SELECT asset, maker, model, serial, board_serial, kind, arrived_at, lot, state, blocked,"
        " grade FROM machine WHERE device = ?",
        (device,),
    )
    if not rows:
        return {}
    asset, maker, model, serial, board, kind, arrived, lot, state, blocked, grade = rows[0]
    facts = {
        "asset": brief(asset) or device[:13],
        "name": brief(f"{maker} {model}"),
        "serial": brief(serial),
        "board": brief(board),
        "kind": find(f"probe.kind.{kind}") or brief(kind),
    }
    for number, disk in enumerate(log.dossier(device).disks[:_MOST_DISKS], 1):
        out = say("beside.out") if disk.removed else say("beside.missing") if disk.missing else ""
        known = brief(disk.identity.serial or "") or brief(disk.identity.model or "")
        facts[f"disk_{number}"] = f"{known} {out}".strip()
    return facts | {
        "arrived": when(arrived),
        "lot": brief(lot),
        "state": state_text("blocked" if blocked else state),
        "grade": brief(grade),
    }
