"""No page without an end: every check of every machine, in every state, can be left in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from inspect import isabstract
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bench.guide.happenings import Back, CheckAnswered, Event
from bench.guide.shown import CheckMark, CheckMode, CheckProgress, CheckStep, EndedCheck
from bench.guide.visit import Answer, Visit, VisitStep
from bench.opening.runner import runner
from bench.screens.asides import HelpPage
from bench.screens.book import _check
from bench.screens.erase.trouble import FailedPage, GonePage, TakeOutPage
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import View
from bench.screens.steps.checks import AutoPage, CheckPage
from bench.words.catalogue import choose, find, say
from bench.workbench.checks import CheckDesk
from diagnostics.checks.catalogue import checks
from diagnostics.model import Identity, Machine
from diagnostics.probe import probe
from tests.screens.driver import CHECKS as AT_CHECKS
from tests.screens.driver import bench
from tests.screens.fake_port import FakePort
from tests.screens.test_look import OVER, PAGES, shown
from tests.unit.bench.test_check_desk import MACHINES, Bare

KINDS = sorted({kind for check in checks() for kind in check.kinds})
RESULTS: tuple[CheckMark | None, ...] = (None, *CheckMark)


class Silent:
    """A machine that answers nothing: no part is known to be there or not."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return getattr(Bare(), name)

    def names(self, path: str) -> tuple[str, ...] | None:
        return None


@dataclass
class Shelf:
    """A desk that only notes what a page asks of it, and answers nothing by itself."""

    check_steps: tuple[CheckStep, ...]
    visit: Visit
    told: list[Event] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    machine: None = None

    def __post_init__(self) -> None:
        self.host = SimpleNamespace(post=lambda act: act(), redraw=lambda: None)
        self.watch = SimpleNamespace(selftests=(), long_asked=set())
        self.port = SimpleNamespace(
            run_check=lambda id, seen: self.asked.append(f"run {id}"),
            stop_check=lambda id: self.asked.append(f"stop {id}"),
            answer_check=lambda id, mark: self.asked.append(f"answer {id} {mark.value}"),
            count_check=lambda id, count: EndedCheck(id, CheckMark.PASSED),
        )

    def own_lane(self, name: str) -> str:
        return name

    def call(self, work: Any, then: Any, failed: Any = None, lane: Any = None) -> None:
        if lane is None:
            then(work())
        else:
            self.asked.append("run")  # goes on until the test says that it ended

    def tell(self, event: Event) -> None:
        self.told.append(event)


def steps() -> Iterator[CheckStep]:
    """Each screen of a check once: of all kinds of machines, with the part seen, not seen, unread;
    and of the recorded ones."""
    found: dict[CheckStep, None] = {}
    desks = [
        CheckDesk(made, Machine(identity=Identity(kind=kind)), live=False)
        for kind in KINDS
        for made in (Bare(), Silent())
    ]
    for folder in sorted(MACHINES.iterdir()):
        if (folder / "manifest.json").exists():
            recorded = runner(str(folder))
            desks.append(CheckDesk(recorded, probe(recorded), live=False))
    for desk in desks:
        found.update((step, None) for step in desk.steps())
    yield from found


def pages(step: CheckStep) -> Iterator[tuple[str, CheckPage, Shelf]]:
    """The page of a check in every state it can be in."""

    def opened(**visit: Any) -> tuple[CheckPage, Shelf]:
        at = Visit(
            step=VisitStep.CHECKS, asset="A1", check_ids=(step.id,), machine_read=True, **visit
        )
        shelf = Shelf((step,), at)
        page = _check(cast(Desk, shelf), step.id)
        assert isinstance(page, CheckPage)
        page.opened()
        return page, shelf

    yield ("start", *opened())
    page, shelf = opened()
    if page.running:
        page._seen(CheckProgress(2, 2, "# # #"))
        yield "all seen", page, shelf
        for result in RESULTS:
            if result is None and step.mode is CheckMode.AUTO:
                continue
            page, shelf = opened()
            page._ended(EndedCheck(step.id, result, "Pourquoi."))
            yield f"ended {result.value if result else 'asked'}", page, shelf
        page, shelf = opened()
        page._failed("Trop long.")
        yield "broken", page, shelf
    if step.mode is CheckMode.COLOURS:
        page, shelf = opened()
        page.choose("start")
        yield "colour", page, shelf
        for _ in range(5):
            page.special("space")
        yield "question", page, shelf
    for mark in CheckMark:
        for asked in (True, False):
            page, shelf = opened(checks=(Answer(step.id, mark.value, asked),))
            yield f"kept {mark.value}", page, shelf


