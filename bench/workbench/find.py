"""Finding a machine on the screens: `bench.casefile` searches and tells, this puts it in lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bench.casefile.joins import Join, joins_of, part
from bench.casefile.search import Machine, Machines, read_machines, state_text
from bench.casefile.story import brief, story_of, when
from bench.guide.supervision import (
    Action,
    Ask,
    DayFinding,
    Did,
    FindingKey,
    FoundList,
    FoundMachine,
    Story,
    StoryLine,
)
from bench.records.log import Log
from bench.words.catalogue import say
from diagnostics.naming import machine_name

_NUMBER, _SERIAL = 16, 12  # columns; of a serial the end is read, which is what people compare


class Decide(Protocol):
    """`ReviewDesk._decide`: does it where a supervisor is here, and says what became of it."""

    def __call__(self, work: Callable[[], object], told: str = "") -> Did: ...


class FindDesk:
    """The machines as they were when `read` was last called."""

    def __init__(self, log: Log, decide: Decide, who: Callable[[], str]) -> None:
        """`decide` does what needs a supervisor and says what became of it; `who` entered."""
        self._log, self._decide, self._who = log, decide, who
        self._joins: dict[str, Join] = {}
        self._machines = Machines(())

    def read(self) -> None:
        self._machines = read_machines(self._log)

    def forget(self) -> None:
        """Nobody looks any more."""
        self._machines = Machines(())

    def find(self, typed: str, most: int) -> FoundList:
        found = self._machines.find(typed, most)
        return FoundList(tuple(map(_shown, found.shown)), found.found)

    def story(self, device: str) -> Story:
        sql = (
            "SELECT asset, maker, model, serial, state, blocked, grade, arrived_at, disks,"
            " disks_erased FROM machine WHERE device = ?"
        )
        lines = tuple(
            StoryLine(when(line.at), brief(line.who), line.text)
            for line in story_of(self._log, device)
        )
        rows = self._log.store.query(sql, (device,))
        if not rows:
            return Story(device[:13], (), lines)
        asset, maker, model, serial, state, blocked, grade, arrived, disks, erased = rows[0]
        state = state_text("blocked" if blocked else state)
        name = brief(f"{maker} {model}") or say("story.nameless")
        told = say("story.page.state", state=state, grade=brief(grade) or "-", day=when(arrived))
        about = (
            say("story.page.summary", name=name, serial=brief(serial) or "-"),
            told,
            say("story.page.disks", count=disks, erased=erased),
        )
        number = brief(asset) or device[:13]
        return Story(number, about, lines, self._joined(device, number))

    def _joined(self, device: str, number: str) -> DayFinding | None:
        joins = joins_of(self._log, device)
        self._joins = {f"part {at}": join for at, join in enumerate(joins)}
        if not joins:
            return None
        last = joins[0]
        reason = say("story.other", other=brief(last.reason)) if last.reason else ""
        return DayFinding(
            key=FindingKey("joined", device),
            title=say("beside.joined", count=len(joins) + 1),
            subject=number,
            detail=say(
                "beside.joined_by", at=when(last.at), who=brief(last.who) or "-", reason=reason
            ),
            advice=say("beside.joined_what"),
            actions=tuple(
                Action(key, _parting(join), (Ask(say("supervisor.ask.reason")),))
                for key, join in self._joins.items()
            ),
        )

    def part(self, joined: FindingKey, action: str, answers: tuple[str, ...]) -> Did:
        join = self._joins.get(action)
        if join is None:
            return Did(ok=False, text=say("supervisor.changed"))
        return self._decide(
            lambda: part(
                self._log, join.device, join.other, reason=answers[0], operator=self._who()
            ),
            say("beside.parted"),
        )


def _parting(join: Join) -> str:
    names = zip(join.numbers, (join.device, join.other), strict=True)
    left, right = (brief(number) or device[:13] for number, device in names)
    return say("beside.part", left=left, right=right)


def _shown(machine: Machine) -> FoundMachine:
    number = brief(machine.asset) or machine.device[:13]
    model = brief(machine_name(machine.maker, machine.model))
    serial = brief(machine.serial)
    end = serial if len(serial) <= _SERIAL else f"…{machine.serial.strip()[1 - _SERIAL :]}"
    return FoundMachine(
        machine.device, f"{number:<{_NUMBER}} {model}", f"{end:<{_SERIAL}} {machine.state_text}"
    )
