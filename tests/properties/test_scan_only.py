"""By codes alone: a whole visit with the card; no erasure that the disk's own code did not ask."""

from __future__ import annotations

import os
import random

import pytest
from msgspec.structs import replace

from bench.guide.visit import Stage, VisitOutcome
from bench.screens.erase.confirm import QUIET_S
from bench.words.catalogue import choose
from tests.screens.fake_port import SAMSUNG, STICK
from tests.slips.laboratory import KEPT
from tests.slips.people import MINE, finished
from tests.slips.scanning import CARD, MY_DISK, OTHER_DISK, ScanOnly, Strewn
from tests.slips.simulated import Screens, SlipPort

ENOUGH = 120


def screens_of(port: SlipPort, seed: int, patch: pytest.MonkeyPatch) -> Screens:
    return Screens(port, random.Random(seed), patch)


def to_page(screens: Screens, name: str) -> None:
    person = ScanOnly(screens)
    for _ in range(ENOUGH):
        if screens.name == name:
            return
        person.act()
    raise AssertionError(f"no {name}: {screens.pages}")


@pytest.mark.parametrize("seed", range(3))
def test_the_whole_visit_by_scans_alone(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    port = SlipPort(found=[SAMSUNG, STICK], percent_a_look=20)
    screens = screens_of(port, seed, monkeypatch)
    typed: list[str] = []
    scan = screens.scan

    def scanning(text: str, *, enter: bool = True) -> None:
        typed.append(text)
        scan(text, enter=enter)

    monkeypatch.setattr(screens, "scan", scanning)
    person = ScanOnly(screens)
    for _ in range(ENOUGH):
        if finished(screens):
            break
        person.act()
    choose(None)
    assert finished(screens), f"{screens.pages}\n{screens.view()}"
    assert screens.desk.visit.outcome is VisitOutcome.READY and screens.desk.visit.label_checked
    assert screens.keys == sum(len(text) + 1 for text in typed)  # nothing but scans
    assert len(port.calls("start_erase")) == 1
    print(len(typed), "scans")


SESSIONS = 120 if os.environ.get("CI") else 12
PARTS = 4


@pytest.mark.parametrize("part", range(PARTS))
def test_no_codes_but_the_disks_own_reach_an_erasure(part: int) -> None:
    """The card's, a badge's, labels', another disk's: however often and wherever they are read."""
    reached: set[str] = set()
    each = SESSIONS // PARTS
    for seed in range(part * each, part * each + each):
        with pytest.MonkeyPatch.context() as patch:
            port = SlipPort(found=[SAMSUNG, *([KEPT] if seed % 3 == 0 else []), STICK])
            screens = screens_of(port, seed, patch)
            strewn = Strewn(screens, screens.draw)
            if seed % 2:
                to_page(screens, "ConfirmPage" if seed % 3 else "TrayPage")
            for _ in range(60):
                strewn.act()
                if screens.left:
                    screens.left = False
                    screens.start()
                stage = screens.desk.visit.stage
                keys = {given.key for given in screens.desk.visit.confirmed}
                assert SAMSUNG.key not in keys and stage in (Stage.CHOOSE, Stage.CONFIRM)
            reached |= set(screens.pages)
            assert not port.calls("start_erase")
        choose(None)
    assert "ConfirmPage" in reached


@pytest.mark.long
@pytest.mark.parametrize("gap", [0.05, 0.5, 1.0, 2.0, 3.0, QUIET_S - 0.5])
def test_a_disk_left_under_the_scanner_is_read_and_read_and_never_erased(
    gap: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = SlipPort(found=[SAMSUNG, STICK])
    screens = screens_of(port, 1, monkeypatch)
    to_page(screens, "ConfirmPage")
    for _ in range(60):
        screens.scan(MY_DISK)
        screens.wait(max(0.0, gap - 0.5))  # a scan takes half a second here
    assert not port.calls("start_erase") and screens.desk.visit.stage is Stage.CONFIRM
    choose(None)


@pytest.mark.long
@pytest.mark.parametrize("code", [*CARD, OTHER_DISK, "OP-NADIA", "RC26-004217-7"])
def test_no_other_code_stands_for_f8(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = SlipPort(found=[SAMSUNG, STICK])
    screens = screens_of(port, 1, monkeypatch)
    to_page(screens, "ReadyPage")
    for _ in range(4):
        screens.wait(QUIET_S + 1)
        screens.scan(code)
    assert screens.desk.visit.stage in (Stage.CHOOSE, Stage.CONFIRM)
    assert not port.calls("start_erase")
    choose(None)


@pytest.mark.parametrize("code", [MY_DISK, "ACT-GO-ON", "ACT-BACK", "ACT-ENTER"])
def test_any_scan_stops_the_countdown(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    port = SlipPort(found=[SAMSUNG, STICK])
    screens = screens_of(port, 1, monkeypatch)
    to_page(screens, "ReadyPage")
    screens.wait(QUIET_S + 1)
    screens.scan(MY_DISK)
    assert screens.name == "CountdownPage"
    screens.scan(code)
    screens.wait(8)
    assert screens.desk.visit.stage is Stage.CHOOSE and not port.calls("start_erase")
    choose(None)


@pytest.mark.parametrize("code", [MINE, f"OP-{MINE}"])
def test_a_code_too_short_to_be_a_disks_stands_for_no_f8(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = SlipPort(found=[SAMSUNG, STICK])
    screens = screens_of(port, 1, monkeypatch)
    to_page(screens, "ConfirmPage")
    for _ in range(3):
        screens.scan(code)
        screens.wait(QUIET_S + 1)
    assert screens.name == "ReadyPage" and not port.calls("start_erase")
    choose(None)


def test_who_typed_or_erases_several_presses_f8(monkeypatch: pytest.MonkeyPatch) -> None:
    port = SlipPort(found=[SAMSUNG, STICK])
    screens = screens_of(port, 1, monkeypatch)
    to_page(screens, "ConfirmPage")
    for key in MINE:
        screens.press(key)
    screens.wait(1)
    assert screens.name == "ReadyPage"
    screens.wait(QUIET_S + 1)
    screens.scan(MY_DISK)
    assert screens.name == "ReadyPage"
    assert "scannez encore" not in str(screens.view().lines)
    screens.press("f8")
    assert screens.desk.visit.stage is Stage.COUNTDOWN
    choose(None)


def test_digits_of_the_card_type_no_number() -> None:
    """A disk whose number is digits alone, of which the card has all."""
    with pytest.MonkeyPatch.context() as patch:
        disk = replace(SAMSUNG, key="D:1", serial_tail="1234", confirm="1234")
        port = SlipPort(found=[disk, STICK])
        screens = screens_of(port, 1, patch)
        to_page(screens, "ConfirmPage")
        for digit in "12341234":
            screens.wait(3)
            screens.scan(f"ACT-CHOICE-{digit}")
        assert screens.name == "ConfirmPage" and not screens.view().field.text  # type: ignore[union-attr]
    choose(None)
