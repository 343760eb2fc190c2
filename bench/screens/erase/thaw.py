"""Putting the PC to sleep for some seconds, so that a frozen disk may erase itself. Asked first."""

from __future__ import annotations

from bench.screens.erase.one_disk import DiskPage
from bench.screens.kit.desk import Desk
from bench.screens.kit.view import Choice, Tone, View
from bench.words.catalogue import say


class ThawPage(DiskPage):
    """Laid over the disk that may be erased. "No" has the cursor: a PC may not wake by itself."""

    name = "review"  # it goes when the disk is no longer waiting to be erased
    help = "erase"

    def __init__(self, desk: Desk, key: str) -> None:
        super().__init__(desk, key)
        self._asleep = False  # or about to be

    def draw(self) -> View:
        no, yes = (Choice(word, say(f"screens.thaw.{word}")) for word in ("no", "yes"))
        return View(
            title=say("screens.thaw.now" if self._asleep else "screens.thaw.title"),
            lines=tuple(say("screens.thaw.what").splitlines()),
            facts=self.facts,
            picture="pc",
            choices=() if self._asleep else (no, yes),
            back=not self._asleep,
        )

    def choose(self, key: str) -> None:
        if key == "no":
            self.desk.drop()
        elif key == "yes":
            self._asleep = True
            self.desk.call(self.desk.port.thaw, self._woken, self._refused)

    def back(self) -> None:
        if not self._asleep:
            super().back()

    def _refused(self, why: str) -> None:
        self._asleep = False
        self.fail(why)

    def _woken(self, slept: bool) -> None:
        self.desk.watch.ask_disks(then=lambda: self._told(slept))

    def _told(self, slept: bool) -> None:
        """Back to the disk, with what came of it."""
        self._asleep = False
        if self.desk.page is self:
            self.desk.drop()
        seen = self.desk.watch.disk(self.key)
        if not slept:
            self.desk.page.say(say("screens.thaw.awake"))
        elif seen is None or seen.can_thaw:
            self.desk.page.say(say("screens.thaw.still"))
        else:
            self.desk.page.say(say("screens.thaw.done"), Tone.GOOD)
