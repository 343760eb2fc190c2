"""Chercher une machine: the list narrows with each key, and a machine opens on its history."""

from __future__ import annotations

from collections.abc import Callable

from bench.guide.supervision import Finder, FoundList, Supervision
from bench.screens.kit.desk import Desk
from bench.screens.kit.lane import Lane
from bench.screens.kit.page import MAX_TEXT
from bench.screens.kit.view import Choice, Field, Row, View
from bench.screens.review.history import HistoryPage
from bench.screens.review.over import TypingPage
from bench.words.catalogue import say

_MOST = 8  # lines under the field at 80 x 24


class FindPage(TypingPage):
    """A field, and under it the machines that hold what is typed. It comes back as it was left."""

    help = "find"

    def __init__(
        self,
        desk: Desk,
        supervision: Supervision,
        finder: Finder,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed`: what is read of the day is out of date."""
        super().__init__(desk, supervision)
        self.finder, self.changed = finder, changed
        self.found: FoundList | None = None
        self.answered = ""  # the text that `found` answers
        self.scan = ""
        self.entered = ""  # the text that Enter was pressed for before its answer came
        self._lane: Lane | None = None

    def opened(self) -> None:
        self.desk.call(self.finder.read, lambda _: self.edited())

    def edited(self) -> None:
        text = self.text
        if self._lane is None:
            self._lane = self.desk.own_lane("find")
        self.desk.call(
            lambda: self.finder.find(text, _MOST),
            lambda found: self._answer(text, found),
            lane=self._lane,
        )

    def _answer(self, text: str, found: FoundList) -> None:
        if text != self.text:
            return  # typed on: another answer is on its way
        if self.found is None or text != self.answered:
            self.at = 0 if found.count else -1  # another list: on its first line, where it has one
        self.found, self.answered = found, text
        if (self.scan and self.scan == text and found.count == 1) or (
            self.entered and self.entered == text and found.count
        ):
            self._open(0)
        self.scan = self.entered = ""

    def draw(self) -> View:
        found = self.found
        field = Field(say("story.page.field"), self.text)
        back = Choice("back", say("supervisor.back_day"))
        if found is None:
            line = say("story.page.reading")
        elif not found.count:
            line = say("story.page.none")
        elif found.count > len(found.machines):
            line = say("story.page.more", count=found.count - len(found.machines))
        else:
            line = say("story.page.count", count=found.count)
        machines = found.machines if found is not None else ()
        return View(
            title=say("story.page.choice"),
            lines=(line,),
            field=field,
            rows=tuple(
                Row(str(at), title=shown.title, size="", tail="", state=shown.state, short="")
                for at, shown in enumerate(machines)
            ),
            choices=(back,),
            compact=True,  # the choice stays where it is when the list is empty
            face=f"find {self.answered}" if found is not None else "reading",
            at=self.at,
        )

    def submit(self, text: str) -> None:
        view = self.view()
        # Of another text than the one on the screen nothing is opened; nothing found leads nowhere.
        if self.found is None or self.answered != text:
            self.entered = text
        elif 0 <= view.at < view.items:
            self._take_item(view, view.at)

    def choose(self, key: str) -> None:
        if key.isdecimal():
            self._open(int(key))
        else:
            self.back()

    def _open(self, at: int) -> None:
        if self.found is not None and at < len(self.found.machines):
            machine = self.found.machines[at]
            page = HistoryPage(
                self.desk, self.supervision, self.finder, machine.device, self._parted
            )
            self.desk.put(page)

    def _parted(self) -> None:
        """Records were parted: the list and the day are read anew."""
        self.changed()
        self.opened()

    def fills(self, scan: object) -> bool:
        return False  # a label is looked for whole

    def scanned(self, text: str) -> None:
        self.text = self.scan = text.strip()[:MAX_TEXT]
        self.edited()
