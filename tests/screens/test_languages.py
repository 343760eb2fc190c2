"""F2: the worker's own language, by one key and a number; nothing is lost, nobody is trapped."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping

import msgspec
import pytest

from bench.console.voice import TOOL, VOICES, command
from bench.guide.shown import CheckStep, GradeView, LookQuestion, SummaryView
from bench.guide.visit import Visit
from bench.screens.steps.arrival import TypePage
from bench.words.catalogue import SPOKEN, choose_reader, language, say
from tests.screens.driver import bench
from tests.screens.fake_port import FakePort
from tests.screens.test_look import ARRIVAL, GRADE, PAGES, checks

replace = msgspec.structs.replace


class Translating(FakePort):
    """A port whose texts are in the language of the moment, as the real one's are."""

    def checks(self) -> tuple[CheckStep, ...]:
        return tuple(replace(step, title=self._said(step.title)) for step in super().checks())

    def look_questions(self) -> tuple[LookQuestion, ...]:
        return tuple(replace(one, title=self._said(one.title)) for one in super().look_questions())

    def grade_again(self, answers: Mapping[str, int]) -> GradeView:
        found = super().grade_again(answers)
        return replace(found, because=tuple(map(self._said, found.because)))

    def finish(self, visit: Visit) -> SummaryView:
        return replace(super().finish(visit), lines=(self._said("Note B."),))

    def _said(self, text: str) -> str:
        return f"{language()} {text}"


async def test_f2_offers_every_language_by_its_own_name_and_a_number_chooses() -> None:
    async with bench() as b:
        await b.at("HelloPage")
        assert "Українська" in b.text()  # seen without knowing any French
        await b.press("f2")
        await b.at("LanguagePage")
        for number, name in enumerate(("Français", "English", "Español", "Português"), 1):
            assert f"{number}  {name}" in b.text()
        assert "Українська  (ще не перевірено)" in b.text() and "English  (" not in b.text()
        await b.press("5")
        await b.at("HelloPage")
        assert "Зіскануйте свій бейдж." in b.text()
        await b.press("f2")
        assert "→ 5  Українська" in b.text()  # where one stands
        await b.press("up", "enter")
        await b.at("HelloPage")
        assert "Passe o seu crachá" in b.text()


@pytest.mark.parametrize("way", ["f2", "escape"])
async def test_who_came_by_mistake_leaves_as_he_was(way: str) -> None:
    async with bench(start=ARRIVAL) as b:
        await b.at("ArrivalPage")
        before = b.text()
        await b.press("f2", "f2")
        assert b.name == "ArrivalPage"
        await b.press("f2", "down", way)
        assert b.name == "ArrivalPage" and b.text() == before and language() == "fr"


async def test_what_was_typed_stays() -> None:
    async with bench(start=ARRIVAL) as b:
        await b.at("ArrivalPage")
        b.app.desk.put(TypePage(b.app.desk))
        await b.press("r", "c", "2", "f2", "3")
        assert b.name == "TypePage" and b.page.text == "RC2"
        assert "Escribir el número" in b.text()
        assert not b.port.calls("save_visit")


@pytest.mark.long
async def test_what_the_port_has_said_is_said_again() -> None:
    async with bench(Translating(), checks("hinge")) as b:
        await b.at("AskPage")
        assert "fr Les charnières" in b.text()
        await b.press("f2", "5")
        await b.until(lambda: "uk Les charnières" in b.text(), "the check in Ukrainian")
        assert b.name == "AskPage"
        await b.press("f2", "1")
        await b.until(lambda: "fr Les charnières" in b.text(), "the check in French")
    async with bench(Translating(), GRADE) as b:
        await b.at("LookPage")
        await b.press("f2", "4")
        await b.until(lambda: "pt Le dessus" in b.text(), "the look in Portuguese")
    async with bench(Translating(), PAGES["GradePage"]) as b:
        await b.until(lambda: "pt la batterie" in b.text(), "the grade")
        await b.press("f2", "2")
        await b.until(lambda: "en la batterie" in b.text(), "the grade in English")
        assert b.name == "GradePage" and len(b.port.calls("grade")) == 1  # recorded once
        await b.press("f2", "4")
    async with bench(Translating(), PAGES["DonePage"]) as b:
        await b.until(lambda: "pt Note B." in b.text(), "who reads Portuguese goes on")
        await b.press("f2", "3")
        await b.until(lambda: "es Note B." in b.text(), "the end in Spanish")


async def test_a_countdown_is_stopped_by_f2_as_by_any_key() -> None:
    async with bench(countdown_s=60, start=PAGES["ReviewPage"]) as b:
        await b.to_confirm()
        await b.press("8", "f", "3", "k", "f8")
        await b.at("CountdownPage")
        await b.press("f2")
        await b.at("ReviewPage")


async def test_the_console_without_our_font_offers_no_ukrainian(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "linux")
    monkeypatch.delenv("ETABLI_CONSOLE_FONT", raising=False)
    async with bench() as b:
        await b.at("HelloPage")
        assert "Українська" not in b.text()
        await b.press("f2")
        assert "4  Português" in b.text() and "Українська" not in b.text()
    monkeypatch.setenv("ETABLI_CONSOLE_FONT", "etabli")
    async with bench() as b:
        await b.press("f2")
        assert "5  Українська" in b.text()


async def test_a_supervisors_words_are_french_where_a_language_has_none() -> None:
    choose_reader("uk")
    assert say("supervisor.open") and say(
        "review.bench", name="B", arrived=0, finished=2, blocked=1
    )
    assert "0 arrivée, 2 finies" in say("review.bench", name="B", arrived=0, finished=2, blocked=1)
    assert say("screens.time.minutes", count=22) == "22 хвилини"
    choose_reader("es")  # of two forms itself: French words keep the French rule
    assert "0 arrivée, 2 finies" in say("review.bench", name="B", arrived=0, finished=2, blocked=1)


def test_every_language_has_a_voice() -> None:
    assert VOICES.keys() == set(SPOKEN)
    assert [command(code)[2] for code in SPOKEN] == ["fr", "en", "es", "pt", "uk"]


@pytest.mark.skipif(shutil.which(TOOL) is None, reason="espeak-ng is not installed")
@pytest.mark.parametrize("code", SPOKEN)
def test_espeak_has_that_voice(code: str) -> None:
    done = subprocess.run([*command(code, "-q")], input=b"1", capture_output=True, check=False)
    assert done.returncode == 0 and not done.stderr
