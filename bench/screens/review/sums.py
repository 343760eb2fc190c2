"""Les chiffres: what came in, was erased and was finished, as bars. Never people."""

from __future__ import annotations

from bench.guide.supervision import SPANS, Sums, Supervision
from bench.screens.kit.desk import Desk
from bench.screens.kit.view import Choice, View
from bench.screens.review.over import OverPage
from bench.words.catalogue import say


class SumsPage(OverPage):
    """One span at a time; the choices are the spans, so that no number changes."""

    help = "sums"

    def __init__(self, desk: Desk, supervision: Supervision) -> None:
        super().__init__(desk, supervision)
        self.span = SPANS[0]
        self.sums: Sums | None = None

    def opened(self) -> None:
        span = self.span
        self.sums = None
        self.desk.call(lambda: self.supervision.sums(span), lambda sums: self._read(span, sums))

    def _read(self, span: str, sums: Sums) -> None:
        if span == self.span:
            self.sums = sums

    def draw(self) -> View:
        title = say("sums.title", span=say(f"sums.span.{self.span}"))
        if self.sums is None:
            return View(title=title, lines=(say("screens.wait.what"),))
        nothing = self.sums.nothing
        return View(
            title=title,
            facts=() if nothing else self.sums.lines,
            lines=(say("sums.none"),) if nothing else (),
            choices=(
                *(Choice(span, say(f"sums.see.{span}")) for span in SPANS),
                Choice("back", say("supervisor.back_day")),
            ),
            compact=True,
            face="sums",
        )

    def choose(self, key: str) -> None:
        if key not in SPANS:
            self.back()
        elif key != self.span:
            self.span = key
            self.opened()