def leaves(step: CheckStep, state: str, page: CheckPage, shelf: Shelf, key: str) -> bool:
    """Whether that choice goes on to the next page."""
    page.choose(key)
    return any(not isinstance(event, Back) for event in shelf.told)


def held(step: CheckStep, view: View) -> bool:
    return not view.hears


@pytest.mark.parametrize("code", ["fr", "en"])
def test_every_check_in_every_state_has_an_end_a_way_on_and_a_way_back(code: str) -> None:
    seen = set()
    choose(code)
    try:
        for step in steps():
            for state, page, shelf in pages(step):
                view, where = page.view(), f"{step.id} {state}"
                seen.add((step.mode, state))
                assert find(f"screens.help.{page.help}"), where
                assert not view.rows and not view.marks
                if view.fill:  # a colour over all: Space goes on, Escape back to the start
                    page.special("space")
                    page.back()
                    assert page.view().choices, where
                    continue
                if held(step, view):  # the keys themselves are tried; a sentence says the end
                    assert any("3" in line and say_escape(code) in line for line in view.lines)
                    continue
                assert view.choices, where
                assert view.percent is None or view.percent < 100, where
                if page.running:
                    told = (*view.lines, *(choice.text for choice in view.choices))
                    assert page.step.mode is CheckMode.PLAY or say("screens.checks.stop") in told
                    page.back()
                    assert f"stop {step.id}" in shelf.asked or shelf.told, where
                else:
                    page.back()
                    assert shelf.told == [Back()] or page.view() != view, where
                    shelf.told.clear()
                assert way_on(step, state), where
    finally:
        choose("fr")
    assert {mode for mode, _ in seen} >= {
        CheckMode.ASK,
        CheckMode.WATCH,
        CheckMode.PLAY,
        CheckMode.COLOURS,
    }


def say_escape(code: str) -> str:
    return "Échap" if code == "fr" else "Esc"


def way_on(step: CheckStep, state: str) -> bool:
    """Whether some choice of the page in that state leads on without doing the check first."""
    for at in range(8):
        fresh = next(made for made in pages(step) if made[0] == state)
        choices = fresh[1].view().choices
        if at < len(choices) and leaves(step, *fresh, choices[at].key):
            return True
    return False


def test_a_part_that_may_be_lacking_can_be_said_to_be_lacking() -> None:
    """While it is waited for, when it was not found, and where its sound is asked about."""
    lacking = {step.id for step in steps() if step.may_lack}
    assert {"card_reader", "optical", "ethernet", "headphone", "battery"} <= lacking
    for step in steps():
        for state, page, shelf in pages(step):
            offered = {choice.key for choice in page.view().choices}
            waits = page.running or state in ("ended asked", "ended failed", "ended not_tested")
            if waits and page.view().hears and not page.step.count:
                assert ("absent" in offered) == step.may_lack, (step.id, state)
            if "absent" in offered:
                page.choose("absent")
                assert shelf.told == [CheckAnswered(step.id, CheckMark.NOT_PRESENT)]
                assert f"answer {step.id} not_present" in shelf.asked


def test_what_fails_or_runs_can_be_left_out_and_enter_never_leaves_it_out() -> None:
    for step in steps():
        for state, page, shelf in pages(step):
            view = page.view()
            offered = [choice.key for choice in view.choices]
            if (page.running and view.hears) or state == "ended failed":
                assert "skip" in offered, (step.id, state)
            if "skip" in offered:
                assert view.at == -1 or offered[view.at] not in ("skip", "absent"), (step.id, state)
                page.choose("skip")
                assert shelf.told == [CheckAnswered(step.id, CheckMark.NOT_TESTED)]


