"""From Bonjour to Fini by keys alone, and every way that must not erase."""

from __future__ import annotations

import msgspec
import pytest

from bench.guide.shown import CheckMark
from bench.guide.visit import Fate, Stage, VisitOutcome, VisitStep, decode
from tests.screens.driver import CHECKS, ERASE, Bench, bench
from tests.screens.fake_port import ASSET, SAMSUNG, STICK, FakePort, disk_full, many


async def test_the_whole_way_by_keyboard() -> None:
    async with bench() as b:
        await b.through_the_tests()
        await b.to_progress()
        assert b.port.calls("start_erase") == [("start_erase", SAMSUNG.key, "/dev/sda", "8F3K")]
        await b.tick()
        await b.tick()
        await b.at("ErasedPage")
        await b.press("1")
        await b.at("LookPage")
        await b.press("3", "2")
        await b.at("GradePage")
        assert b.port.calls("grade") == [("grade", {"lid": 3, "keyboard": 2})]
        await b.press("1")  # agrees: the label comes at once
        await b.at("StickPage")
        await b.scan(ASSET)
        await b.at("DonePage")
        assert "C'est fini. Bravo." in b.text()
        assert b.app.desk.visit.outcome is VisitOutcome.READY
        answers = {call[1]: call[2] for call in b.port.calls("answer_check")}
        assert answers["sound"] is CheckMark.PASSED and answers["keys"] is CheckMark.FAILED
        await b.press("1")
        await b.at("ArrivalPage")
        assert "Nadia" in b.text()
        assert b.app.return_code is None


# The three that choose and confirm in every run, the others with the long ones.
KEYS = ("enter", "space", "f8", "1", "2", "down")
ALWAYS = ("enter", "f8", "1")


@pytest.mark.long
@pytest.mark.parametrize(
    "key", [pytest.param(k, marks=() if k in ALWAYS else pytest.mark.long) for k in KEYS]
)
async def test_one_hammered_key_never_erases(key: str) -> None:
    async with bench() as b:
        await b.sign_in()
        for _ in range(30):
            await b.press(key)
        assert not b.port.calls("start_erase")


async def reach(b: Bench, where: str) -> None:
    if where == "ReviewPage":
        await b.to_erase()
    else:
        await b.to_confirm()
        if where != "ConfirmPage":
            await b.press("8", "f", "3", "k")
        if where == "CountdownPage":
            await b.press("f8")
    await b.at(where)


@pytest.mark.long
@pytest.mark.parametrize("where", ["ReviewPage", "ConfirmPage", "ReadyPage", "CountdownPage"])
async def test_enter_hammered_around_the_erasure_never_erases(where: str) -> None:
    async with bench(start=ERASE, countdown_s=60) as b:
        await reach(b, where)
        for _ in range(12):
            await b.press("enter")
        await b.burst(*["enter"] * 20)
        assert not b.port.calls("start_erase")


async def test_f8_without_the_number_and_with_a_wrong_one() -> None:
    async with bench(start=ERASE, countdown_s=60) as b:
        await b.to_confirm()
        await b.press("f8", "f8")
        assert b.name == "ConfirmPage" and "Tapez d'abord" in b.text()
        await b.press("8", "f", "3", "j")
        assert "Ce n'est pas ce numéro." in b.text()
        await b.press("f8")
        assert b.name == "ConfirmPage"
        await b.press("backspace", "k")
        await b.at("ReadyPage")
        assert b.app.desk.visit.stage is Stage.CONFIRM


async def test_french_digits_without_shift_confirm() -> None:
    async with bench(start=ERASE) as b:
        await b.to_confirm()
        await b.press("underscore", "f", "quotation_mark", "k")
        await b.at("ReadyPage")


async def test_any_key_stops_the_countdown() -> None:
    async with bench(start=ERASE, countdown_s=60) as b:
        await reach(b, "CountdownPage")
        await b.press("x")
        await b.at("ReviewPage")
        assert "Rien n'est effacé." in b.text() and not b.port.calls("start_erase")


