"""Two records side by side, before they are joined or told apart: what differs comes first."""

from __future__ import annotations

from bench.guide.supervision import Both, FindingKey, Supervision
from bench.screens.kit.desk import Desk
from bench.screens.kit.view import Choice, View
from bench.screens.kit.wrapped import fitting
from bench.screens.review.over import OverPage
from bench.words.catalogue import say

_WIDE = 28  # columns of one of the two at 80 x 24


class BesidePage(OverPage):
    """Nothing is decided here: the page before has the choices."""

    def __init__(self, desk: Desk, supervision: Supervision, finding: FindingKey) -> None:
        super().__init__(desk, supervision)
        self.finding = finding
        self.both: tuple[Both, ...] | None = None

    def opened(self) -> None:
        self.desk.call(lambda: self.supervision.compare(self.finding), self._read)

    def _read(self, both: tuple[Both, ...]) -> None:
        self.both = both

    def draw(self) -> View:
        title = say("beside.title")
        back = (Choice("back", say("supervisor.back_finding")),)
        if self.both is None:
            return View(title=title, lines=(say("screens.wait.what"),))
        if not self.both:
            return View(title=title, lines=(say("beside.nothing"),), choices=back)
        differs = [_line(fact) for fact in self.both if not fact.same]
        alike = [_line(fact) for fact in self.both if fact.same and fact.left]
        facts = [(f"{say('beside.differs')} :", ""), *differs] if differs else []
        facts += [(f"{say('beside.alike')} :", ""), *alike] if alike else []
        return View(title=title, facts=tuple(facts), choices=back, compact=True)

    def choose(self, key: str) -> None:
        self.back()


def _line(fact: Both) -> tuple[str, str]:
    left = _cut(fact.left or "-")
    return f"  {fact.name}", left if fact.same else f"{left:<{_WIDE}}  {_cut(fact.right or '-')}"


def _cut(text: str) -> str:
    """A serial is compared by its end: of a long one the end is kept."""
    return text if fitting(text, _WIDE) == len(text) else f"…{text[1 - _WIDE :]}"
