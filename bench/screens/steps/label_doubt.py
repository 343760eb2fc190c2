"""A label nobody knows of: power or the printer went away while it was printed."""

from __future__ import annotations

from bench.guide.happenings import Printed
from bench.guide.shown import LabelDoubt, PrintAnswer
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, Tone, View
from bench.words.catalogue import say


def ask_of_doubt(page: Page) -> None:
    """Lay the question over this page if a label is in doubt, and the page still there."""
    desk = page.desk

    def found(doubt: LabelDoubt | None) -> None:
        if doubt is not None and desk.page is page:
            desk.put(DoubtPage(desk, doubt))

    desk.call(desk.port.label_in_doubt, found)


class DoubtPage(Page):
    """Did it come out? Who does not know is asked again another time."""

    help = "doubt"
    first_at = 2

    def __init__(self, desk: Desk, doubt: LabelDoubt) -> None:
        super().__init__(desk)
        self.doubt = doubt

    def draw(self) -> View:
        return View(
            title=say("screens.doubt.title"),
            lines=(say("screens.doubt.look"),),
            facts=((say("screens.arrival.number"), self.doubt.asset),),
            picture="label",
            choices=(
                Choice("yes", say("screens.checks.yes")),
                Choice("no", say("screens.checks.no")),
                Choice("unsure", say("screens.checks.unsure")),
            ),
        )

    def choose(self, key: str) -> None:
        if key == "unsure":
            self.back()
            return
        printed, id, port = key == "yes", self.doubt.id, self.desk.port

        def settled(answer: PrintAnswer) -> None:
            self.desk.drop()
            if printed and self.doubt.asset == self.desk.visit.asset:
                self.desk.tell(Printed())
            if answer.text:
                self.desk.page.say(answer.text, Tone.GOOD if answer.ok else Tone.DANGER)

        self.desk.call(lambda: port.settle_label(id, printed=printed), settled)

    def back(self) -> None:
        self.desk.drop()