def test_a_bar_is_full_only_when_it_is_over() -> None:
    (step,) = [one for one in steps() if one.id == "ethernet"][:1]
    for _, page, _ in pages(step):
        if page.running:
            page._seen(CheckProgress(1, 1))
            assert isinstance(page, AutoPage) and page.view().percent == 99


class Waiting(FakePort):
    """A bench whose only check waits for a card."""

    def checks(self) -> tuple[CheckStep, ...]:
        self._did("checks")
        return (
            CheckStep(
                "card_reader", CheckMode.WATCH, "Le lecteur", ("Mettez une carte.",), may_lack=True
            ),
        )

    def run_check(self, id: str, on_progress: Callable[[CheckProgress], None]) -> EndedCheck:
        self.stopped.clear()
        self._did("run_check", id)
        on_progress(CheckProgress(1, 1))
        self.stopped.wait(300)
        return EndedCheck(id, CheckMark.FAILED, "La lecture a échoué.")


@pytest.mark.long
@pytest.mark.parametrize(
    ("keys", "mark"),
    [
        (("2",), CheckMark.NOT_PRESENT),
        (("3",), CheckMark.NOT_TESTED),
        (("1", "1"), CheckMark.FAILED),
        (("escape", "4"), CheckMark.NOT_TESTED),
        (("escape", "3"), CheckMark.NOT_PRESENT),
        (("enter", "enter"), CheckMark.FAILED),
    ],
)
async def test_a_reader_that_waits_is_left_by_one_key(
    keys: tuple[str, ...], mark: CheckMark
) -> None:
    port = Waiting()
    async with bench(port, AT_CHECKS) as b:
        await b.at("AutoPage")
        await b.until(lambda: b.page.view().percent == 99, "the card")
        for name in ("Il n'y en a pas", "Passer cet essai", "J'ai fini", "touche Échap"):
            assert name in b.text()
        for number, key in enumerate(keys):
            b.clock.ahead += 1
            await b.press(key)
            if not number and len(keys) > 1:
                await b.until(lambda: "Essayer encore" in b.text(), "the outcome")
        assert port.calls("answer_check") == [("answer_check", "card_reader", mark)]
        assert b.app.desk.visit.step is VisitStep.ERASE and port.stopped.is_set()


@pytest.mark.long
@pytest.mark.parametrize("name", [*PAGES, *OVER])
async def test_every_page_of_the_visit_has_an_end_a_way_back_and_its_own_help(name: str) -> None:
    async with shown(name, "fr") as b:
        view, before = b.page.view(), b.text()
        assert find(f"screens.help.{b.page.help or getattr(b.page, 'topic', '')}"), name
        held = not view.hears  # while the keyboard is tried
        assert view.items or view.field is not None or held, name
        await b.press("escape")
        assert b.text() != before, f"Escape does and says nothing on {name}"


def every_page(made_of: type[Page] = Page) -> Iterator[type[Page]]:
    for page in made_of.__subclasses__():
        if page.__module__.startswith("bench."):
            yield page
            yield from every_page(page)


def test_no_page_of_the_product_is_without_help() -> None:
    """Waits and the supervisor's pages too: F1 tells what this is about, never of another step."""
    pages = {page for page in every_page() if not isabstract(page)}
    assert len(pages) > 50
    for page in sorted(pages - {HelpPage}, key=lambda page: page.__name__):
        for code in ("fr", "en"):
            assert page.help and find(f"screens.help.{page.help}", code), page.__name__


def test_a_disk_that_a_person_takes_out_is_not_called_one_that_cannot_be_erased() -> None:
    for page, word in ((TakeOutPage, "sorti"), (GonePage, "sorti"), (FailedPage, "échoué")):
        topic = find(f"screens.help.{page.help}", "fr") or ""
        assert word in topic.lower() and "ne peut pas être effacé" not in topic
    assert len({page.help for page in (TakeOutPage, GonePage, FailedPage)}) == 3
