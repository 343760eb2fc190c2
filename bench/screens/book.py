"""The book of pages: which page stands under which name. `bench.guide.place` says when."""

from __future__ import annotations

from collections.abc import Callable

from bench.guide.place import Place
from bench.guide.shown import CheckMode
from bench.guide.starting import Needs, Starting
from bench.screens import asides
from bench.screens.comfort import ComfortPage
from bench.screens.erase import confirm, many_disks, one_disk, stop, thaw, trouble
from bench.screens.kit.desk import Book, Desk
from bench.screens.kit.page import Page
from bench.screens.start.clock import ClockPage
from bench.screens.start.code import CodePage
from bench.screens.start.joining import AnswerPage, OfferPage, ReadyPage, RequestPage
from bench.screens.start.keyboard import KeyboardPage, OtherKeyboardPage
from bench.screens.start.names import NumberPage, WorkshopPage
from bench.screens.start.network import NetworkPage
from bench.screens.start.road import Road, StartPage
from bench.screens.steps import arrival, checks, grade, hello, label, machine
from bench.screens.steps import done as end
from bench.screens.steps.colours import ColoursPage
from bench.screens.steps.sight import SightPage, seen_together
from bench.screens.steps.watched import AutoPage
from bench.screens.training.lessons import BackPage, LessonsPage


def make_page(desk: Desk, place: Place) -> Page:
    """The page of that place, made anew."""
    if place.name in _ABOUT:
        return _ABOUT[place.name](desk, place.subject)
    return _PLAIN[place.name](desk)


def start_book(starting: Starting, needs: Needs) -> Book:
    """The pages before the first Bonjour, in their order; beside them help and leaving."""
    pages: list[Callable[[Desk, Road, int], StartPage]] = []
    if needs.clock:
        pages.append(ClockPage)
    if needs.first:
        pages += [KeyboardPage, WorkshopPage, NumberPage, CodePage, ReadyPage]
    if needs.offer:
        pages += [OfferPage, WorkshopPage, NumberPage, RequestPage]
    if needs.asked:
        pages.append(RequestPage)
    if needs.answer:
        pages.append(AnswerPage)
    road = Road(starting, tuple(pages))

    def page(desk: Desk, place: Place) -> Page:
        if place.name == "quit":  # no bench is open yet: nothing is written, nothing to lose
            return asides.QuitPage(desk)
        return road.page(desk) if place.name == "wait" else make_page(desk, place)

    return page


def lessons_book(lesson: str) -> Book:
    """The exercises alone, without a bench: their list, and that `lesson` at once ("": none)."""

    def page(desk: Desk, place: Place) -> Page:
        if place.name == "back":
            return BackPage(desk, alone=True)
        return LessonsPage(desk, lesson) if place.name == "wait" else make_page(desk, place)

    return page


def _check(desk: Desk, id: str) -> Page:
    """The page for a check, by how it is done."""
    step = next((step for step in desk.check_steps or () if step.id == id), None)
    if step is None:  # the list changed since the visit was saved: make it anew
        return checks.ChecksPage(desk)
    if len(together := seen_together(desk, step)) > 1:
        return SightPage(desk, together)
    if step.mode in (CheckMode.AUTO, CheckMode.WATCH):
        return AutoPage(desk, step)
    if step.mode is CheckMode.COLOURS:
        return ColoursPage(desk, step)
    return checks.AskPage(desk, step)


def _quit(desk: Desk, why: str) -> Page:
    return asides.QuitPage(desk, desk.port.sending, switched=why == "switched")


_PLAIN: dict[str, Callable[[Desk], Page]] = {
    "wait": asides.WaitPage,
    "hello": hello.HelloPage,
    "arrival": arrival.ArrivalPage,
    "number": arrival.NumberPage,
    "machine": machine.MachinePage,
    "checks": checks.ChecksPage,
    "disks": one_disk.DisksPage,
    "tray": many_disks.TrayPage,
    "ready": confirm.ReadyPage,
    "countdown": confirm.CountdownPage,
    "hidden": trouble.HiddenPage,
    "nodisk": one_disk.NoDiskPage,
    "erased": one_disk.ErasedPage,
    "looks": grade.LooksPage,
    "grade": grade.GradePage,
    "label": label.LabelPage,
    "stick": label.StickPage,
    "done": end.DonePage,
    "languages": asides.LanguagePage,
    "network": NetworkPage,
    "comfort": ComfortPage,
    "lessons": LessonsPage,
    "back": BackPage,
}
_ABOUT: dict[str, Callable[[Desk, str], Page]] = {
    "check": _check,
    "review": one_disk.ReviewPage,
    "confirm": confirm.ConfirmPage,
    "progress": one_disk.ProgressPage,
    "failed": trouble.FailedPage,
    "interrupted": trouble.InterruptedPage,
    "gone": trouble.GonePage,
    "refused": trouble.RefusedPage,
    "look": grade.LookPage,
    "stop": stop.StopPage,
    "thaw": thaw.ThawPage,
    "take_out": trouble.TakeOutPage,
    "help": asides.HelpPage,
    "call": asides.CallPage,
    "quit": _quit,
    "keyboard": OtherKeyboardPage,
}
