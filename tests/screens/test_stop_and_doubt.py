"""Stopping an erasure, labels in doubt, and numbers a worker counts: by keys alone."""

from __future__ import annotations

import msgspec
import pytest

from bench.guide.shown import CheckMode, CheckStep, JobStatus, LabelDoubt
from bench.guide.visit import Fate, Visit, VisitStep
from bench.words.catalogue import say
from tests.screens.driver import CHECKS, ERASE, Bench, bench
from tests.screens.fake_port import ASSET, STICK, FakePort, many

ARRIVAL = Visit(step=VisitStep.ARRIVAL, operator="NAD", operator_name="Nadia")


@pytest.mark.long
async def test_a_stopped_erasure_is_interrupted_and_can_be_resumed() -> None:
    port = FakePort(percent_a_look=1)
    async with bench(port, ERASE) as b:
        await b.to_progress()
        assert "Arrêter l'effacement" in b.text()
        await b.press("2")
        await b.at("StopPage")
        assert "le disque n'est pas effacé" in b.text()
        await b.press("3")
        await b.until(lambda: b.name == "InterruptedPage", "the stop")
        assert [call[1] for call in port.calls("stop_erase")] == ["job1"]
        assert {one.fate for one in b.app.desk.visit.disks or () if not one.ours} == {
            Fate.INTERRUPTED
        }
        await b.press("1")
        await b.at("ProgressPage")


@pytest.mark.long
async def test_an_erasure_resumed_elsewhere_meanwhile_says_so_and_is_shown() -> None:
    said = say("workbench.already_running")
    port = FakePort(percent_a_look=1, elsewhere=said)
    async with bench(port, ERASE) as b:
        await b.to_progress()
        await b.press("2", "3")
        await b.until(lambda: b.name == "InterruptedPage", "the stop")
        await b.press("1")
        await b.at("ProgressPage")
        assert said in b.text()


# What chooses, goes on and leaves in every run, the others with the long ones.
KEYS = ("enter", "space", "1", "2", "3", "down", "up", "f8", "escape")
ALWAYS = ("enter", "1", "2", "escape")


@pytest.mark.long
@pytest.mark.parametrize(
    "key", [pytest.param(k, marks=() if k in ALWAYS else pytest.mark.long) for k in KEYS]
)
async def test_one_hammered_key_never_stops_an_erasure(key: str) -> None:
    port = FakePort(percent_a_look=0)
    async with bench(port, ERASE) as b:
        await b.to_progress()
        for _ in range(12):
            await b.press(key)
        assert not port.calls("stop_erase")


@pytest.mark.long
async def test_a_disk_that_does_not_stop_is_told_and_delays_no_other() -> None:
    port = FakePort(found=[*many(3), STICK], percent_a_look=1, stops=False)
    async with bench(port, msgspec.structs.replace(ERASE)) as b:
        await b.to_erase()
        await b.at("TrayPage")
        await b.press("space", "down", "space", "tab", "enter")
        await b.at("ConfirmPage")
        for digits in ("1000", "1001"):
            await b.press(*digits)
        await b.at("ReadyPage")
        await b.press("f8")
        await b.until(lambda: len(port.calls("start_erase")) == 2, "both starts")
        await b.at("TrayPage")
        while b.page.at > 0:
            await b.press("up")
        await b.press("enter")
        await b.at("ProgressPage")
        await b.press("1")
        await b.at("StopPage")
        await b.press("3")
        assert "J'arrête l'effacement." in b.text()
        b.clock.ahead += 31
        await b.tick()
        assert "Le disque ne répond pas." in b.text()
        stuck = port.running["job1"]
        port.running["job1"] = msgspec.structs.replace(stuck, status=JobStatus.PAUSED)
        port.percent_a_look = 100
        await b.press("escape", "escape")
        await b.at("TrayPage")
        await b.tick()
        assert "effacé et vérifié" in b.text()  # the other one went on to its end


@pytest.mark.long
async def test_a_drive_that_erases_itself_cannot_be_stopped() -> None:
    port = FakePort(percent_a_look=0)
    async with bench(port, ERASE) as b:
        await b.to_progress()
        port.running["job1"] = msgspec.structs.replace(port.running["job1"], stoppable=False)
        await b.tick()
        await b.press("2", "3", "3")
        assert "s'efface tout seul" in b.text() and not port.calls("stop_erase")


async def asked(b: Bench) -> None:
    await b.at("DoubtPage")
    assert "L'étiquette est-elle sortie ?" in b.text() and "RC26-000001-X" in b.text()


@pytest.mark.long
@pytest.mark.parametrize(("key", "printed"), [("1", True), ("2", False)])
async def test_a_label_in_doubt_is_asked_about(key: str, printed: bool) -> None:
    port = FakePort(doubts=[LabelDoubt("j1", "RC26-000001-X")])
    async with bench(port, ARRIVAL) as b:
        await asked(b)
        await b.press(key)
        await b.at("ArrivalPage")
        assert port.calls("settle_label") == [("settle_label", "j1", printed)]


async def test_who_does_not_know_settles_nothing() -> None:
    port = FakePort(doubts=[LabelDoubt("j1", "RC26-000001-X")])
    async with bench(port, ARRIVAL) as b:
        await asked(b)
        await b.press("enter")
        await b.at("ArrivalPage")
        assert not port.calls("settle_label")


async def test_a_label_of_this_machine_that_came_out_is_to_be_stuck() -> None:
    port = FakePort(found=[STICK], doubts=[LabelDoubt("j1", ASSET)])
    async with bench(port, ERASE) as b:
        await b.to_erase()
        await b.press("1")
        await b.at("LookPage")
        await b.press("1", "1", "1")
        await b.at("DoubtPage")
        await b.press("1")
        await b.at("StickPage")
        assert not port.calls("print_label")


class CountingPort(FakePort):
    """One test that asks for a number."""

    def checks(self) -> tuple[CheckStep, ...]:
        mode = CheckMode.COLOURS
        return (
            CheckStep("screen", mode, "L'écran", ("Regardez.",), "", "screen", "Combien ?", 40),
        )


async def to_count(b: Bench) -> None:
    await b.at("ColoursPage")
    await b.press("1", *["space"] * 5)
    assert "Combien ?" in b.text()


async def test_a_number_is_counted_with_arrows_or_digits() -> None:
    port = CountingPort()
    async with bench(port, CHECKS) as b:
        await to_count(b)
        await b.press("enter")
        assert "Choisissez d'abord le nombre." in b.text() and not port.calls("count_check")
        await b.press("up", "up", "plus", "down", "up", "enter")
        await b.until(lambda: bool(port.calls("count_check")), "the answer")
        assert port.calls("count_check") == [("count_check", "screen", 3)]
        await b.until(lambda: "1  Continuer" in b.text(), "the outcome")
        await b.press("1")
        await b.to_erase()
        assert not port.calls("answer_check")  # it would put yes or no in the number's place


@pytest.mark.long
async def test_typed_digits_stay_within_what_can_be() -> None:
    port = CountingPort()
    async with bench(port, CHECKS) as b:
        await to_count(b)
        await b.press("3", "2", "9", "down", "enter")
        await b.until(lambda: bool(port.calls("count_check")), "the answer")
        assert port.calls("count_check") == [("count_check", "screen", 8)]


async def test_not_knowing_a_number_is_not_zero() -> None:
    port = CountingPort()
    async with bench(port, CHECKS) as b:
        await to_count(b)
        await b.press("right", "enter")
        await b.until(lambda: bool(port.calls("count_check")), "the answer")
        assert port.calls("count_check") == [("count_check", "screen", None)]
