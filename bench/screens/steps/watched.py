"""Step 4, Essais: a check that finds its outcome, alone or with a person whose hands it follows."""

from __future__ import annotations

from bench.guide.shown import CheckMode, CheckProgress, EndedCheck
from bench.screens.kit.view import Choice, View
from bench.screens.steps.checks import CheckPage
from bench.words.catalogue import say


class AutoPage(CheckPage):
    """AUTO and WATCH: the check finds its outcome; the worker watches or presses keys.

    Some leave one question open: how many sockets there are, only eyes can tell. It is asked
    while they are tried, and again at the end of whoever did not say.
    """

    first_at = 2

    def begin(self) -> None:
        self.run()

    def draw_check(self) -> View:
        if self.outcome is not None and self.outcome.result is not None:
            return self.result_view(self.outcome, self.outcome.result)
        if self.outcome is not None:
            again = (Choice("again", say("screens.checks.again")),)
            return self.question_view((self.outcome.text,) if self.outcome.text else (), again)
        seen = self.progress.text.splitlines() if self.progress else ()
        waits = () if self._watches else (say("screens.checks.running"),)
        ended = (Choice("end", say("screens.checks.end")),) if self._watches else ()
        held, asks = self._holds, self._asks_along
        more = self.counter.view(self.title, self.step.count) if asks else None
        return View(
            title=self.title,
            lines=(
                *self.step.lines,
                *seen,
                *(() if held else (*waits, self._stops)),
                *((line for line in more.lines if line) if more is not None else ()),
            ),
            picture=self.step.picture,
            percent=_percent(self.progress),
            big=more.big if more is not None else "",
            choices=() if held else (*ended, *self.ways_out),
            back=False,
            hears=not held,
            arrows=asks,
        )

    @property
    def _asks_along(self) -> bool:
        """True while the hands do what the number is asked of."""
        watched = self._watches and not self._holds
        return bool(self.step.count) and self.running and watched and not self.trouble

    @property
    def counts(self) -> bool:
        return super().counts or self._asks_along

    def _ended(self, outcome: EndedCheck) -> None:
        super()._ended(outcome)
        if outcome.result is None and self.step.count and self.counter.number is not None:
            self.count(self.counter.number)

    @property
    def _watches(self) -> bool:
        """True where the worker does something, and knows when it is done."""
        return self.step.mode is CheckMode.WATCH

    @property
    def _holds(self) -> bool:
        """True where every key is one to try, Escape too: its own sentence says how it ends."""
        return self._watches and self.step.picture == "keyboard"

    @property
    def _stops(self) -> str:
        return say("screens.checks.stop")

    @property
    def running_at(self) -> int:
        """ "J'ai fini" where a person ends it; where nobody does, Enter must not leave it out."""
        return 0 if self._watches else -1

    @property
    def at_question(self) -> bool:
        return self.outcome is not None and self.outcome.result is None

    def special(self, name: str) -> bool:
        """While the keyboard is tried, every key is part of the check: none does anything else."""
        return self.running and self._holds and name != "escape"

    def back(self) -> None:
        if self.running:
            self.closed()
        else:
            super().back()


def _percent(progress: CheckProgress | None) -> int | None:
    """How far it is, 0 to 99: all of it only once it has ended, and then nothing is drawn."""
    if progress is None or not progress.total:
        return None
    return min(99, progress.done * 100 // progress.total)
