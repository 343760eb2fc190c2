"""Finding a machine by keyboard or scanner, and reading its history, on a real log."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.records import log
from bench.screens.kit.wrapped import columns
from bench.screens.review.find import FindPage
from bench.screens.review.history import HistoryPage
from bench.workbench.review import ReviewDesk
from tests import forge
from tests.screens.driver import Bench, bench
from tests.screens.test_day import arrive, enter

HOSTILE = "S\x1b[2J\u202e\n" + "漢" * 500


@pytest.fixture
def records(tmp_path: Path) -> log.Log:
    return log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")


def desk_of(records: log.Log, folder: Path) -> ReviewDesk:
    desk = ReviewDesk(records, folder / "out")
    desk.choose_pin("481516")
    return desk


async def to_find(b: Bench) -> None:
    await enter(b)
    await b.at("DayPage")
    await b.press("4")
    await b.at("FindPage")
    await answered(b)


async def answered(b: Bench) -> FindPage:
    page = b.page
    assert isinstance(page, FindPage)
    await b.until(lambda: page.found is not None and page.answered == page.text, "the answer")
    await b.settle()
    return page


async def typed(b: Bench, text: str) -> FindPage:
    await b.press(*("space" if letter == " " else letter for letter in text))
    return await answered(b)


@pytest.mark.long
async def test_the_list_narrows_with_each_key_and_comes_back_as_it_was(
    records: log.Log, tmp_path: Path
) -> None:
    for number in range(30):
        arrive(records, f"RC26-{number:06}-7", f"PF{number:04}X{number % 3}")
    arrive(records, "RC26-000100-7", "ZZ4711")
    async with bench(supervision=desk_of(records, tmp_path)) as b:
        await to_find(b)
        assert "Et 23 autres" in b.text()
        page = await typed(b, "x2")
        assert page.found is not None and page.found.count == 10 and "Et 2 autres" in b.text()
        await b.press("down", "down")
        line = next(row for row in b.rows() if row.strip().startswith("→"))
        await b.press("enter")
        await b.at("HistoryPage")
        await b.until(lambda: "La machine arrive" in b.text(), "the history")
        asset = line.split()[2]
        assert asset in b.text() and "Disques : 1, effacés : 0." in b.text()
        await b.press("escape")
        assert b.page is page and page.text == "x2" and line in b.rows()
        await b.press("backspace", "backspace")
        page = await typed(b, "4711")
        assert page.found is not None and page.found.count == 1
        await typed(b, " rien")
        assert "Aucune machine ne correspond." in b.text()
        await b.press("enter")
        assert b.page is page
        await b.press("escape")
        await b.at("DayPage")


@pytest.mark.long
async def test_a_scanned_label_opens_its_machine(records: log.Log, tmp_path: Path) -> None:
    for number in range(3):
        arrive(records, f"RC26-00421{number}-7", f"S{number}")
    async with bench(supervision=desk_of(records, tmp_path)) as b:
        await to_find(b)
        await b.scan("RC26-004211-7")
        await b.at("HistoryPage")
        await b.until(lambda: "RC26-004211-7" in b.text(), "the machine")
        await b.press("escape")
        await b.at("FindPage")
        await b.scan("9999999999")
        await answered(b)
        assert "Aucune machine ne correspond." in b.text()


@pytest.mark.long
async def test_a_long_history_is_turned_by_the_page_keys(records: log.Log, tmp_path: Path) -> None:
    device = arrive(records, "A1", "S1")
    for number in range(60):
        told = {"test": f"essai{number:02}", "outcome": "passed"}
        records.append("test.done", told, device=device, operator="NAD")
    async with bench(supervision=desk_of(records, tmp_path)) as b:
        await to_find(b)
        await b.press("enter")
        await b.at("HistoryPage")
        await b.until(lambda: "essai59" in b.text(), "the latest")
        seen: set[str] = set()
        for _ in range(8):
            seen |= {f"essai{n:02}" for n in range(60) if f"essai{n:02}" in b.text()}
            await b.press("pagedown")
        assert len(seen) == 60 and "La machine arrive" in b.text()
        await b.press("home")
        assert "essai59" in b.text() and "NAD" in b.text()
        await b.press("down")
        assert "essai59" not in b.text()
        await b.press("pageup", "end")
        assert "La machine arrive" in b.text() and "Revenir à la liste" in b.text()


@pytest.mark.long
async def test_hostile_words_break_no_line(records: log.Log, tmp_path: Path) -> None:
    device = arrive(records, HOSTILE[:150], HOSTILE)
    data = {"field": "model", "value": HOSTILE, "reason": HOSTILE * 3}
    records.append("correction", data, device=device, operator="漢" * 20)
    records.append("test.done", {"test": "a\x1b[31mb", "outcome": "c\x9bd"}, device=device)
    async with bench(supervision=desk_of(records, tmp_path)) as b:
        await to_find(b)
        shown = b.text()
        assert "\x1b" not in shown and "\u202e" not in shown and "Revenir à la journée" in shown
        await typed(b, "漢漢")
        await b.press("enter")
        await b.at("HistoryPage")
        page = b.page
        assert isinstance(page, HistoryPage)
        await b.until(lambda: page.story is not None, "the history")
        await b.settle()
        assert all(columns(line) <= 76 for line in page.lines)
        assert "Revenir à la liste" in b.text() and "\x1b" not in b.text()
