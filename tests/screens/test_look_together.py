"""The pages that ask several things, or tell a second way, fit as all others do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from msgspec.structs import replace

from bench.guide.shown import CheckMark, CheckMode, CheckProgress, CheckStep, EndedCheck
from bench.screens.steps.sight import MOST_PARTS
from bench.words.catalogue import say
from tests.screens.driver import CHECKS, Bench, bench
from tests.screens.fake_port import FakePort
from tests.screens.test_look import (  # noqa: F401  (the fixture is asked for by its name)
    assert_all_told,
    assert_glyphs,
    language,
    shown,
)

PARTS = ("microphone", "optical", "card_reader", "ethernet")


@dataclass
class Together(FakePort):
    """As many things to see as one page takes; or sockets, tried until it is said to be done.

    Its words come from the catalogue, which the tests make longer.
    """

    sockets: bool = False

    def checks(self) -> tuple[CheckStep, ...]:
        if self.sockets:
            count = say("checks.usb.question")
            lines = (say("checks.usb.step1"), say("checks.usb.step2"))
            usb = CheckStep("usb", CheckMode.WATCH, say("checks.usb.name"), lines, picture="usb")
            return (replace(usb, count=count, count_most=64),)
        things = [say(f"checks.{part}.name") for part in PARTS] + [say("workbench.start.seen")]
        assert len(things) == MOST_PARTS
        return tuple(
            CheckStep(f"c{at}", CheckMode.ASK, "", (), "?", sight=thing)
            for at, thing in enumerate(things)
        )

    def run_check(self, id: str, on_progress: Callable[[CheckProgress], None]) -> EndedCheck:
        self.stopped.clear()
        on_progress(CheckProgress(2, None, "■ ■ □ □".replace("□", "·")))
        self.stopped.wait(300)
        return EndedCheck(id, CheckMark.NOT_TESTED)


def look(b: Bench) -> None:
    assert_all_told(b)
    assert_glyphs(b)


async def test_what_eyes_tell_fits(language: str) -> None:  # noqa: F811
    async with bench(Together(), CHECKS) as b:
        await b.at("SightPage")
        look(b)
        await b.press("2", "1")
        look(b)
        await b.press("3", "7")
        await b.until(lambda: b.name != "SightPage")
        await b.press("escape")
        await b.at("SightPage")
        look(b)


async def test_sockets_and_their_number_fit(language: str) -> None:  # noqa: F811
    async with bench(Together(sockets=True), CHECKS) as b:
        await b.until(lambda: "■" in b.text(), "the sockets")
        look(b)
        await b.press("1", "2")
        look(b)


async def test_the_second_way_to_yes_fits(language: str) -> None:  # noqa: F811
    async with shown("ReviewPage", language, countdown_s=60) as b:
        await b.press("1")
        await b.at("ConfirmPage")
        await b.scan("S3Z9NB0K8F3K")
        await b.at("ReadyPage")
        look(b)
        await b.scan("S3Z9NB0K8F3K")
        look(b)
        await b.scan("ACT-CHOICE-5")
        look(b)
        await b.scan("ACT-CHOICE-5")
        look(b)


async def test_a_card_code_at_the_application(language: str) -> None:  # noqa: F811
    async with bench(Together(), CHECKS) as b:
        await b.at("SightPage")
        await b.scan("ACT-YES")
        assert b.name == "SightPage" and b.page.notice
        look(b)
        await b.scan("ACT-CHOICE-1")
        await b.until(lambda: b.name != "SightPage")
        assert {answer.value for answer in b.app.desk.visit.checks} == {"failed"}
