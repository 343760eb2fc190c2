"""Who works, at the screens, with the real people of a bench and its record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.events import Paste

from bench.guide.visit import Visit, VisitStep, decode
from bench.records import log
from bench.records.day import pin
from bench.setup.settings import Operator, Settings
from bench.words.catalogue import say
from bench.workbench.people import PeopleDesk
from bench.workbench.review import ReviewDesk
from tests import forge
from tests.screens.driver import Bench, bench
from tests.screens.fake_port import ASSET, FakePort

CODE = "481516"
NADIA = Operator("NAD", "Nadia")
WRONG = (ASSET, "4006381333931", "https://etabli.example/m/1", "A" * 4000, "5CD1234XYZ", "ACT-OK")


@pytest.fixture
def records(tmp_path: Path) -> log.Log:
    return log.open_bench(tmp_path / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")


@asynccontextmanager
async def hello(records: log.Log, *operators: Operator) -> AsyncIterator[Bench]:
    """The first page of a bench where those are listed."""
    port = FakePort()
    port.people = PeopleDesk(records, Settings(operators=operators))
    desk = ReviewDesk(records, records.store.path.parent / "out")
    async with bench(port, supervision=desk) as b:
        await b.at("HelloPage")
        yield b


async def scan(b: Bench, text: str) -> None:
    """What is long comes as a terminal pastes it: 4,000 keys one by one take a minute."""
    if len(text) < 100:
        return await b.scan(text)
    b.clock.ahead += 1
    b.app.post_message(Paste(f"{text}\n"))
    await b.settle()


def who(b: Bench) -> str | None:
    return b.app.desk.visit.operator


@pytest.mark.long
@pytest.mark.parametrize("operators", [(), (NADIA,)], ids=["nobody", "somebody"])
async def test_what_is_no_badge_is_refused_and_nothing_moves(
    records: log.Log, operators: tuple[Operator, ...]
) -> None:
    async with hello(records, *operators) as b:
        for text in WRONG:
            await scan(b, text)
            word = "planche" if text.startswith("ACT-") else "badge."
            assert b.name == "HelloPage" and word in b.page.notice, text[:20]
        assert not b.app.desk.covered and who(b) is None
        assert decode(b.port.saved) == Visit()
        if operators:  # where a code is typed as well
            await b.press("2")
            await b.at("TypeCodePage")
            for text in WRONG:
                await scan(b, text)
                assert b.name == "TypeCodePage" and not b.page.text, text[:20]
        else:  # and where a name is
            await b.press("1")
            await b.at("NamePage")
            await b.press("l", "o")
            for text in WRONG:
                await scan(b, text)
                assert b.name == "NamePage" and b.page.text == "Lo", text[:20]


async def test_two_is_nobody(records: log.Log) -> None:
    """Seen at a bench: 2 and Enter made a person called « 2 »."""
    async with hello(records) as b:
        await b.press("2", "enter")
        assert b.name == "HelloPage" and who(b) is None
    async with hello(records, NADIA) as b:
        await b.press("2")
        await b.at("TypeCodePage")
        await b.press("2", "enter")
        assert b.name == "TypeCodePage" and "Je ne connais pas ce code." in b.text()
        assert who(b) is None and not b.page.text


async def test_a_name_is_taken_by_its_number(records: log.Log) -> None:
    async with hello(records, NADIA, Operator("K-1", "Karim")) as b:
        assert "1  Nadia" in b.text() and "2  Karim" in b.text()
        await b.press("enter")
        assert b.name == "HelloPage" and who(b) is None  # an Enter too much is nobody
        await b.press("2")
        await b.at("ArrivalPage")
        assert who(b) == "K-1" and "Bonjour Karim" in b.text()


@pytest.mark.long
async def test_many_people_are_a_list_of_their_own(records: log.Log) -> None:
    names = [f"Prénom {letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    async with hello(records, *(Operator(f"P-{name[-1]}", name) for name in names)) as b:
        await b.press("1")
        await b.at("NamesPage")
        await b.press(*["down"] * 24, "enter")
        await b.at("ArrivalPage")
        assert who(b) == "P-Y"


@pytest.mark.long
async def test_a_new_badge_is_asked_for_a_name_once(records: log.Log) -> None:
    async with hello(records) as b:
        await b.scan("OP-7F3K")
        await b.at("UnknownPage")
        assert "OP-7F3K" in b.text() and "nouvelle personne" in b.text()
        await b.press("enter")  # « Non, revenir » is in focus
        assert b.name == "HelloPage" and who(b) is None
        await b.scan("OP-7F3K")
        await b.press("2")
        await b.at("NamePage")
        await b.press("s", "a", "m", "i", "enter")
        await b.at("ArrivalPage")
        assert (who(b), "Bonjour Sami" in b.text()) == ("OP-7F3K", True)
        await b.press("escape")
        await b.at("HelloPage")
        await b.until(lambda: "1  Sami" in b.text(), "the new person in the list")
        await b.scan("OP-7F3K")
        await b.at("ArrivalPage")


async def test_another_scan_answers_the_question_of_the_first(records: log.Log) -> None:
    async with hello(records, NADIA) as b:
        await b.scan("OP-7F3K")
        await b.at("UnknownPage")
        await b.scan("4006381333931")
        assert b.name == "HelloPage" and "code d'un produit" in b.page.notice
        await b.scan("OP-7F3K")
        await b.at("UnknownPage")
        await b.press("escape")
        await b.scan("NADI")
        await b.at("UnknownPage")
        await b.burst(*"NAD")
        await b.press("escape")
        assert b.name == "HelloPage" and who(b) is None


async def test_a_new_person_without_badge_types_a_name(records: log.Log) -> None:
    async with hello(records, NADIA) as b:
        await b.press(*"lou", "enter")
        await b.at("UnknownPage")
        await b.press("2")
        await b.at("NamePage")
        assert b.page.text == "Lou"
        await b.press("enter")
        await b.at("ArrivalPage")
        assert "Bonjour Lou" in b.text() and (who(b) or "").startswith("OP-")


async def test_a_name_that_is_listed_is_not_listed_twice(records: log.Log) -> None:
    async with hello(records, NADIA) as b:
        await b.press("3")
        await b.at("NamePage")
        await b.press(*"nadia", "enter")
        assert b.name == "NamePage" and "déjà dans la liste" in b.page.notice
        await b.press("space", "b", "enter")
        await b.at("ArrivalPage")
        assert "Bonjour Nadia B" in b.text()


@pytest.mark.long
async def test_the_supervisors_code_lists_a_person_where_one_is_set(records: log.Log) -> None:
    pin.choose(records, CODE)
    pin.lock(records)
    async with hello(records) as b:
        await b.press("1")
        await b.at("NamePage")
        await b.press(*"sami", "enter")
        await b.at("AllowPage")
        assert "Inscrire Sami" in b.text()
        await b.press(*"000000", "enter")
        assert b.name == "AllowPage" and who(b) is None and "000000" not in b.text()
        await b.scan("OP-7F3K")
        assert b.name == "AllowPage" and not b.page.text
        await b.press("escape")
        await b.at("NamePage")
        await b.press("enter")
        await b.at("AllowPage")
        await b.press(*CODE, "enter")
        await b.at("ArrivalPage")
        assert "Bonjour Sami" in b.text()
        assert records.supervisor is None


async def test_a_slow_scanner_with_a_code_of_digits_is_nobody_elses_number(
    records: log.Log,
) -> None:
    """Bluetooth scanners type as slowly as a person: their first digit is not a choice."""
    async with hello(records, NADIA, Operator("2017", "Karim")) as b:
        b.clock.ahead += 1
        b.clock.hold()
        for one in ("2", "0", "1", "7", "enter"):
            b.send(one)
            await b.heard()
            b.clock.step(0.08)
        b.clock.let_go()
        await b.at("ArrivalPage")
        assert who(b) == "2017"
    assert b.app.desk.visit.step is VisitStep.ARRIVAL


@pytest.mark.long
async def test_the_supervisor_is_somebody_who_is_listed(records: log.Log) -> None:
    async with hello(records, NADIA) as b:
        await b.press("f9", "2")
        await b.at("PinPage")
        for text in WRONG:
            await scan(b, text)
            assert b.name == "PinPage" and "Votre badge, ou votre nom" in b.text(), text[:20]
        await b.press("2", "enter")
        assert "Votre badge, ou votre nom" in b.text()
        await b.press(*"nadia", "enter")
        await b.press(*CODE, "enter", *CODE, "enter")
        await b.at("DayPage")


@pytest.mark.long
async def test_a_new_supervisor_is_listed_on_the_way_in(records: log.Log) -> None:
    async with hello(records) as b:
        await b.press("f9", "2")
        await b.at("PinPage")
        await b.press(*"denise", "enter")
        await b.at("UnknownPage")
        await b.press("2", "enter")
        await b.at("PinPage")
        await b.press(*CODE, "enter", *CODE, "enter")
        await b.at("DayPage")
        assert [person.name for person in b.port.people.listed()] == ["Denise"]


@pytest.mark.long
async def test_back_from_an_unknown_code_is_bonjour_and_an_empty_field_says_what_is_missing(
    records: log.Log,
) -> None:
    async with hello(records, NADIA) as b:
        for leave in ("enter", "escape"):
            await b.press(*"zz9", "enter")
            await b.at("UnknownPage")
            assert b.page.view().choices[b.page.view().at].text == say("people.new.no")
            await b.press(leave)
            await b.at("HelloPage")
        await b.press("2")
        await b.at("TypeCodePage")
        await b.press("enter")
        assert say("screens.keys.type_first") in b.text()
        await b.press("9", "9", "enter", "enter")  # digits alone may be a secret: no question
        assert b.name == "TypeCodePage" and say("screens.keys.type_first") in b.text()


@pytest.mark.long
async def test_of_a_code_nothing_is_said_before_it_is_asked_for(records: log.Log) -> None:
    async with hello(records, NADIA) as b:
        await b.press("f9", "2")
        await b.at("PinPage")
        await b.until(lambda: b.page.view().field is not None, "asked who")
        assert b.page.view().lines == (say("supervisor.why_who"),)
        await b.press(*CODE, "enter")  # too early
        assert b.name == "PinPage" and b.page.notice == say("supervisor.who_unknown")
        await b.press(*"nad", "enter")
        asked = (say("supervisor.why_pin"),)
        await b.until(lambda: b.page.view().lines == asked, "the code is asked for")
