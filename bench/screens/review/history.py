"""One machine's history, a page at a time: who, when, what, the latest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from bench.guide.supervision import Did, Finder, Story, Supervision
from bench.screens.kit.desk import Desk
from bench.screens.kit.view import Choice, View
from bench.screens.kit.wrapped import wrapped
from bench.screens.review.decide import FindingPage
from bench.screens.review.over import OverPage
from bench.words.catalogue import say

_HIGH, _WIDE = 10, 76  # lines and columns of the history at 80 x 24
_STEPS = {"pagedown": _HIGH, "pageup": -_HIGH, "down": 1, "up": -1}


class HistoryPage(OverPage):
    """All that was recorded of a machine; the keys that turn pages turn it."""

    help = "find"
    back_to: ClassVar[str] = "back_history"

    def __init__(
        self,
        desk: Desk,
        supervision: Supervision,
        finder: Finder,
        device: str,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`changed`: the record is no longer what other pages have read."""
        super().__init__(desk, supervision)
        self.finder, self.device, self.changed = finder, device, changed
        self.story: Story | None = None
        self.lines: list[str] = []
        self.top = 0

    def opened(self) -> None:
        self.desk.call(lambda: self.finder.story(self.device), self._read)

    def _read(self, story: Story) -> None:
        self.story, self.lines, self.top = story, [], 0
        for line in story.lines:
            head = f"{line.when}  {line.who or '-':<4}"
            self.lines += wrapped(f"{head} {line.text}", _WIDE, indent="    ")

    def draw(self) -> View:
        story = self.story
        if story is None:
            return View(title=say("story.page.choice"), lines=(say("screens.wait.what"),))
        count = len(self.lines)
        last = min(count, self.top + _HIGH)
        if count > _HIGH:
            place = say("story.page.pages", first=self.top + 1, last=last, count=count)
        else:
            place = say("story.page.whole", count=count)
        about = [wrapped(line, _WIDE)[0] for line in story.about if line]
        return View(
            title=wrapped(story.title, 60)[0],
            lines=(*about, "", *self.lines[self.top : last], place),
            compact=True,
            choices=(
                Choice("back", say("story.page.back")),
                *((Choice("part", say("beside.undo")),) if story.joined else ()),
            ),
            face="history",
        )

    def special(self, name: str) -> bool:
        if name in ("home", "end"):
            self._turn(-len(self.lines) if name == "home" else len(self.lines))
        elif name in _STEPS:
            self._turn(_STEPS[name])
        else:
            return False
        return True

    def _turn(self, step: int) -> None:
        self.top = max(0, min(len(self.lines) - _HIGH, self.top + step))

    def choose(self, key: str) -> None:
        joined = self.story.joined if self.story is not None else None
        if key == "part" and joined is not None:
            self.desk.put(FindingPage(self.desk, self.supervision, self, joined, self.finder.part))
        else:
            self.back()

    def settled(self, did: Did) -> None:
        """Records were parted: the history is read anew."""
        self.told(did)
        self.changed()
        self.opened()
