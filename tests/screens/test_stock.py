"""Lots and departures by keyboard, on a real log: what a supervisor does beside the review."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from bench.guide.supervision import FindingKey
from bench.records import log, persons
from bench.setup.settings import Settings
from bench.workbench.review import ReviewDesk
from bench.workbench.stock import StockDesk
from tests import forge
from tests.screens.driver import Bench, bench
from tests.screens.glyphs import SAFE
from tests.screens.test_day import enter, write
from tests.unit.documents.recorded import ASSETS, LOT, FixedClock, record

GOOD, LEFT, _ = ASSETS


@pytest.fixture
def records(tmp_path: Path) -> log.Log:
    record(tmp_path / "data")
    return log.open_bench(tmp_path / "data", FixedClock(), forge.Noise("s"))


def supervised(records: log.Log, tmp_path: Path) -> ReviewDesk:
    stock = partial(
        StockDesk, records, Settings(workshop="Atelier des Weppes"), tmp_path / "papers"
    )
    desk = ReviewDesk(records, tmp_path / "out", stock=stock)
    desk.choose_pin("481516")
    return desk


async def go_to(b: Bench, text: str) -> None:
    """Down the list to the line with this text, and open it."""
    while b.page.at > 0:
        await b.press("up")
    for _ in range(60):
        line = next((row for row in b.rows() if row.strip().startswith("→")), "")
        if text in line:
            await b.press("enter")
            return
        await b.press("down")
    raise AssertionError(b.text())


async def stock(b: Bench) -> None:
    await enter(b)
    await b.at("DayPage")
    await b.press("4")
    await b.at("StockPage")


@pytest.mark.long  # the whole way of a lot
async def test_a_lot_is_opened_received_closed_and_its_pack_printed(
    records: log.Log, tmp_path: Path
) -> None:
    async with bench(supervision=supervised(records, tmp_path)) as b:
        await stock(b)
        assert not {one for one in b.text() if one not in SAFE and one != "\n"}
        await go_to(b, "Nouveau lot")
        await b.press("3")  # a new donor
        await go_to(b, "association")
        await write(b, "Emmaus Lille")
        await b.press("down", "enter")  # no number
        await write(b, "2")
        await b.at("StockPage")
        lot = "L26-1-001"
        assert f"Le lot {lot} est ouvert, pour Emmaus Lille." in b.text()
        await go_to(b, lot)
        await b.press("2")  # received
        await write(b, "2")
        await b.at("StockPage")
        for asset in (GOOD, LEFT):
            await go_to(b, lot)
            await b.press("3")
            await write(b, asset)
            await b.at("StockPage")
        await go_to(b, lot)
        await b.press("5")  # close
        await b.at("StockPage")
        assert "ne peut pas être clos" in b.text() and LEFT in b.text()

        await go_to(b, "Une machine")
        await b.at("CodePage")
        await write(b, GOOD)
        await b.at("FindingPage")
        assert "ThinkPad T480" in b.text()
        await b.press("2")
        await go_to(b, "réemploi")
        await b.at("StockPage")
        assert f"{GOOD} : réemploi." in b.text()
    assert [person.fields["name"] for person in persons.everyone(records.store)] == ["Emmaus Lille"]


@pytest.mark.long
async def test_a_machine_is_scanned_and_handed_over_with_its_paper(
    records: log.Log, tmp_path: Path
) -> None:
    async with bench(supervision=supervised(records, tmp_path)) as b:
        await stock(b)
        await b.scan(GOOD)
        await b.at("FindingPage")
        await b.press("3")
        await b.press("down", "enter")  # free
        await write(b, "Ali")
        await b.at("StockPage")
        assert "Le papier est dans" in b.text()
        assert (tmp_path / "papers" / f"handover-{GOOD}.pdf").is_file()
        await b.scan(GOOD)
        await b.at("FindingPage")
        assert "remise" in b.text()
        await b.press("2")
        await write(b, "revenue")
        await b.at("StockPage")
        assert "est reprise" in b.text()
        await b.scan(LEFT)
        await b.at("FindingPage")
        await b.press("3")
        await b.press("down", "enter")
        await b.press("down", "enter")
        await b.at("StockPage")
        assert "n'est pas prouvé" in b.text()
        await b.scan("RC26-999999-1")
        assert b.name == "StockPage" and "RC26-999999-7" in b.text()  # the likely right one


@pytest.mark.long
async def test_hours_are_noted_and_nothing_is_done_for_who_did_not_enter(
    records: log.Log, tmp_path: Path
) -> None:
    desk = supervised(records, tmp_path)
    assert desk.stock is not None
    assert not desk.stock.act(FindingKey("lot", LOT), "close", ()).ok
    async with bench(supervision=desk) as b:
        await stock(b)
        await go_to(b, "Noter")
        await b.press("3")
        await go_to(b, "essais")
        await write(b, "90")
        await b.at("StockPage")
        assert "Noté : 90 minutes" in b.text()
    ((minutes,),) = records.store.query("SELECT minutes FROM hours WHERE step = 'checks'")
    assert minutes == 90
