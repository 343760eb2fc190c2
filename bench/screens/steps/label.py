"""Step 7, Étiquette: print it, stick it, scan it back."""

from __future__ import annotations

from bench.guide.happenings import LabelLater, LabelScanned, Printed
from bench.guide.scan import readings
from bench.guide.shown import LabelView, PrintAnswer
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, Field, Tone, View
from bench.screens.steps.label_doubt import ask_of_doubt
from bench.words.catalogue import say

TYPED = 4  # characters of the number's end, its check character among them, as of a disk


def _bare(text: str) -> str:
    return text.strip().upper().replace("-", "")


class PrintingPage(Page):
    """What printing and printing again share."""

    help = "label"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.printing = False
        self.refused = ""

    def print(self) -> None:
        if not self.printing:
            self.printing = True
            self.desk.call(self.desk.port.print_label, self._printed, self._failed)

    def _printed(self, answer: PrintAnswer) -> None:
        self.printing = False
        if answer.ok:
            self.refused = ""
            self.desk.tell(Printed())
            self.desk.page.say(answer.text, Tone.GOOD)
        else:
            self._failed(answer.text)

    def _failed(self, text: str) -> None:
        self.printing = False
        self.refused = text or say("screens.label.not")
        self.say(self.refused, Tone.DANGER)
        ask_of_doubt(self)

    def choose(self, key: str) -> None:
        if key == "print":
            self.print()
        elif key == "later":
            self.desk.tell(LabelLater())


class LabelPage(PrintingPage):
    wants_disks = False

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.label: LabelView | None = None
        self.at_once = False  # it is about to be printed: nothing is to be chosen

    def opened(self) -> None:
        self.desk.watch.ask_disks()  # a disk plugged in since would keep the machine here
        self.desk.call(self.desk.port.label_view, self._seen)
        ask_of_doubt(self)

    def _seen(self, label: LabelView) -> None:
        self.label = label

    def print_at_once(self) -> None:
        """Who has just agreed to the grade need not ask for its label.

        After what `opened` asked: a disk seen since, or a label in doubt, is another page. Nobody
        asked after a restart, so there it waits for a key: a label may be out already.
        """

        self.at_once = True

        def asked(_: None) -> None:
            self.at_once = False
            able = self.label is not None and self.label.printer is not None
            if self.desk.page is self and able and not self.trouble:
                self.print()

        self.desk.call(lambda: None, asked)

    def draw(self) -> View:
        label = self.label
        if label is None or self.printing or self.at_once:
            printing = self.printing or self.at_once
            title = "screens.label.printing" if printing else "screens.label.title"
            return View(title=say(title), lines=(say("screens.wait.what"),), picture="label")
        if label.printer is None:
            return self._without_printer(label)
        later = (Choice("later", say("screens.label.later")),) if self.refused else ()
        return View(
            title=say("screens.label.title"),
            lines=label.lines[:4],
            facts=(
                (say("screens.arrival.number"), label.asset),
                (say("screens.label.printer"), label.printer),
            ),
            picture="label",
            choices=(Choice("print", say("screens.label.print")), *later),
            notice=self.refused,
            tone=Tone.DANGER if self.refused else Tone.PLAIN,
        )

    def _without_printer(self, label: LabelView) -> View:
        """Nothing to stick: the number is written by hand, and the supervisor prints later."""
        return View(
            title=say("screens.label.later_title"),
            lines=tuple(say("screens.label.later_what").splitlines()),
            facts=((say("screens.arrival.number"), label.asset),),
            picture="label",
            choices=(Choice("later", say("screens.label.written")),),
        )


class StickPage(PrintingPage):
    """The label is out of the printer: stuck, then scanned where it is."""

    def draw(self) -> View:
        return View(
            title=say("screens.stick.title"),
            lines=tuple(say("screens.stick.what").splitlines()),
            picture="stick",
            field=Field(say("screens.stick.field"), self.text),
            choices=(
                Choice("print", say("screens.stick.again")),
                Choice("later", say("screens.stick.later")),
            ),
            at=-1,
        )

    first_at = -1

    def submit(self, text: str) -> None:
        """The whole number, or its end: read off the label that is stuck, and from nowhere else."""
        asset = self.desk.visit.asset or ""
        if self._ends(text, asset):
            self.scanned(asset)
        elif len(_bare(text)) < TYPED:
            self.text = ""
            self.say(say("screens.stick.short"), Tone.DANGER)
        else:
            self.scanned(text)

    @staticmethod
    def _ends(text: str, asset: str) -> bool:
        typed = (_bare(read) for read in readings(text))
        return any(len(read) >= TYPED and _bare(asset).endswith(read) for read in typed)

    def scanned(self, text: str) -> None:
        def answered(right: bool) -> None:
            self.text = ""
            if right:
                self.desk.tell(LabelScanned())
            else:
                self.say(say("screens.stick.wrong"), Tone.DANGER)

        self.desk.call(lambda: self.desk.port.label_scanned(text), answered)
