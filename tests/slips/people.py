"""Who sits at the bench: one who reads and does what the page asks, and all the ways to slip."""

from __future__ import annotations

import random

from msgspec.structs import replace

from bench.guide.visit import VisitStep
from bench.words.catalogue import say
from tests.screens.fake_port import ASSET
from tests.slips.simulated import Screens

MINE = "8F3K"  # the last four of the disk this visit is about
OTHER = "0001"  # and of one that lies in the same PC, and is to be kept
WRONG_SCANS = (
    "3017620422003",  # a jar
    "https://example.org/a?b=c",
    "OP-NADIA",  # a badge where a label is wanted
    "RC26-004218-5",  # another machine's label
    "4011",
    "x" * 400,
)
EVERYWHERE = ("f1", "f2", "f5", "f6", "f9")  # they mean the same on every page


class Careful:
    """Reads the page; one act of theirs is one decision. Knows nothing of the program."""

    def __init__(self, screens: Screens) -> None:
        self.screens = screens

    def act(self) -> None:
        screens, view, name = self.screens, self.screens.view(), self.screens.name
        if screens.desk.page.trouble:  # type: ignore[attr-defined]
            self.say("retry")
        elif name == "HelloPage":
            for key in ("n", "a", "d", "enter"):
                screens.press(key)
        elif name == "ConfirmPage" and OTHER in str(view.facts):
            screens.press("escape")  # not this one: all that was confirmed is forgotten
        elif name == "ConfirmPage":
            for key in MINE:  # with the eyes on the disk: whatever stands there already
                screens.press(key)
        elif name == "TrayPage":
            self.tray()
        elif name == "StickPage":
            screens.scan(ASSET)
        elif name == "ReadyPage":
            screens.press("f8")
        elif name in ("CountdownPage", "WaitPage"):
            screens.wait(2)
        elif name == "ProgressPage":
            screens.wait(5)
        elif view.fill:
            screens.press("space")
        elif not view.hears:  # a test holds the keyboard: three times Escape ends it
            screens.press("escape", 0.5)
        elif view.marks:
            screens.press(str(self.first(len(view.marks))))
        elif view.choices:
            self.say(self.wanted())
        elif view.field is not None:
            screens.press("escape")
        else:
            screens.wait(1)
        screens.wait(0.9)  # a page is read before it is answered

    def tray(self) -> None:
        """Erase mine, and mine alone; what is gone was taken out to be kept."""
        view = self.screens.view()
        for at, row in enumerate(view.rows):
            if row.mark is not None and row.mark != (row.tail == MINE):
                self.point(at, "space")
                return
        keys = [choice.key for choice in view.choices]
        gone = [
            at for at, row in enumerate(view.rows) if row.state == say("screens.tray.state.gone")
        ]
        if any(row.mark for row in view.rows):
            self.say("erase")
        elif "go_on" in keys:
            self.say("go_on")
        elif gone:
            self.point(gone[0])
        else:
            self.screens.wait(5)

    def first(self, count: int) -> int:
        return min(2, count)

    def wanted(self) -> str:
        """The choice that goes on: by the words of the key, as a person by those of the page."""
        keys = [choice.key for choice in self.screens.view().choices if not choice.off]
        name = self.screens.name
        preferred = {
            "ArrivalPage": "new",
            "QuitPage": "stay",
            "CallPage": "back",
            "HelpPage": "back",
            "ComfortPage": "keep",
            "LanguagePage": "fr",
            "StopPage": "back",
            "FailedPage": "erase",  # it ends well once who slips has gone: see `ends`
            "InterruptedPage": "resume",
            "GonePage": "look",
        }
        if name == "GonePage" and OTHER in str(self.screens.view().facts):
            preferred["GonePage"] = "out"
        best = preferred.get(name, "")
        return best if best in keys else (keys[0] if keys else "")

    def say(self, key: str) -> None:
        view = self.screens.view()
        numbers = [choice.key for choice in view.choices]
        at = numbers.index(key) if key in numbers else 0
        at += len(view.rows) + len(view.marks)
        if view.arrows or view.field is not None or at >= 9 or view.rows:
            self.point(at)
        else:
            self.screens.press(str(at + 1))

    def point(self, at: int, key: str = "enter") -> None:
        for _ in range(12):
            now = self.screens.view().at
            if now == at:
                break
            self.screens.press("down" if now < at else "up")
        self.screens.press(key)


class Slipping(Careful):
    """The same, who hurries, trembles, is called away, mistakes one thing for another, or leans
    on the keys. `draw` decides; whoever it is keeps to one habit."""

    def __init__(self, screens: Screens, draw: random.Random) -> None:
        super().__init__(screens)
        self.draw = draw
        self.habit = draw.choice(("hurried", "trembling", "distracted", "mistaken", "leaning"))

    def act(self) -> None:
        if self.draw.random() < 0.55:
            super().act()
        else:
            getattr(self, self.habit)()

    def hurried(self) -> None:
        """Before the page is read: Enter twice, the first choice, and on."""
        for key in self.draw.choice((["enter", "enter"], ["1", "1"], ["1", "enter"], ["2", "2"])):
            self.screens.press(key, self.draw.choice((0.04, 0.1, 0.25)))

    def trembling(self) -> None:
        """A key too many, or the one beside it."""
        key = self.draw.choice(("1", "2", "3", "enter", "space", "escape", "f8", "8", "k"))
        for _ in range(self.draw.randint(2, 4)):
            self.screens.press(key, self.draw.uniform(0.03, 0.5))

    def distracted(self) -> None:
        """Away for minutes; the power fails; somebody pulls the disk and puts it back."""
        what = self.draw.random()
        if what < 0.4:
            self.screens.wait(self.draw.choice((20, 120)))
        elif what < 0.6:
            self.screens.start()
        elif what < 0.8:
            self.unplug()
        else:
            self.screens.press("escape")

    def unplug(self) -> None:
        port = self.screens.port
        kept = list(port.found)
        port.found = [disk for disk in kept if disk.confirm != MINE]
        if self.draw.random() < 0.5:  # another disk takes its name
            path = next(disk.path for disk in kept if disk.confirm == MINE)
            port.found = [replace(disk, path=path) for disk in port.found[:1]] + port.found[1:]
        self.screens.wait(self.draw.choice((1, 8)))
        port.found = kept
        self.screens.wait(4)

    def mistaken(self) -> None:
        what = self.draw.random()
        if what < 0.4:
            self.screens.scan(self.draw.choice(WRONG_SCANS), enter=self.draw.random() < 0.7)
        elif what < 0.7:  # the other disk's number, or last week's
            for key in self.draw.choice(("7777", "8F3L", "F3K8", MINE[::-1])):
                self.screens.press(key)
            self.screens.press("enter")
        else:
            self.screens.press(self.draw.choice((*EVERYWHERE, "tab", "up", "down")))

    def leaning(self) -> None:
        """A sleeve, a child, a cat: a run of keys without sense."""
        keys = ("enter", "space", "escape", "tab", "up", "down", "f8", *EVERYWHERE)
        keys = (*keys, *"1234567890azk")
        for _ in range(self.draw.randint(5, 25)):
            self.screens.press(self.draw.choice(keys), self.draw.choice((0.002, 0.03, 0.2)))


def finished(screens: Screens) -> bool:
    return screens.desk.visit.step is VisitStep.DONE and screens.name == "DonePage"
