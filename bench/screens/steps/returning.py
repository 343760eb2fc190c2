"""Step 3, what comes after the reading where this PC, or a disk of it, was here before."""

from __future__ import annotations

from bench.guide.happenings import MachineAccepted, Recognised
from bench.guide.shown import KnownBy, ReturnAnswer, Returning
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, View
from bench.words.catalogue import say
from bench.words.dates import day_text


class ReturningPage(Page):
    """One machine on record after the other; nothing is joined or taken up without an answer."""

    help = "returning"
    first_at = -1  # an Enter too much answers nothing

    def __init__(self, desk: Desk, found: tuple[Returning, ...]) -> None:
        super().__init__(desk)
        self.before, self.rest = found[0], found[1:]

    def draw(self) -> View:
        before, disk = self.before, self.before.by is KnownBy.DISK
        words = "returning.disk" if disk else "returning"
        facts = (
            *(((say("returning.disk.which"), before.disk),) if disk else ()),
            (say("returning.number"), before.asset),
            *(((say("returning.day"), day_text(before.day)),) if before.day else ()),
            *(((say("screens.machine.model"), before.model),) if before.model else ()),
        )
        same = Choice("same", say(f"{words}.same"))
        other = Choice("other", say(f"{words}.other"))
        order = (other, same) if disk else (same, other)
        told = not before.day and not disk  # another tool's list names it: it never came
        return View(
            title=say("returning.title_told" if told else f"{words}.title"),
            lines=(say(f"{words}.question"),),
            facts=facts,
            picture="pc",
            choices=(
                *(choice for choice in order if choice is other or before.same_possible),
                Choice("unsure", say("returning.unsure")),
            ),
            face=before.key,
        )

    def choose(self, key: str) -> None:
        port, asked, answer = self.desk.port, self.before.key, ReturnAnswer(key)
        self.desk.call(
            lambda: port.answer_returning(asked, answer), lambda _: self._answered(answer)
        )

    def _answered(self, answer: ReturnAnswer) -> None:
        desk = self.desk
        desk.drop()
        if answer is ReturnAnswer.SAME:
            number = desk.visit.asset or ""
            desk.tell(Recognised(self.before.asset))
            if number != self.before.asset:
                desk.put(KeepNumberPage(desk, self.before.asset, number))
        elif answer is ReturnAnswer.OTHER and self.rest:
            desk.put(ReturningPage(desk, self.rest))
        else:
            desk.tell(MachineAccepted())
            if answer is ReturnAnswer.UNSURE:
                desk.call_supervisor()

    def back(self) -> None:
        self.desk.drop()


class KeepNumberPage(Page):
    """The PC keeps the number it had; the one it was about to get is nobody's."""

    help = "returning"

    def __init__(self, desk: Desk, asset: str, number: str) -> None:
        super().__init__(desk)
        self.asset, self.number = asset, number

    def draw(self) -> View:
        return View(
            title=say("returning.kept.title"),
            lines=(say("returning.kept.cross", number=self.number),),
            facts=((say("returning.number"), self.asset),),
            picture="label",
            choices=(Choice("go", say("returning.kept.go")),),
        )

    def choose(self, key: str) -> None:
        self.desk.drop()

    def back(self) -> None:
        self.desk.drop()