@pytest.mark.long
@pytest.mark.parametrize(
    "change", [{"path": "/dev/sdb"}, {"allowed": False}, {"key": "other"}, {"confirm": "0000"}]
)
async def test_a_disk_swapped_during_the_countdown_is_not_erased(change: dict[str, object]) -> None:
    async with bench(start=ERASE) as b:
        await reach(b, "CountdownPage")
        b.port.found = [msgspec.structs.replace(SAMSUNG, **change), STICK]
        await b.until(lambda: b.app.desk.visit.stage is Stage.CHOOSE, "the refusal")
        await b.settle()
        assert "Le disque a changé. Rien n'est effacé." in b.text()
        assert not b.port.calls("start_erase")


@pytest.mark.long
async def test_no_answer_of_the_guard_is_a_no() -> None:
    async with bench(start=ERASE) as b:
        await reach(b, "CountdownPage")
        b.port.faults["disks"] = OSError("gone")
        await b.until(lambda: b.app.desk.visit.stage is Stage.CHOOSE, "the refusal")
        await b.settle()
        assert "Ça n'a pas marché." in b.text() and not b.port.calls("start_erase")


@pytest.mark.long
async def test_nothing_is_started_that_could_not_be_recorded() -> None:
    async with bench(start=ERASE) as b:
        await reach(b, "ReadyPage")
        b.port.always["save_visit"] = disk_full()
        await b.press("f8")
        await b.until(lambda: b.app.desk.visit.stage is Stage.CHOOSE, "the refusal")
        await b.settle()
        assert "plein" in b.text() and not b.port.calls("start_erase")


@pytest.mark.long
async def test_a_start_that_is_refused_is_told() -> None:
    async with bench(start=ERASE) as b:
        await reach(b, "CountdownPage")
        b.port.faults["start_erase"] = disk_full()
        await b.until(lambda: bool(b.port.calls("start_erase")), "the try")
        await b.at("ReviewPage")
        assert "plein" in b.text()
        assert {one.fate for one in b.app.desk.visit.disks or ()} == {Fate.PENDING}


async def test_a_double_press_answers_one_question() -> None:
    async with bench(start=CHECKS) as b:
        await b.at("AskPage")
        await b.until(lambda: "1  Oui" in b.text(), "the question")
        b.clock.ahead += 1
        await b.burst("1", "1", "1")
        await b.at("AutoPage")
        assert len(b.port.calls("answer_check")) == 1
        await b.until(lambda: "1  Continuer" in b.text(), "the outcome")
        await b.press("down", "up", "enter")
        b.clock.ahead -= 0.9
        await b.burst("enter")
        assert len(b.port.calls("answer_check")) == 2


async def test_too_small_a_terminal_says_so_and_takes_no_keys() -> None:
    async with bench(start=ERASE) as b:
        await b.to_erase()
        for size in ((79, 24), (80, 23), (20, 5), (2, 1)):
            await b.pilot.resize_terminal(*size)
            await b.settle()
            assert "POSTE" not in b.text()
            await b.press("1")
        await b.pilot.resize_terminal(80, 24)
        await b.settle()
        assert b.name == "ReviewPage" and "Étape 5 sur 8" in b.text()


@pytest.mark.long
async def test_killed_screens_find_the_running_erasure() -> None:
    port = FakePort(percent_a_look=30)
    async with bench(port, ERASE) as b:
        await b.to_progress()
    saved = decode(port.saved)
    assert saved is not None and saved.step is VisitStep.ERASE
    async with bench(port) as again:
        await again.at("ProgressPage")
        assert "Encore" in again.text() and "On reprend où vous étiez." in again.text()
        await again.press("f1", "escape")
        assert "On reprend" not in again.text()
        for _ in range(3):
            await again.tick()
        await again.at("ErasedPage")
    assert len(port.calls("start_erase")) == 1


@pytest.mark.long
async def test_screens_killed_before_the_answer_of_the_start_find_the_job() -> None:
    port = FakePort(percent_a_look=10)
    async with bench(port, ERASE) as b:
        await reach(b, "CountdownPage")
        before = port.saved
        await b.until(lambda: bool(port.calls("start_erase")), "the start")
        await b.at("ProgressPage")
    port.saved = before  # as if EraseStarted had never been saved
    async with bench(port) as again:
        await again.at("ProgressPage")


@pytest.mark.long
@pytest.mark.parametrize("stage", ["ConfirmPage", "ReadyPage", "CountdownPage"])
async def test_a_confirmation_does_not_survive_a_restart(stage: str) -> None:
    port = FakePort()
    async with bench(port, ERASE, countdown_s=60) as b:
        await reach(b, stage)
    async with bench(port) as again:
        await again.at("ReviewPage")
        assert not port.calls("start_erase")


