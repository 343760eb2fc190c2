"""Taking another tool's list over: first what would become of each line, then the statements.

What is written is what the list says (`machine.told`), and nothing else: no arrival, no check, no
erasure. A machine this record knows already is not doubled, and a list taken twice changes nothing.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from bench.casefile.numbers import next_assets
from bench.records.kinds.machine import MachineTold
from labels import identifier

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.exchange.lists.told import StockList, ToldMachine
    from bench.records.log import Log
    from bench.setup.settings import Settings


class Outcome(StrEnum):
    """What becomes of a line."""

    TAKEN = "taken"
    UPDATED = "updated"  # taken before, and the list says something else now
    SAME = "same"  # taken before as it stands
    KNOWN = "known"  # a machine that was seen here
    DOUBTFUL = "doubtful"  # not taken: which machine it is cannot be told
    REFUSED = "refused"


class Planned(NamedTuple):
    """One line of a list, and what becomes of it."""

    source: str
    line: int
    outcome: Outcome
    reason: str = ""  # a code; of DOUBTFUL and REFUSED
    value: str = ""  # what it is about
    device: str = ""  # the machine on record
    asset: str = ""  # its number here, "" until it is taken
    told: MachineTold | None = None


class _Row(NamedTuple):
    """A machine on record."""

    device: str
    asset: str
    serial: str
    state: str
    arrived_at: str


def plan(log: Log, lists: Iterable[StockList]) -> list[Planned]:
    """What would become of each line, in the order of the lists. Writes nothing.

    Raises `RecordsError` where the store cannot be read.
    """
    found: list[Planned] = []
    seen: set[tuple[str, str]] = set()
    for each in lists:
        lines = [_of(log, each, machine, seen) for machine in each.machines]
        lines += [
            Planned(each.source, line.line, Outcome.REFUSED, line.reason, line.value)
            for line in each.refused
        ]
        found += sorted(lines, key=lambda planned: planned.line)
    return found


def take(
    log: Log, planned: Iterable[Planned], settings: Settings, operator: str = ""
) -> list[Planned]:
    """Write the statements of what is taken or updated, all or none; gives the lines with their
    numbers. Raises `Failure`, `RecordsError`."""
    lines = list(planned)
    with log.store.transaction():
        # Labels of ours that are on a list first: none of them may be given out again.
        told = [
            _taken(log, line, operator) if _writes(line) and line.asset else line for line in lines
        ]
        nameless = [at for at, line in enumerate(told) if _writes(line) and not line.asset]
        for at, asset in zip(nameless, next_assets(log, settings, len(nameless)), strict=True):
            told[at] = _taken(log, told[at]._replace(asset=asset), operator)
    return told


def _writes(line: Planned) -> bool:
    return line.outcome in (Outcome.TAKEN, Outcome.UPDATED)


def _taken(log: Log, line: Planned, operator: str) -> Planned:
    assert line.told is not None
    device = line.device or log.new_device()
    told = msgspec.structs.replace(line.told, asset=line.asset)
    log.append("machine.told", told, operator=operator, device=device)
    return line._replace(device=device, told=told)


def _of(log: Log, of: StockList, machine: ToldMachine, seen: set[tuple[str, str]]) -> Planned:
    told = _statement(of, machine)
    name = machine.tag or machine.serial
    line = Planned(of.source, machine.line, Outcome.TAKEN, value=name, told=told)
    numbers = _numbers(of.source, machine)
    twice = numbers & seen
    seen |= numbers
    if twice:
        return line._replace(outcome=Outcome.DOUBTFUL, reason="twice")
    rows = _rows(log, told)
    if len(rows) > 1:
        return line._replace(outcome=Outcome.DOUBTFUL, reason="several")
    if not rows:
        return line._replace(asset=_own_number(machine.tag))
    (row,) = rows
    known = line._replace(device=row.device, asset=row.asset)
    if told.serial and row.serial and told.serial.casefold() != row.serial.casefold():
        return known._replace(outcome=Outcome.DOUBTFUL, reason="other_serial")
    if not log.holds(row.device):
        return known._replace(outcome=Outcome.DOUBTFUL, reason="elsewhere")
    if row.state != "told" or row.arrived_at:
        return known._replace(outcome=Outcome.KNOWN)
    before = log.dossier(row.device).told.get(of.source)
    if told.tag.upper() == row.asset and (before is None or before.tag != told.tag):
        return known._replace(outcome=Outcome.KNOWN)  # our own word, that came back from there
    same = before is not None and _said(before) == _said(told)
    return known._replace(outcome=Outcome.SAME if same else Outcome.UPDATED)


def _numbers(source: str, machine: ToldMachine) -> set[tuple[str, str]]:
    """What no second line may say. Of two tools each has its own tags."""
    found = set()
    if machine.tag:
        found.add((source, machine.tag.casefold()))
    if machine.serial:
        found.add(("", machine.serial.casefold()))
    return found


def _statement(of: StockList, machine: ToldMachine) -> MachineTold:
    said: dict[str, Any] = machine._asdict()
    return MachineTold(source=of.source, file=of.sha256, **said)


def _said(told: MachineTold) -> MachineTold:
    """What it says of the machine, wherever that stood."""
    return msgspec.structs.replace(told, file="", line=0, asset="")


def _own_number(tag: str) -> str:
    """The tag where it is a number of ours as it is printed, check character and all."""
    found = identifier.parse(tag)
    own = isinstance(found, identifier.Identifier) and str(found) == tag.upper()
    return tag.upper() if own else ""


def _rows(log: Log, told: MachineTold) -> list[_Row]:
    """The machines on record that bear its number, its tag in that tool, or its serial."""
    found: dict[str, _Row] = {}
    wheres: list[tuple[str, tuple[str, ...]]] = []
    if told.tag:
        wheres.append(("asset IN (?, ?)", (told.tag, told.tag.upper())))
        wheres.append(("tag = ? AND tag <> '' AND told = ?", (told.tag, told.source)))
    if told.serial:
        spelt = (told.serial, told.serial.upper(), told.serial.lower())
        wheres.append(("serial IN (?, ?, ?)", spelt))
    for where, values in wheres:
        for row in log.store.query(
            f"SELECT device, asset, serial, state, arrived_at FROM machine WHERE {where}"
            " ORDER BY device LIMIT 3",
            values,
        ):
            found.setdefault(str(row[0]), _Row._make(map(str, row)))
    return list(found.values())
