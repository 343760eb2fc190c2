"""Step 3, Le PC: read while the worker watches; the first facts come at once."""

from __future__ import annotations

from bench.guide.happenings import MachineAccepted, MachineRead
from bench.guide.shown import Advice, Returning
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, View
from bench.screens.steps.advice import AdvicePage
from bench.screens.steps.returning import ReturningPage
from bench.words.catalogue import say
from bench.words.facts import gibibytes, gigabytes
from diagnostics.model import Machine, leaves_with_machine
from diagnostics.naming import machine_name
from diagnostics.processor import processor_name


class MachinePage(Page):
    help = "machine"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.machine = desk.machine
        self.reading = self.asking = False
        self._lane = desk.own_lane("probe")

    def opened(self) -> None:
        if self.desk.machine is None or not self.desk.visit.machine_read:
            self._read()

    def closed(self) -> None:
        self.reading = False  # what ends now was read for a page that was left

    def _read(self) -> None:
        if self.reading:
            return
        self.reading = True
        host, port = self.desk.host, self.desk.port

        def part(machine: Machine) -> None:
            host.post(lambda: self._show(machine))

        self.desk.call(lambda: port.probe(part), self._done, self._failed, self._lane)

    def _show(self, machine: Machine) -> None:
        if self.reading:
            self.machine = machine
            self.desk.host.redraw()

    def _done(self, machine: Machine) -> None:
        if not self.reading:
            return
        self.machine = self.desk.machine = machine
        self.reading = False
        self.desk.tell(MachineRead())

    def _failed(self, text: str) -> None:
        if self.reading:
            self.reading = False
            self.fail(text)

    def draw(self) -> View:
        known = self.machine or Machine()
        facts = tuple((say(f"screens.machine.{name}"), value) for name, value in self._facts(known))
        if self.reading or self.asking:
            return View(
                title=say(f"screens.machine.{'reading' if self.reading else 'asking'}"),
                lines=(say("screens.machine.wait"),),
                facts=facts,
                picture="pc",
            )
        return View(
            title=say("screens.machine.title"),
            facts=facts,
            picture="pc",
            choices=(
                Choice("yes", say("screens.machine.yes")),
                Choice("again", say("screens.machine.again")),
            ),
        )

    def _facts(self, known: Machine) -> list[tuple[str, str]]:
        missing = say("screens.machine.soon" if self.reading else "screens.machine.unread")
        identity = known.identity
        model = machine_name(identity.maker, identity.model)
        memory = gibibytes(known.memory.installed_bytes or known.memory.total_bytes)
        return [
            ("model", model or missing),
            ("serial", identity.serial or identity.board_serial or missing),
            ("cpu", processor_name(known.cpu.model) or missing),
            ("memory", memory or missing),
            ("disk", _disks(known) or self._none(known, "disks", missing)),
            ("battery", _battery(known) or self._none(known, "batteries", missing)),
        ]

    def _none(self, known: Machine, point: str, missing: str) -> str:
        """The word for none, only where the list was read and is empty."""
        unread = self.reading or point in known.unknown  # the list itself, not a fact of one in it
        return missing if unread else say("screens.machine.none")

    def choose(self, key: str) -> None:
        if key == "yes" and not self.asking:
            self.asking = True  # it waits behind a reading that still runs
            self.desk.call(self.desk.port.advice, self._advised, self._not_asked)
        elif key == "yes":
            return
        else:
            self.desk.machine = self.machine = None
            self._read()

    def _advised(self, found: tuple[Advice, ...]) -> None:
        if found:
            self.asking = False
            self.desk.put(AdvicePage(self.desk, found, self._ask_returning))
        else:
            self._ask_returning()

    def _ask_returning(self) -> None:
        self.asking = True
        self.desk.call(self.desk.port.returning, self._asked, self._not_asked)

    def _asked(self, found: tuple[Returning, ...]) -> None:
        self.asking = False
        if found:
            self.desk.put(ReturningPage(self.desk, found))
        else:
            self.desk.tell(MachineAccepted())

    def _not_asked(self, text: str) -> None:
        self.asking = False
        self.fail(text)


def _disks(known: Machine) -> str:
    inside = (
        disk
        for disk in known.disks
        if leaves_with_machine(disk.kind.value, disk.transport, disk.removable)
    )
    return ", ".join(gigabytes(disk.size_bytes) or disk.name for disk in inside)


def _battery(known: Machine) -> str:
    said = [battery.health_percent for battery in known.batteries]
    return ", ".join(
        say("screens.machine.health", percent=percent)
        if percent is not None
        else say("screens.machine.unread")
        for percent in said
    )