@pytest.mark.long
async def test_a_failed_disk_must_be_out_before_the_machine_goes_on() -> None:
    port = FakePort(ends_with="failed")
    async with bench(port, ERASE) as b:
        await b.to_progress()
        await b.tick()
        await b.tick()
        await b.at("FailedPage")
        assert "bac rouge" in b.text()
        await b.press("2")
        assert "Je vois encore le disque." in b.text()
        port.found = [STICK]
        await b.press("2")
        await b.at("ErasedPage")
        assert port.calls("disk_taken_out") and "Le disque est sorti." in b.text()
        await b.press("1")
        await b.at("LookPage")


@pytest.mark.long
async def test_an_interrupted_erasure_is_taken_up() -> None:
    port = FakePort(ends_with="interrupted")
    async with bench(port, ERASE) as b:
        await b.to_progress()
        await b.tick()
        await b.tick()
        await b.at("InterruptedPage")
        assert "pas encore effacé" in b.text()
        port.percent_a_look = 1
        await b.press("1")
        await b.at("ProgressPage")
        port.percent_a_look = 100
        await b.tick()
        await b.at("ErasedPage")


async def test_a_machine_without_disk_goes_on() -> None:
    async with bench(FakePort(found=[STICK]), ERASE) as b:
        await b.to_erase()
        await b.at("NoDiskPage")
        await b.press("1")
        await b.at("LookPage")


async def test_hidden_disks_do_not_go_on() -> None:
    async with bench(FakePort(found=[STICK], complete=False), ERASE) as b:
        await b.to_erase()
        await b.at("HiddenPage")
        assert "RAID" in b.text()
        await b.press("1")
        await b.at("CallPage")
        await b.press("2", "2")
        await b.at("DonePage")
        assert b.app.desk.visit.outcome is VisitOutcome.ASIDE
        assert "Mettez ce PC de côté." in b.text()


async def test_a_refused_disk_shows_why() -> None:
    refused = msgspec.structs.replace(
        SAMSUNG, allowed=False, reasons=("Ce disque est monté.",), advice=("Éteignez le PC.",)
    )
    async with bench(FakePort(found=[refused]), ERASE) as b:
        await b.to_erase()
        await b.at("RefusedPage")
        assert "Ce disque est monté." in b.text() and "Éteignez le PC." in b.text()


@pytest.mark.long
async def test_the_look_is_judged_while_the_disk_is_erased() -> None:
    port = FakePort(percent_a_look=1)
    async with bench(port, ERASE) as b:
        await b.to_progress()
        await b.press("1")
        await b.at("LookPage")
        await b.press("1", "1")
        await b.at("GradePage")
        await b.press("1")
        await b.at("ProgressPage")
        port.percent_a_look = 100
        await b.tick()
        await b.at("ErasedPage")
        await b.press("1")
        await b.at("LabelPage")


@pytest.mark.long
async def test_a_tray_of_disks() -> None:
    port = FakePort(found=[*many(24), STICK], percent_a_look=60)
    async with bench(port) as b:
        await b.sign_in()
        await b.press("3")
        await b.at("TrayPage")
        assert "1023" in b.text()
        await b.press("space", "down", "right", "space", "tab", "enter")
        await b.at("ConfirmPage")
        await b.press("1", "0", "0", "0")
        await b.at("ConfirmPage")
        await b.press("f8")
        assert not port.calls("start_erase")
        await b.press("1", "0", "1", "3")
        await b.at("ReadyPage")
        assert "2 disques vont être effacés." in b.text()
        await b.press("f8")
        await b.until(lambda: len(port.calls("start_erase")) == 2, "both starts")
        assert [call[1] for call in port.calls("start_erase")] == ["SN0000", "SN0013"]
        await b.at("TrayPage")
        await b.tick()
        await b.tick()
        assert b.text().count("effacé") >= 2
        port.found = [one for one in port.found if one.key in ("SN0000", "SN0013")]
        b.clock.ahead += 5
        b.app.desk.watch.tick()
        await b.settle()
        assert "Terminer" in b.text()


async def test_a_fault_of_the_port_is_told_and_tried_again() -> None:
    port = FakePort()
    port.faults["probe"] = disk_full()
    async with bench(port) as b:
        await b.sign_in()
        await b.press("1", "1")
        await b.until(lambda: "Ça n'a pas marché." in b.text(), "the trouble")
        assert "plein" in b.text()
        await b.press("1")
        await b.until(lambda: b.app.desk.visit.machine_read, "read at last")


