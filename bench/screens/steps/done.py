"""Step 8, Fini: what was done, and the next machine."""

from __future__ import annotations

from bench.guide.happenings import Next
from bench.guide.shown import SummaryView
from bench.guide.visit import VisitOutcome
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, Tone, View
from bench.words.catalogue import say


class DonePage(Page):
    help = "done"

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.summary: SummaryView | None = None

    def opened(self) -> None:
        visit = self.desk.visit
        self.desk.call(lambda: self.desk.port.finish(visit), self._summed)

    def said_again(self) -> None:
        self.opened()  # to end a visit twice changes nothing

    def _summed(self, summary: SummaryView) -> None:
        self.summary = summary

    def draw(self) -> View:
        outcome = self.desk.visit.outcome or VisitOutcome.ASIDE
        aside = outcome is VisitOutcome.ASIDE
        if self.summary is None:
            return View(
                title=say("screens.done.saving"), lines=(say("screens.wait.what"),), back=False
            )
        waits = self.summary.waits and not aside
        return View(
            title=say("screens.done.waits" if waits else f"screens.done.{outcome.value}"),
            lines=self.summary.lines[:7],
            facts=((say("screens.arrival.number"), self.desk.visit.asset or ""),),
            picture="aside" if aside else "bench",
            choices=(
                Choice("next", say("screens.done.next")),
                Choice("quit", say("screens.done.quit")),
            ),
            tone=Tone.PLAIN if aside or waits else Tone.GOOD,
            back=False,
        )

    def choose(self, key: str) -> None:
        if key == "next":
            self.desk.tell(Next())
        elif self.desk.port.sending is not None:  # what is in memory alone is lost: asked first
            self.desk.open("quit")
        else:
            self.desk.host.leave(0)

    def back(self) -> None:
        self.desk.open("quit")
