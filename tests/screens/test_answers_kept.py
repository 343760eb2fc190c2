"""Going back shows what was answered; going on again keeps it, and nothing is run anew."""

from __future__ import annotations

import pytest

from bench.guide.shown import CheckMark
from bench.guide.visit import Answer, Visit
from tests.screens.driver import Bench, bench
from tests.screens.fake_port import FakePort

SHOWN = {  # by check: the page, and what it says of the answer given in `through_the_tests`
    "keys": ("AutoPage", "Déjà essayé. Ça ne marche pas."),
    "hinge": ("AskPage", "Votre réponse : Oui"),
    "pixels": ("ColoursPage", "Votre réponse : Oui"),
    "wifi": ("AutoPage", "Déjà essayé. Ça marche."),
    "sound": ("AskPage", "Votre réponse : Oui"),
}


def answers(visit: Visit) -> set[Answer]:
    return {*visit.checks, *visit.looks}


async def back_through_the_tests(b: Bench) -> None:
    for name, said in SHOWN.values():
        await b.press("escape")
        await b.at(name)
        assert said in b.text(), b.text()


@pytest.mark.long
async def test_three_times_back_and_forward_lose_no_answer() -> None:
    port = FakePort()
    async with bench(port) as b:
        await b.through_the_tests()
        await b.at("ReviewPage")
        given = answers(b.app.desk.visit)
        told = [call for call in port.log if call[0] in ("answer_check", "run_check")]
        assert {one.value for one in given} == {"passed", "failed"}
        for key in ("enter", "1", "space"):
            await back_through_the_tests(b)
            await b.press(*[key] * len(SHOWN))
            await b.at("ReviewPage")
            assert answers(b.app.desk.visit) == given
        assert told == [call for call in port.log if call[0] in ("answer_check", "run_check")]


@pytest.mark.long
async def test_an_answer_is_changed_only_by_another_one() -> None:
    port = FakePort()
    async with bench(port) as b:
        await b.through_the_tests()
        await b.press("escape", "escape")
        assert "L'écran tient-il ouvert tout seul ?" in b.text()
        await b.press("2")
        assert "Votre réponse" not in b.text() and "3  Je ne sais pas" in b.text()
        await b.press("escape")  # asked anew, and left without an answer
        await b.at("ColoursPage")
        await b.press("enter")
        await b.at("AskPage")
        assert "Votre réponse : Oui" in b.text()
        await b.press("2", "2")
        await b.at("AutoPage")
        assert port.calls("answer_check")[-1] == ("answer_check", "hinge", CheckMark.FAILED)
        await b.press("escape")
        assert "Votre réponse : Non" in b.text()


@pytest.mark.long
async def test_back_to_bonjour_and_another_worker_goes_on_with_every_answer() -> None:
    async with bench() as b:
        await b.through_the_tests()
        given = answers(b.app.desk.visit)
        asset = b.app.desk.visit.asset
        await b.press(*["escape"] * (len(SHOWN) + 2))
        await b.at("NumberPage")
        assert "Avec un autre numéro, les essais sont à refaire." in b.text()
        await b.press("escape")
        await b.at("ArrivalPage")
        await b.press("escape")
        await b.at("HelloPage")
        await b.sign_in()
        assert f"→ 1  Garder {asset}" in b.text()  # Enter gives this PC no second number
        await b.press("enter", "1")
        await b.at("MachinePage")
        await b.until(lambda: bool(b.page.view().choices), "read")
        await b.press("1", *["enter"] * len(SHOWN))
        await b.at("ReviewPage")
        assert answers(b.app.desk.visit) == given


@pytest.mark.long
async def test_marks_of_the_look_are_shown_and_kept() -> None:
    async with bench() as b:
        await b.through_the_tests()
        await b.to_progress()
        await b.tick()
        await b.tick()
        await b.at("ErasedPage")
        await b.press("1", "3", "2")
        await b.at("GradePage")
        given = answers(b.app.desk.visit)
        for _ in range(3):
            await b.press("escape")
            assert "Votre réponse : Petites traces" in b.text(), b.text()
            await b.press("escape")
            assert "Votre réponse : Quelques rayures" in b.text()
            await b.press("enter", "enter")
            await b.at("GradePage")
            assert answers(b.app.desk.visit) == given
