"""The question whether a PC came before, at the screens: every answer, and none by accident."""

from __future__ import annotations

import threading

import pytest
from msgspec.structs import replace

from bench.errors.failure import Failure
from bench.guide.shown import KnownBy, ReturnAnswer, Returning
from bench.guide.visit import VisitStep
from tests.screens.driver import Bench, bench
from tests.screens.fake_port import ASSET, FakePort

FIRST = "RC26-000031-K"
PC = Returning("d1", FIRST, "2026-03-12", "LENOVO ThinkPad T480", KnownBy.SERIAL)
DISK = Returning("d2", "RC26-000032-I", "2026-03-13", "HP", KnownBy.DISK, "WDC 500 Go …11A1")


async def ask(b: Bench) -> None:
    await b.to_machine()
    await b.press("1")
    await b.at("ReturningPage")


def answers(b: Bench) -> list[tuple[object, ...]]:
    return [call[1:] for call in b.port.calls("answer_returning")]


async def test_who_never_came_is_asked_nothing() -> None:
    async with bench() as b:
        await b.to_machine()
        await b.press("1")
        await b.until(lambda: b.app.desk.visit.step is VisitStep.CHECKS, "the checks")
        assert not answers(b)


async def test_the_same_pc_keeps_its_number_and_the_new_one_is_crossed_out() -> None:
    async with bench(FakePort(before=[PC])) as b:
        await ask(b)
        for word in ("déjà venu", FIRST, "12/03/2026", "C'est le même ?", "Je ne sais pas"):
            assert word in b.text()
        await b.press("1")
        await b.at("KeepNumberPage")
        assert f"Vous avez écrit {ASSET} ? Barrez-le." in b.text() and FIRST in b.text()
        await b.press("1")
        visit = b.app.desk.visit
        assert (visit.asset, visit.step) == (FIRST, VisitStep.CHECKS)
        assert answers(b) == [("d1", ReturnAnswer.SAME)]
        await b.at("AskPage")


async def test_who_is_only_in_another_tools_list_did_not_come_before() -> None:
    async with bench(FakePort(before=[replace(PC, day="")])) as b:
        await ask(b)
        assert "dans une liste reprise" in b.text() and FIRST in b.text()
        assert "déjà venu" not in b.text() and "Arrivé le" not in b.text()


async def test_another_pc_keeps_the_new_number() -> None:
    async with bench(FakePort(before=[PC])) as b:
        await ask(b)
        await b.press("2")
        await b.at("AskPage")
        assert b.app.desk.visit.asset == ASSET and answers(b) == [("d1", ReturnAnswer.OTHER)]


@pytest.mark.long
async def test_who_does_not_know_calls_the_supervisor_and_may_go_on() -> None:
    async with bench(FakePort(before=[PC, DISK])) as b:
        await ask(b)
        await b.press("3")
        await b.at("CallPage")
        assert answers(b) == [("d1", ReturnAnswer.UNSURE)] and b.port.calls("call_supervisor")
        await b.press("1")
        await b.at("AskPage")
        assert b.app.desk.visit.asset == ASSET


@pytest.mark.long
@pytest.mark.parametrize("key", ["enter", "escape", "9", "x", "space"])
async def test_no_other_key_answers(key: str) -> None:
    async with bench(FakePort(before=[PC])) as b:
        await ask(b)
        await b.press(key)
        assert not answers(b) and b.app.desk.visit.step is VisitStep.MACHINE
        if key == "escape":
            await b.at("MachinePage")
            await b.press("1")
        await b.at("ReturningPage")


async def test_a_scan_answers_nothing_and_a_double_press_once() -> None:
    async with bench(FakePort(before=[PC])) as b:
        await b.to_machine()
        b.clock.ahead += 1
        await b.burst("1", "1", "1")
        await b.at("ReturningPage")
        await b.scan(FIRST)
        assert not answers(b) and b.name == "ReturningPage"
        assert len(b.port.calls("returning")) == 1


async def test_a_disk_is_another_question_and_the_same_pc_comes_second() -> None:
    async with bench(FakePort(before=[DISK])) as b:
        await ask(b)
        text = b.text()
        assert "Un disque de ce PC" in text and "WDC 500 Go …11A1" in text
        assert "1  Oui, le disque a changé de PC" in text and "2  Non, c'est le même PC" in text
        await b.press("1")
        await b.at("AskPage")
        assert answers(b) == [("d2", ReturnAnswer.OTHER)]


async def test_where_two_pcs_are_told_apart_the_same_is_not_offered() -> None:
    async with bench(FakePort(before=[replace(DISK, same_possible=False)])) as b:
        await ask(b)
        assert "le même PC" not in b.text() and "2  Je ne sais pas" in b.text()


async def test_several_are_asked_one_after_the_other() -> None:
    async with bench(FakePort(before=[PC, DISK])) as b:
        await ask(b)
        await b.press("2")
        await b.until(lambda: "Un disque de ce PC" in b.text(), "the second question")
        await b.press("2")
        await b.at("KeepNumberPage")
        assert answers(b) == [("d1", ReturnAnswer.OTHER), ("d2", ReturnAnswer.SAME)]
        assert b.app.desk.visit.asset == DISK.asset


async def test_a_record_that_cannot_be_read_is_asked_again_and_never_passed_over() -> None:
    port = FakePort(before=[PC], faults={"returning": Failure("data_full", path="/data")})
    async with bench(port) as b:
        await b.to_machine()
        await b.press("1")
        await b.until(lambda: "Essayer encore" in b.text(), "the trouble")
        assert b.app.desk.visit.step is VisitStep.MACHINE
        await b.press("1")
        await b.until(lambda: "C'est bien lui" in b.text(), "the page")
        await b.press("1")
        await b.at("ReturningPage")


async def test_while_it_is_looked_up_the_page_says_so() -> None:
    """It waits behind a reading that still runs: nothing to press, and no still picture."""
    gate = threading.Event()
    async with bench(FakePort(before=[PC], slow={"returning": gate})) as b:
        await b.to_machine()
        for key in ("1", "1", "2"):
            b.clock.ahead += 1
            b.send(key)
            await b.until(lambda: "Je cherche si je connais ce PC." in b.text(), "looking")
        gate.set()
        await b.at("ReturningPage")
        assert len(b.port.calls("returning")) == len(b.port.calls("probe")) == 1
        await b.press("escape")
        assert "C'est bien lui, continuer" in b.text()


async def test_left_while_it_is_read_and_come_back_to_it_goes_on() -> None:
    """What the first reading gives after the page was left is nobody's: it is read again."""
    gate = threading.Event()
    async with bench(FakePort(slow={"probe": gate})) as b:
        await b.sign_in()
        await b.press("1")
        await b.at("NumberPage")
        for key, page in (("1", "MachinePage"), ("escape", "NumberPage"), ("1", "MachinePage")):
            b.clock.ahead += 1
            b.send(key)
            await b.until(lambda page=page: b.name == page, page)  # type: ignore[misc]
        gate.set()
        await b.until(lambda: "C'est bien lui, continuer" in b.text(), "both read")
        await b.press("1")
        await b.at("AskPage")
