"""A drive to watch may test all of its surface: asked once a disk, never while a test runs."""

from __future__ import annotations

from bench.guide.shown import SelfTestView
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, View
from bench.words.catalogue import say

WIDTH = 74  # of the line under the choices, at 80 columns


def told(tests: tuple[SelfTestView, ...]) -> str:
    """The drive's own test in one line: the one that matters most; empty where none was begun."""
    if not tests:
        return ""
    line = say("screens.read.pair", name=tests[0].title, value=tests[0].text)
    return line if len(line) <= WIDTH else f"…{line[1 - WIDTH :]}"


def offer_long_test(page: Page) -> None:
    """Lay the question over this page if a drive to watch was not asked about yet."""
    watch = page.desk.watch
    for selftest in watch.selftests:
        if selftest.long_offered and selftest.path not in watch.long_asked:
            watch.long_asked.add(selftest.path)
            page.desk.put(LongTestPage(page.desk, selftest))
            return


class LongTestPage(Page):
    """No is focused: the test takes hours, and nothing is lost without it."""

    help = "selftest"

    def __init__(self, desk: Desk, test: SelfTestView) -> None:
        super().__init__(desk)
        self.test = test

    def draw(self) -> View:
        return View(
            title=say("screens.selftest.title"),
            lines=tuple(say("screens.selftest.what").splitlines()),
            facts=((say("screens.disks.disk"), self.test.title),),
            picture="disk",
            choices=(
                Choice("no", say("screens.selftest.no")),
                Choice("yes", say("screens.selftest.yes")),
                Choice("call", say("screens.refused.call")),
            ),
        )

    def choose(self, key: str) -> None:
        if key == "call":
            self.desk.call_supervisor()
            return
        self.desk.drop()
        if key == "yes":
            port, path = self.desk.port, self.test.path

            def begun(_: None) -> None:
                self.desk.page.say(say("screens.selftest.begun"))
                self.desk.watch.ask_selftests()

            self.desk.call(lambda: port.test_long(path), begun)

    def back(self) -> None:
        self.desk.drop()