async def test_a_printer_out_of_paper_keeps_the_label_for_later() -> None:
    port = FakePort(prints=False, found=[STICK])
    async with bench(port, ERASE) as b:
        await b.to_erase()
        await b.press("1")
        await b.at("LookPage")
        await b.press("1", "1")
        await b.at("GradePage")
        await b.press("1")
        await b.until(lambda: "plus de papier" in b.text(), "the refusal")
        assert b.name == "LabelPage" and "Imprimer plus tard" in b.text()
        await b.press("1")
        await b.until(lambda: len(port.calls("print_label")) == 2, "once more")
        await b.press("2")
        await b.at("DonePage")
        assert b.app.desk.visit.outcome is VisitOutcome.LABEL_LATER


@pytest.mark.long
async def test_without_a_printer_nothing_is_to_be_stuck() -> None:
    port = FakePort(printer=None, found=[STICK])
    async with bench(port, ERASE) as b:
        await b.to_erase()
        await b.press("1", "1", "1", "1")
        await b.at("LabelPage")
        text = b.text()
        assert "L'étiquette viendra plus tard." in text and ASSET in text
        assert "Imprimer" not in text and "Collez" not in text
        await b.press("escape")
        await b.at("GradePage")
        await b.press("1", "1")
        await b.at("DonePage")
        assert b.app.desk.visit.outcome is VisitOutcome.LABEL_LATER
        assert not port.calls("print_label") and not b.app.desk.visit.printed


async def test_a_label_that_came_out_and_was_not_scanned_is_not_missing() -> None:
    async with bench(FakePort(found=[STICK]), ERASE) as b:
        await b.to_erase()
        await b.press("1", "1", "1", "1")
        await b.at("StickPage")
        await b.press("down", "down", "enter")
        await b.at("DonePage")
        assert b.app.desk.visit.outcome is VisitOutcome.READY
        assert not b.app.desk.visit.label_checked and "manque" not in b.text()


async def test_the_wrong_label_is_not_taken() -> None:
    async with bench(FakePort(found=[STICK]), ERASE) as b:
        await b.to_erase()
        await b.press("1", "1", "1", "1")
        await b.at("StickPage")
        await b.scan("RC26-009999-1")
        assert b.name == "StickPage" and "pas l'étiquette de ce PC" in b.text()


async def test_help_language_and_leaving() -> None:
    async with bench() as b:
        await b.sign_in()
        await b.press("f1")
        assert "Chaque PC a un numéro" in b.text()
        await b.press("f2", "2")
        assert "Each PC has a number" in b.text()
        await b.press("escape", "escape")
        await b.at("HelloPage")
        await b.press("escape", "enter")
        await b.at("HelloPage")
        await b.press("escape", "2")
        await b.until(lambda: b.app.return_code == 0, "left")


ANY = ("x", "1", "enter", "space", "escape", "tab", "up", "f1", "f2", "f5", "f6", "f9", "ctrl+c")


@pytest.mark.long
@pytest.mark.parametrize("key", ANY)
async def test_any_key_stops_the_countdown_also_one_that_means_something_everywhere(
    key: str,
) -> None:
    """Help, the supervisor's call or the question of leaving lay over it, and it ran on."""
    async with bench(FakePort(), ERASE, countdown_s=60) as b:
        await b.to_confirm()
        await b.press("8", "f", "3", "k", "f8")
        await b.at("CountdownPage")
        await b.burst(key)
        assert b.app.desk.visit.stage is Stage.CHOOSE and not b.app.desk.covered
        assert b.name == "ReviewPage" and not b.port.calls("start_erase")


@pytest.mark.long
async def test_a_countdown_that_cannot_be_seen_is_stopped_by_any_key() -> None:
    """Elsewhere a window too small takes no keys: nobody chooses what is not shown."""
    async with bench(FakePort(), ERASE, countdown_s=60) as b:
        await b.to_confirm()
        await b.press("8", "f", "3", "k", "f8")
        await b.at("CountdownPage")
        await b.pilot.resize_terminal(60, 20)
        await b.heard()
        await b.burst("x")
        assert b.app.desk.visit.stage is Stage.CHOOSE and not b.port.calls("start_erase")
