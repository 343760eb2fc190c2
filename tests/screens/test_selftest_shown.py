"""The drive's own test on the Essais pages, and the long one for a drive to watch."""

from __future__ import annotations

from msgspec.structs import replace

from bench.guide.shown import SelfTestView
from tests.screens.driver import CHECKS, Bench, bench
from tests.screens.fake_port import FakePort

RUNNING = SelfTestView("/dev/sda", "Samsung 860 EVO", "running", "le disque se teste. Reste 60 %.")
PASSED = replace(RUNNING, state="passed", text="le disque a réussi son test.", long_offered=True)
ASKED = replace(CHECKS, check_ids=("sound", "wifi", "pixels", "hinge", "keys"), check_at=3)


async def looked(b: Bench) -> None:
    before = len(b.port.calls("selftests"))
    b.clock.ahead += 6
    b.app.desk.watch.tick()
    await b.until(lambda: len(b.port.calls("selftests")) > before, "a look")
    await b.settle()


async def test_how_the_drive_tests_itself_is_shown_and_moves_on() -> None:
    async with bench(FakePort(tests=[RUNNING]), ASKED) as b:
        await b.at("AskPage")
        await looked(b)
        assert "Samsung 860 EVO : le disque se teste. Reste 60 %." in b.text()
        b.port.tests = [replace(PASSED, long_offered=False)]
        await looked(b)
        assert "le disque a réussi son test." in b.text()
        b.port.faults["selftests"] = RuntimeError("gone")
        await looked(b)  # no answer is no news, and no trouble
        assert b.name == "AskPage" and "le disque a réussi son test." in b.text()


async def test_a_long_name_leaves_the_state_readable() -> None:
    async with bench(FakePort(tests=[replace(RUNNING, title="X" * 70)]), ASKED) as b:
        await b.at("AskPage")
        await looked(b)
        assert "Reste 60 %." in b.text()


async def test_a_drive_to_watch_is_offered_its_long_test_once_and_no_is_focused() -> None:
    async with bench(FakePort(tests=[PASSED]), replace(ASKED, check_at=4)) as b:
        await b.until(lambda: "3 touches sur 84" in b.text(), "the keyboard test")
        await looked(b)
        assert b.name == "AutoPage"  # nobody is asked while a test runs
        await b.press("escape")
        await b.until(lambda: "1  Continuer" in b.text(), "the outcome")
        await b.press("1")
        await b.at("LongTestPage")
        await b.press("enter")
        await b.at("ReviewPage")
        assert not b.port.calls("test_long")


async def test_yes_begins_it_and_says_so() -> None:
    start = replace(ASKED, check_at=2)
    async with bench(FakePort(tests=[PASSED]), start) as b:
        await b.at("ColoursPage")
        await looked(b)
        await b.press("1", "space", "space", "space", "space", "space", "1")
        await b.at("LongTestPage")
        await b.press("2")
        await b.at("AskPage")
        assert b.port.calls("test_long") == [("test_long", "/dev/sda")]
        assert "Le test long a commencé." in b.text()
        await looked(b)
        await b.press("down")
        assert "le disque se teste." in b.text()
