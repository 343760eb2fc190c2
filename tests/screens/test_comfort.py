"""F6: what is chosen is felt at once, can be taken back, and goes with the person."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from bench.guide.comfort import THE_BENCHS, Comfort, Voice
from bench.words.catalogue import language
from tests.screens.driver import CHECKS, Bench, bench
from tests.screens.fake_port import FakePeople, FakePort
from tests.screens.test_aloud import Voice as Heard
from tests.screens.test_start import begun, new

ALL = Comfort(Voice.ALWAYS, "contrast", "en", 0.5)


def chosen(b: Bench, code: str = "NAD") -> Comfort:
    people = b.port.people
    assert isinstance(people, FakePeople)
    return people.comforts.get(code, THE_BENCHS)


def with_nadia(comfort: Comfort) -> FakePort:
    port = FakePort()
    port.people = FakePeople(port, comforts={"NAD": comfort})
    return port


@pytest.mark.long
async def test_each_choice_is_felt_at_once_and_kept_when_told() -> None:
    voice = Heard()
    async with bench(voice=voice) as b:
        await b.sign_in()
        assert "F6 : mon confort" in b.text()
        await b.press("f6")
        assert b.name == "ComfortPage" and "Mon confort, Nadia" in b.text()
        await b.press("2", "2")
        assert b.name == "ComfortPage" and b.app.worn == "contrast"
        assert "Couleurs : très contrasté" in b.text()
        await b.press("4", "3")
        await b.press("3", "3")
        assert "My comfort, Nadia" in b.text() and language() == "en"
        await b.press("1", "3")
        assert voice.said[-1].startswith("My comfort, Nadia.\n")
        assert chosen(b) == THE_BENCHS
        await b.press("6")
        assert b.name == "ArrivalPage" and "on this bench only" in b.text()
        assert chosen(b) == ALL == b.app.desk.comfort


@pytest.mark.long
@pytest.mark.parametrize("key", ["escape", "f6"])
async def test_echap_puts_back_what_was_before(key: str) -> None:
    async with bench(with_nadia(Comfort(theme="light"))) as b:
        await b.sign_in()
        await b.until(lambda: b.app.worn == "light", "her colours")
        await b.press("f6", "2", "4", "3", "3")
        assert (b.app.worn, language()) == ("mono", "en")
        await b.press(key)
        assert (b.name, b.app.worn, language()) == ("ArrivalPage", "light", "fr")
        assert not b.port.calls("keep_comfort")


async def test_all_is_forgotten_by_one_choice() -> None:
    async with bench(with_nadia(ALL), voice=Heard()) as b:
        await b.sign_in()
        await b.until(lambda: b.app.desk.comfort == ALL, "her comfort")
        await b.press("f6", "5")
        assert b.name == "ArrivalPage" and b.app.worn == "console" and language() == "fr"
        assert b.port.calls("keep_comfort")[-1][1:] == ("NAD", THE_BENCHS)


async def test_it_comes_with_the_person_and_goes_with_them() -> None:
    voice = Heard()
    async with bench(with_nadia(ALL), voice=voice) as b:
        await b.at("HelloPage")
        assert b.app.worn == "console" and not voice.said
        await b.sign_in()
        await b.until(lambda: b.app.worn == "contrast" and language() == "en", "hers")
        await b.settle()
        assert voice.said and "Hello Nadia." in voice.said[-1]
        await b.press("escape")
        await b.at("HelloPage")
        assert b.app.worn == "console" and language() == "fr"
        said = len(voice.said)
        await b.press("2")  # Denise
        await b.at("ArrivalPage")
        assert b.app.desk.comfort == THE_BENCHS and len(voice.said) == said
        assert "Bonjour Denise." in b.text()


async def test_a_language_taken_by_f2_ends_with_the_visit_too() -> None:
    async with bench() as b:
        await b.sign_in()
        await b.press("f2", "2")
        assert (b.name, language()) == ("ArrivalPage", "en")
        await b.press("escape")
        await b.at("HelloPage")
        assert language() == "fr" and not b.port.calls("keep_comfort")


async def test_a_language_taken_by_f2_is_a_wish_that_can_be_kept() -> None:
    async with bench() as b:
        await b.sign_in()
        await b.press("f2", "2", "f6")
        await b.at("ComfortPage")
        assert "English" in b.text()
        await b.press("6")
        assert b.port.calls("keep_comfort")[-1][2] == replace(THE_BENCHS, language="en")


async def test_a_language_taken_at_bonjour_stays_with_who_comes() -> None:
    async with bench() as b:
        await b.at("HelloPage")
        await b.press("f2", "2")
        await b.sign_in()
        assert (b.name, language()) == ("ArrivalPage", "en")
        await b.press("f6")
        await b.at("ComfortPage")
        assert "English" in b.text()


async def test_after_a_restart_it_is_there_again() -> None:
    async with bench(with_nadia(Comfort(theme="contrast")), replace(CHECKS, check_at=0)) as b:
        await b.until(lambda: b.app.worn == "contrast", "her colours")


async def test_where_nobody_is_there_it_says_so() -> None:
    async with bench() as b:
        await b.at("HelloPage")
        await b.press("f6")
        assert b.name == "HelloPage" and "Dites d'abord qui vous êtes." in b.text()


async def test_before_the_first_bonjour_it_says_so_too(tmp_path: Path) -> None:
    async with begun(new(tmp_path)) as b:
        await b.press("f6")
        assert b.name == "KeyboardPage" and "Dites d'abord qui vous êtes." in b.text()


async def test_a_comfort_that_cannot_be_read_is_said_and_stops_nobody() -> None:
    port = FakePort(faults={"comfort": OSError(5, "broken")})
    async with bench(port) as b:
        await b.sign_in()
        assert b.name == "ArrivalPage" and b.app.desk.comfort == THE_BENCHS
        assert b.page.notice


async def test_a_terminal_without_colours_gets_none() -> None:
    async with bench(with_nadia(ALL), theme="mono") as b:
        b.app._colourless = True
        await b.sign_in()
        await b.until(lambda: language() == "en", "hers")
        assert b.app.worn == "mono"


async def test_a_comfort_that_another_bench_wrote_shows_what_is_nearest() -> None:
    odd = Comfort(language="xx", pace_s=0.45)
    async with bench(with_nadia(odd)) as b:
        await b.sign_in()
        await b.press("f6")
        assert "Langue : comme le poste" in b.text()
        assert "ignorée une demi-seconde" in b.text()
