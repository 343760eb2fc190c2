"""Step 2, Arrivée: the number of the machine, scanned, typed or new."""

from __future__ import annotations

from bench.guide.happenings import AssetAccepted, AssetGiven, LooseDisks
from bench.guide.scan import readings
from bench.guide.shown import AssetAnswer
from bench.guide.visit import Subject
from bench.screens.kit.desk import Desk, OnScreen
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, Field, Tone, View
from bench.screens.steps.label_doubt import ask_of_doubt
from bench.words.catalogue import say


def check_number(desk: Desk, page: OnScreen, text: str) -> None:
    """Ask the port about each reading of a scanned or typed number, likeliest first."""
    port = desk.port

    def work() -> AssetAnswer:
        answers: list[AssetAnswer] = []
        for reading in readings(text):
            answers.append(port.check_asset(reading))
            if answers[-1].ok:
                return answers[-1]
        return next((answer for answer in answers if answer.suggestion), answers[0])

    def answered(answer: AssetAnswer) -> None:
        if answer.ok:
            desk.drop_all()
            desk.tell(AssetGiven(answer.asset))
        elif answer.suggestion:
            desk.put(SuggestionPage(desk, answer.suggestion))
        else:
            page.text = ""
            page.say(answer.text or say("screens.arrival.bad"), Tone.DANGER)

    desk.call(work, answered)


class ArrivalPage(Page):
    """Where the PC has a number already, that is the first choice: Enter gives it no second. Of
    disks alone none was written anywhere, and who comes back from them may have a PC after all."""

    help = "arrival"

    def opened(self) -> None:
        ask_of_doubt(self)

    def draw(self) -> View:
        visit = self.desk.visit
        left = visit.about
        has_number = bool(left) and visit.subject is Subject.PC
        keep = (Choice("keep", say("screens.arrival.keep", asset=left)),) if left else ()
        return View(
            title=say("screens.arrival.title", name=self.desk.visit.operator_name or ""),
            lines=tuple(say(f"screens.arrival.{line}") for line in ("scan", "else", "comfort")),
            picture="label",
            choices=(
                *(keep if has_number else ()),
                Choice("new", say("screens.arrival.new")),
                Choice("type", say("screens.arrival.type")),
                Choice("disks", say("screens.arrival.disks")),
                *(() if has_number else keep),
            ),
            face="arrival_kept" if has_number else "",
        )

    def choose(self, key: str) -> None:
        port, visit = self.desk.port, self.desk.visit
        if key == "keep":
            loose = visit.subject is Subject.DISKS
            self.desk.tell(LooseDisks(visit.about) if loose else AssetGiven(visit.about))
        elif key == "type":
            self.desk.put(TypePage(self.desk))
        elif key == "new":
            self.desk.call(port.new_asset, lambda asset: self.desk.tell(AssetGiven(asset)))
        else:
            self.desk.call(port.new_asset, lambda asset: self.desk.tell(LooseDisks(asset)))

    def scanned(self, text: str) -> None:
        check_number(self.desk, self, text)


class TypePage(Page):
    """Laid over the arrival: the number is typed by hand."""

    help = "arrival"

    def draw(self) -> View:
        return View(
            title=say("screens.arrival.type"),
            lines=(say("screens.arrival.read"),),
            picture="label",
            field=Field(say("screens.arrival.field"), self.text),
        )

    def submit(self, text: str) -> None:
        check_number(self.desk, self, text)

    def scanned(self, text: str) -> None:
        check_number(self.desk, self, text)

    def back(self) -> None:
        self.desk.drop()


class SuggestionPage(Page):
    """The number's check character is wrong; this is the likely right one."""

    help = "arrival"

    def __init__(self, desk: Desk, suggestion: str) -> None:
        super().__init__(desk)
        self.suggestion = suggestion

    def draw(self) -> View:
        return View(
            title=say("screens.arrival.bad"),
            lines=(say("screens.arrival.maybe"),),
            facts=((say("screens.arrival.number"), self.suggestion),),
            picture="label",
            choices=(
                Choice("no", say("screens.arrival.again")),
                Choice("yes", say("screens.arrival.yes", asset=self.suggestion)),
            ),
            tone=Tone.DANGER,
        )

    def choose(self, key: str) -> None:
        if key == "no":
            self.desk.drop()
            return
        self.desk.drop_all()
        self.desk.tell(AssetGiven(self.suggestion))

    def scanned(self, text: str) -> None:
        self.desk.drop()
        check_number(self.desk, self.desk.page, text)

    def back(self) -> None:
        self.desk.drop()


class NumberPage(Page):
    """The number is known: shown large, to be written on the machine."""

    help = "arrival"

    def draw(self) -> View:
        done = bool(self.desk.visit.checks or self.desk.visit.looks)
        told = (say("screens.number.answers"),) if done else ()
        return View(
            title=say("screens.number.title"),
            lines=(say("screens.number.write"), *told),
            facts=((say("screens.arrival.number"), self.desk.visit.asset or ""),),
            picture="label",
            choices=(
                Choice("yes", say("screens.number.yes")),
                Choice("no", say("screens.number.no")),
            ),
        )

    def choose(self, key: str) -> None:
        if key == "yes":
            self.desk.tell(AssetAccepted())
        else:
            self.back()

    def scanned(self, text: str) -> None:
        check_number(self.desk, self, text)
