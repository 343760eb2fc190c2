"""Finding a machine on the screens: `bench.casefile` searches and tells, this puts it in lines."""

from __future__ import annotations

from bench.casefile.search import Machine, Machines, read_machines, state_text
from bench.casefile.story import brief, story_of, when
from bench.guide.supervision import FoundList, FoundMachine, Story, StoryLine
from bench.records.log import Log
from bench.words.catalogue import say

_NUMBER, _SERIAL = 16, 12  # columns; of a serial the end is read, which is what people compare


class FindDesk:
    """The machines as they were when `read` was last called."""

    def __init__(self, log: Log) -> None:
        self._log = log
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
        return Story(brief(asset) or device[:13], about, lines)


def _shown(machine: Machine) -> FoundMachine:
    number = brief(machine.asset) or machine.device[:13]
    model = brief(f"{machine.maker} {machine.model}")
    serial = brief(machine.serial)
    end = serial if len(serial) <= _SERIAL else f"…{machine.serial.strip()[1 - _SERIAL :]}"
    return FoundMachine(
        machine.device, f"{number:<{_NUMBER}} {model}", f"{end:<{_SERIAL}} {machine.state_text}"
    )
