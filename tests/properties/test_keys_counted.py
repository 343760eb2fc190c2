"""How many keys a sound laptop takes, by keyboard alone and with a scanner: docs/performance.md.

Somebody who knows the pages; where each key goes is printed (`-s`). Figures may only go down.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest

from bench.casefile.shown import look_questions
from bench.guide.shown import (
    CheckMark,
    CheckMode,
    CheckProgress,
    CheckStep,
    EndedCheck,
    LookQuestion,
)
from bench.guide.visit import VisitOutcome
from bench.words.catalogue import choose
from bench.workbench import checks as workbench_checks
from diagnostics.checks.model import Capabilities
from diagnostics.command import Runner
from diagnostics.model import Identity, Machine
from tests.screens.fake_port import ASSET, SAMSUNG, STICK
from tests.slips.people import MINE, Careful, finished
from tests.slips.simulated import Screens, SlipPort

ENOUGH = 150  # acts
# On the five checks of the tests' bench, and on those a real laptop is asked.
KEYS, SCANNER_KEYS, PAGES = 23, 13, 14
REAL_KEYS, REAL_SCANNER_KEYS, REAL_PAGES = 32, 22, 21
# What the kernel of such a laptop does not show; eyes look for it.
NOT_SHOWN = ("touch", "optical", "card_reader")


class SoundPort(SlipPort):
    """A laptop of which every check passes; its keyboard test ends when all keys were tried."""

    def run_check(self, id: str, on_progress: Callable[[CheckProgress], None]) -> EndedCheck:
        ended = super().run_check(id, on_progress)
        failed = ended.result is CheckMark.FAILED
        return EndedCheck(id, CheckMark.PASSED, "Bien.") if failed else ended


class LaptopPort(SoundPort):
    """The same, with the checks and the looks that the workbench asks of a real laptop."""

    steps: tuple[CheckStep, ...] = ()

    def checks(self) -> tuple[CheckStep, ...]:
        return self.steps

    def run_check(self, id: str, on_progress: Callable[[CheckProgress], None]) -> EndedCheck:
        step = next(step for step in self.steps if step.id == id)
        self._did("run_check", id)
        open_ = step.mode is CheckMode.PLAY or step.count
        return EndedCheck(id, None if open_ else CheckMark.PASSED)

    def look_questions(self) -> tuple[LookQuestion, ...]:
        return look_questions("laptop")


class Nothing:
    """No machine is asked anything: the plan is made of what it is said to show."""


def laptop_steps(patch: pytest.MonkeyPatch) -> tuple[CheckStep, ...]:
    """What the workbench asks of a laptop that has and shows everything but `NOT_SHOWN`."""
    shown = Capabilities(True, True, dict.fromkeys(NOT_SHOWN, False))
    patch.setattr(workbench_checks, "capabilities", lambda *_, **__: shown)
    machine = Machine(identity=Identity(kind="laptop"))
    runner: Runner = Nothing()  # type: ignore[assignment]
    return workbench_checks.CheckDesk(runner, machine, live=False).steps()


class Practised(Careful):
    """Knows the pages: waits where something goes on by itself, and presses no key too many."""

    def __init__(self, screens: Screens, *, scanner: bool = False) -> None:
        super().__init__(screens)
        self.scanner, self.scans = scanner, 0
        self.read: tuple[str, ...] = ("",)

    def act(self) -> None:
        while (page := self.page) != self.read:
            self.read = page
            self.screens.wait(1.6)  # a page is read before it is answered
        screens, view, name = self.screens, self.screens.view(), self.screens.name
        keys = [choice.key for choice in view.choices]
        if name == "HelloPage":
            self.give("OP-NADIA", "1")
        elif name == "ConfirmPage":
            self.give(f"S3Z9NB0K{MINE}", *MINE)
        elif name == "StickPage":
            self.give(ASSET, "2", "1", "7", "7", "enter")
        elif view.arrows:  # a number is asked for: no dead pixel, three sockets
            for key in ("0" if "pixels" in view.title or "cran" in view.title else "3", "enter"):
                screens.press(key)
            screens.wait(2)
        elif name == "SightPage":
            self.say(" none")
            screens.wait(0.9)
        elif view.fill or (name == "AutoPage" and "again" not in keys) or self.goes_on():
            screens.wait(1)
        else:
            super().act()

    @property
    def page(self) -> tuple[str, ...]:
        view = self.screens.view()
        return (view.title, view.fill, *(choice.key for choice in view.choices))

    def goes_on(self) -> bool:
        """True on a page after which the next one comes by itself."""
        keys = {choice.key for choice in self.screens.view().choices}
        return keys in ({"next", "again"}, {"skip"})

    def give(self, code: str, *keys: str) -> None:
        if self.scanner:
            before = self.screens.keys
            self.screens.scan(code)
            self.screens.keys = before
            self.scans += 1
        else:
            for key in keys:
                self.screens.press(key)
        self.screens.wait(0.9)


def counted(port: SoundPort, patch: pytest.MonkeyPatch, *, scanner: bool) -> tuple[int, int, int]:
    """Keys, scans, and pages that take a key, of the whole visit."""
    screens = Screens(port, random.Random(1), patch)
    person = Practised(screens, scanner=scanner)
    acts = 0
    where: Counter[str] = Counter()
    while not finished(screens) and acts < ENOUGH:
        before = screens.keys
        acts += 1
        person.act()
        where[person.read[0]] += screens.keys - before
    choose(None)
    assert finished(screens) and screens.desk.visit.outcome is VisitOutcome.READY
    asked = {CheckMark.PASSED.value, CheckMark.FAILED.value}  # FAILED: eyes saw no such part
    steps = {step.id: step for step in port.checks()}
    for answer in screens.desk.visit.checks:
        eyes = steps[answer.id].sight and steps[answer.id].seen is CheckMark.PASSED
        wanted = CheckMark.FAILED if eyes else CheckMark.PASSED
        assert answer.value == wanted.value and answer.value in asked
    assert len(screens.desk.visit.checks) == len(steps)
    assert len(port.calls("start_erase")) == 1
    print("\n".join(f"{keys:3}  {title}" for title, keys in where.items()))
    asking = sum(keys > 0 for keys in where.values())
    print(screens.keys, "keys", person.scans, "scans", asking, "pages", round(screens.now), "s")
    return screens.keys, person.scans, asking


@pytest.mark.parametrize("scanner", [False, True])
def test_a_sound_laptop_takes_no_more_keys_than_published(scanner: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        keys, scans, pages = counted(
            SoundPort(found=[SAMSUNG, STICK], percent_a_look=20), patch, scanner=scanner
        )
    assert keys <= (SCANNER_KEYS if scanner else KEYS) and pages <= PAGES
    assert scans == (3 if scanner else 0)


@pytest.mark.parametrize("scanner", [False, True])
def test_a_real_laptop_takes_no_more_keys_than_published(scanner: bool) -> None:
    """The USB sockets end by themselves here, and are counted after: as many keys as by hand."""
    with pytest.MonkeyPatch.context() as patch:
        port = LaptopPort(found=[SAMSUNG, STICK], percent_a_look=20)
        port.steps = laptop_steps(patch)
        keys, _, pages = counted(port, patch, scanner=scanner)
    assert keys <= (REAL_SCANNER_KEYS if scanner else REAL_KEYS) and pages <= REAL_PAGES
