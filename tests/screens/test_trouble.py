"""Walks that went wrong by hand once: a slip, a disk in trouble, and the way on from there."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from bench.guide.flow import advance, can_go_on
from bench.guide.happenings import DisksSeen
from bench.guide.visit import Fate, Subject, Visit, VisitStep, settled
from tests.screens.cases import CASES
from tests.screens.driver import CHECKS, ERASE, bench
from tests.screens.fake_port import SAMSUNG, STICK, FakePort, many


async def test_a_wrong_code_is_typed_again_from_its_beginning() -> None:
    async with bench(FakePort(), ERASE, countdown_s=60) as b:
        await b.to_confirm()
        await b.press("a", "b", "c", "d")
        assert "Tapez-le encore." in b.text()
        await b.press("8")
        assert "[ 8 _ _ _ ]" in b.text()
        await b.press("f", "3", "k")
        await b.at("ReadyPage")


@pytest.mark.long
async def test_a_stray_key_before_the_code_does_not_shift_it_for_ever() -> None:
    async with bench(FakePort(), ERASE, countdown_s=60) as b:
        await b.to_confirm()
        await b.press("x", "8", "f", "3", "k")
        await b.at("ReadyPage")
    async with bench(FakePort(), ERASE, countdown_s=60) as b:
        await b.to_confirm()
        await b.press("8", "f", "3", "x", "k")  # four keys, not in a row
        assert b.name == "ConfirmPage" and "[ K _ _ _ ]" in b.text()


async def test_the_last_letter_can_still_be_taken_back() -> None:
    async with bench(FakePort(), ERASE, countdown_s=60) as b:
        await b.to_confirm()
        await b.press("8", "f", "3", "x", "backspace", "k")
        await b.at("ReadyPage")


@pytest.mark.long
async def test_a_disk_that_is_gone_is_named_by_its_number() -> None:
    """A PC may hold several that look alike, and one that is not seen shows no facts."""
    two = many(2)
    port = FakePort(found=[*two, STICK])
    async with bench(port, ERASE) as b:
        await b.to_erase()
        await b.at("TrayPage")
        port.found = [two[0], STICK]
        await b.tick()
        b.clock.ahead += 5
        await b.tick()
        await b.press("down", "enter")
        await b.at("GonePage")
        assert "…1001" in b.text()


async def test_the_number_before_a_disk_ticks_it() -> None:
    async with bench(FakePort(found=[*many(3), STICK]), ERASE) as b:
        await b.at("TrayPage")
        await b.press("2")
        assert "→ 2 [x]" in b.text()
        await b.press("é")  # 2 without Shift
        assert "→ 2 [ ]" in b.text()
        await b.press("9")
        assert "→ 2 [ ]" in b.text()


async def test_with_more_disks_than_digits_the_arrows_are_named() -> None:
    async with bench(FakePort(found=many(12)), ERASE) as b:
        await b.at("TrayPage")
        await b.press("1")
        assert "Utilisez les flèches." in b.text()
        assert "[x]" not in b.text()


@pytest.mark.long
async def test_among_three_disks_the_one_to_take_out_is_named() -> None:
    port = FakePort(found=[*many(3), STICK], ends_with="failed", percent_a_look=100)
    async with bench(port, ERASE) as b:
        await b.at("TrayPage")
        await b.press("2", "tab", "enter")
        await b.at("ConfirmPage")
        await b.press("1", "0", "0", "1", "f8")
        await b.until(lambda: bool(port.calls("start_erase")), "the start")
        await b.tick()
        await b.at("TrayPage")
        await b.until(lambda: "à retirer" in b.text(), "the failure")
        await b.press("up", "up", "up", "up", "down", "enter")
        await b.at("FailedPage")
        assert "…1001" in b.text()


@pytest.mark.long
@pytest.mark.parametrize("case", ["locked", "raid", "mounted", "swap", "root"])
async def test_a_disk_that_may_not_be_erased_says_so_and_leads_to_somebody(case: str) -> None:
    """Above all the disk of `/`: a PC that runs from its own disk is no PC without a disk."""
    async with bench(FakePort(found=[CASES[case](), STICK]), ERASE) as b:
        await b.at("RefusedPage")
        assert "1  Appeler l'encadrant" in b.text()
        for hand in CASES[case]().advice:
            assert hand in b.text()
        assert not can_go_on(b.app.desk.visit)
        await b.press("1")
        await b.at("CallPage")


@pytest.mark.parametrize("case", ["frozen", "usb"])
async def test_why_a_disk_is_only_overwritten(case: str) -> None:
    async with bench(FakePort(found=[CASES[case](), STICK]), ERASE) as b:
        await b.at("ReviewPage")
        assert CASES[case]().notes[0] in b.text()  # the page has room for the first


async def test_a_disk_without_number_asks_for_a_shown_code() -> None:
    one = CASES["no_serial"]()
    async with bench(FakePort(found=[one, STICK]), ERASE) as b:
        await b.to_confirm()
        assert f"Tapez ce code : {one.confirm}" in b.text()


def test_the_disk_we_run_from_is_in_the_way_of_its_own_pc_only() -> None:
    root = CASES["root"]()
    assert root.ours and root.built_in and not STICK.built_in
    pc = advance(Visit(step=VisitStep.ERASE), DisksSeen((root, STICK), True))
    assert not settled(pc) and [one.ours for one in pc.disks or ()] == [False, True]
    again = advance(pc, DisksSeen((root, STICK), True))
    assert again == pc
    tray = advance(Visit(step=VisitStep.ERASE, subject=Subject.DISKS), DisksSeen((root,), True))
    assert settled(tray) and all(one.fate is Fate.PENDING for one in tray.disks or ())
    assert SAMSUNG.allowed  # the one that may be erased is none of these


async def test_while_the_keyboard_is_tried_no_key_is_promised() -> None:
    """Its driver holds the keyboard: F9 reaches nobody, and Escape only counts three times."""
    start = replace(CHECKS, check_ids=("sound", "wifi", "pixels", "hinge", "keys"), check_at=4)
    async with bench(FakePort(), start) as b:
        await b.until(lambda: "3 touches sur 84" in b.text(), "the progress")
        for promised in ("F9", "F1", "Pour arrêter"):
            assert promised not in b.text()
        await b.press("escape")
        await b.until(lambda: "1  Continuer" in b.text(), "the outcome")
        assert "F9 : encadrant" in b.text()
