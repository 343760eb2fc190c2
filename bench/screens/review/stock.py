"""Lots et départs: what came in, where machines go, and what is noted of the day."""

from __future__ import annotations

from typing import ClassVar

from bench.guide.supervision import DayFinding, Did, Found, Stock, Supervision
from bench.screens.kit.desk import Desk
from bench.screens.kit.view import Choice, Field, Row, Tone, View
from bench.screens.review.decide import FindingPage
from bench.screens.review.over import OverPage
from bench.words.catalogue import say


class StockPage(OverPage):
    """The lots, and the way to one machine: its label is scanned here."""

    help = "stock"
    back_to: ClassVar[str] = "back"

    def __init__(self, desk: Desk, supervision: Supervision, stock: Stock) -> None:
        super().__init__(desk, supervision)
        self.stock = stock
        self.items: tuple[DayFinding, ...] | None = None

    def opened(self) -> None:
        self.desk.call(self.stock.items, self._read)

    def _read(self, items: tuple[DayFinding, ...]) -> None:
        self.items = items

    def draw(self) -> View:
        if self.items is None:
            return View(title=say("supervisor.stock"), lines=(say("screens.wait.what"),))
        return View(
            title=say("supervisor.stock"),
            lines=(say("supervisor.stock_how"),),
            rows=tuple(
                Row(str(at), title=item.title, size="", tail="", state=item.detail, short="")
                for at, item in enumerate(self.items)
            ),
            choices=(
                Choice("machine", say("supervisor.stock_machine")),
                Choice("back", say("supervisor.back_day")),
            ),
        )

    def choose(self, key: str) -> None:
        if key.isdecimal() and int(key) < len(self.items or ()):
            self._open((self.items or ())[int(key)])
        elif key == "machine":
            self.desk.put(CodePage(self.desk, self.supervision, self))
        else:
            self.back()

    def scanned(self, text: str) -> None:
        self.look_up(text)

    def look_up(self, code: str) -> None:
        """Open the machine of a number, or say that there is none."""
        self.desk.call(lambda: self.stock.machine(code), self._found)

    def _found(self, found: Found) -> None:
        while self.desk.page is not self and self.desk.covered:
            self.desk.drop()
        if found.item is None:
            self.say(found.text, Tone.DANGER)
        else:
            self._open(found.item)

    def _open(self, item: DayFinding) -> None:
        page = FindingPage(self.desk, self.supervision, self, item, self.stock.act)
        self.desk.put(page)

    def settled(self, did: Did) -> None:
        """Something was done: the list is read anew."""
        self.told(did)
        self.opened()


class CodePage(OverPage):
    """The number of a machine, typed or scanned."""

    help = "stock"

    def __init__(self, desk: Desk, supervision: Supervision, stock: StockPage) -> None:
        super().__init__(desk, supervision)
        self.stock = stock

    def draw(self) -> View:
        return View(
            title=say("supervisor.stock_machine"),
            lines=(say("screens.arrival.read"),),
            picture="label",
            field=Field(say("screens.arrival.field"), self.text),
        )

    def submit(self, text: str) -> None:
        self.stock.look_up(text)

    def scanned(self, text: str) -> None:
        self.stock.look_up(text)
