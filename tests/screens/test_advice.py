"""What the network knows of a model, at the screens: read before the checks, with who says it."""

from __future__ import annotations

from bench.guide.shown import Advice, KnownBy, Returning
from bench.guide.visit import VisitStep
from tests.screens.driver import bench
from tests.screens.fake_port import FakePort

PILE = Advice("Enlève la petite pile avant d'ouvrir.", "Réseau du Nord", "12/03/2026")
HINGE = Advice("Charnières fragiles : ouvre doucement.", "Réseau du Nord", "13/03/2026")
PC = Returning("d1", "RC26-000031-K", "2026-03-12", "LENOVO ThinkPad T480", KnownBy.SERIAL)


async def test_most_models_say_nothing() -> None:
    async with bench() as b:
        await b.to_machine()
        await b.press("1")
        await b.until(lambda: b.app.desk.visit.step is VisitStep.CHECKS, "the checks")


async def test_each_advice_is_read_then_the_visit_goes_on() -> None:
    async with bench(FakePort(advised=[PILE, HINGE])) as b:
        await b.to_machine()
        await b.press("1")
        await b.at("AdvicePage")
        for word in (PILE.text, "D'après", PILE.source, PILE.day):
            assert word in b.text()
        assert HINGE.text not in b.text()
        await b.press("1")
        await b.until(lambda: HINGE.text in b.text())
        assert b.app.desk.visit.step is VisitStep.MACHINE
        await b.press("1")
        await b.until(lambda: b.app.desk.visit.step is VisitStep.CHECKS, "the checks")


async def test_then_it_is_asked_whether_the_pc_came_before() -> None:
    async with bench(FakePort(advised=[PILE], before=[PC])) as b:
        await b.to_machine()
        await b.press("1")
        await b.at("AdvicePage")
        await b.press("1")
        await b.at("ReturningPage")


async def test_escape_leads_back_to_the_machine() -> None:
    async with bench(FakePort(advised=[PILE])) as b:
        await b.to_machine()
        await b.press("1")
        await b.at("AdvicePage")
        await b.press("escape")
        await b.at("MachinePage")
        await b.press("1")
        await b.at("AdvicePage")
