"""Exercises in the real application: begun from Bonjour, marked on every page, left for real."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bench.console.app import EtabliApp
from bench.guide.learning import Deed
from bench.guide.people import Listed
from bench.guide.place import Place
from bench.screens.book import lessons_book
from bench.screens.kit.aloud import spoken
from bench.screens.kit.wrapped import wrapped
from bench.screens.training.desk import NOTICE_COLUMNS, NOTICE_LINES, LessonDesk
from bench.training.lesson import Rule, common_rules, lessons
from bench.training.room import ExerciseRoom
from bench.words import catalogue
from bench.words.catalogue import SPOKEN, area, choose, choose_reader, say
from tests.screens.driver import Bench, Clock, bench
from tests.screens.fake_port import DENISE, NADIA, FakePort
from tests.screens.test_look import (
    OVER,
    PAGES,
    assert_all_told,
    assert_glyphs,
    longer,
    shown,
)

IDS = [lesson.id for lesson in lessons()]


@pytest.fixture(autouse=True)
def french() -> Iterator[None]:
    choose("fr")
    yield
    choose_reader(None)
    choose(None)


class Memory:
    """What people asked to be kept, in memory."""

    def __init__(self) -> None:
        self.of: dict[str, set[str]] = {}

    def finished(self, code: str) -> frozenset[str]:
        return frozenset(self.of.get(code, ()))

    def keep(self, person: Listed, lesson: str) -> None:
        self.of.setdefault(person.code, set()).add(lesson)


def room(port: FakePort) -> tuple[ExerciseRoom, Memory]:
    memory = Memory()
    return ExerciseRoom(port.people, memory), memory


async def to_the_lessons(b: Bench) -> None:
    await b.at("HelloPage")
    assert say("training.offer") in b.text()
    await b.press("f7")
    await b.at("LessonsPage")


def exercise(b: Bench) -> LessonDesk:
    desk = b.app.desk
    assert isinstance(desk, LessonDesk)
    return desk


@pytest.mark.long
async def test_from_bonjour_into_an_exercise_and_back_to_what_is_real() -> None:
    port = FakePort()
    async with bench(port, training=room(port)[0]) as b:
        own = b.app.desk
        await to_the_lessons(b)
        await b.press("1")
        await b.at("HelloPage")
        assert exercise(b).play.lesson.id == "first"
        asked = len(port.log)
        await b.press("1")
        await b.at("ArrivalPage")
        for keys, page in (("1", "NumberPage"), ("1", "MachinePage"), ("1", "SaidPage")):
            assert b.rows()[0].startswith(f" {say('training.mark')} ")
            assert say("training.leave_key") in b.rows()[-1]
            assert "POSTE" not in b.text()
            await b.press(keys)
            await b.at(page)
        await b.press("f7")
        await b.at("LeavePage")
        await b.press("1")
        await b.at("SaidPage")
        await b.press("f7", "2")
        await b.at("BackPage")
        assert b.app.desk is own and say("training.real.what") in b.text()
        assert "POSTE 3" in b.rows()[0] and say("training.mark") not in b.rows()[0]
        await b.press("1")
        await b.at("HelloPage")
        told = [call[0] for call in port.log[asked:]]
        read = {"listed", "who", "comfort"}  # who works here and as they like it, and no more
        assert set(told) <= read, told


async def test_without_a_bench_nothing_is_ever_for_real() -> None:
    """`etabli train`: no bench stands behind the list of lessons."""
    port, clock = FakePort(), Clock()
    app = EtabliApp(port, book=lessons_book(""), training=ExerciseRoom(), warp=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        b = Bench(app, pilot, port, clock)
        await b.at("LessonsPage")
        await b.press("6", "f7", "2")
        await b.at("BackPage")
        assert say("training.real.alone") in b.text()
        assert say("training.real.what") not in b.text()
        await b.press("1")
        await b.at("LessonsPage")
    assert port.log == []


async def test_quitting_an_exercise_never_leaves_the_bench() -> None:
    port = FakePort()
    async with bench(port, training=room(port)[0]) as b:
        await to_the_lessons(b)
        await b.press("6", "ctrl+c")
        await b.at("LeavePage")
        assert b.app.is_running
        await b.press("2")
        await b.at("BackPage")


async def test_a_call_for_help_in_an_exercise_says_that_nobody_hears_of_it() -> None:
    """Who needs help for real must not wait for it."""
    port = FakePort()
    async with bench(port, training=room(port)[0]) as b:
        await to_the_lessons(b)
        await b.press("6")
        await b.at("AskPage")
        await b.press("f9")
        await b.at("AskingPage")
        await b.press("3")
        assert say("training.not_noted") in " ".join(b.text().split())
        assert say("screens.call.noted") not in b.text() and not port.calls("call_supervisor")


async def test_f5_reads_the_coachs_word_too() -> None:
    port = FakePort()
    async with bench(port, training=room(port)[0]) as b:
        await to_the_lessons(b)
        await b.press("6")
        await b.at("AskPage")
        assert say("training.lesson.help.hint.called.check") in spoken(exercise(b).view())


@pytest.mark.long
async def test_what_is_finished_is_kept_only_where_its_person_asks() -> None:
    port = FakePort()
    training, memory = room(port)
    async with bench(port, training=training) as b:
        await to_the_lessons(b)
        await b.press("6")
        await b.at("AskPage")
        await b.press("f9", "2", "2")
        await b.at("EndPage")
        assert memory.of == {}
        await b.press("3")
        await b.at("NamesPage")
        await b.press("down", "enter")
        await b.at("EndPage")
        assert memory.of == {DENISE.code: {"help"}}
        await b.press("1")
        await b.at("BackPage")
        await b.press("1", "f7")
        await b.at("LessonsPage")
        assert not finished(b)  # nobody's list is on show
        for _ in range(len(IDS) + 1):
            await b.press("down")
        await b.press("enter")
        await b.at("NamesPage")
        await b.press("down", "enter")
        await b.at("LessonsPage")
        assert finished(b) == 1
        assert NADIA.name not in b.text()


def finished(b: Bench) -> int:
    """How many lessons of the list are marked."""
    return len(re.findall(rf"\s\s{say('training.list.finished')}\s", b.text()))


async def test_without_exercises_bonjour_offers_none() -> None:
    async with bench() as b:
        await b.at("HelloPage")
        assert "F7" not in b.text()
        await b.press("f7")
        assert b.name == "HelloPage"


# --- what is read fits, whatever the language ----------------------------------------------------


def in_words(language: str) -> list[tuple[str, str]]:
    """Every sentence a coach says in the two lines under the choices."""
    words = area(language, "training")
    found = [(f"hint.{name}", text) for name, text in words["hint"].items()]
    found += [(f"said.{name}", text) for name, text in words["said"].items()]
    for lesson in lessons():
        own = words["lesson"][lesson.id]
        paged = {rule.say for rule in lesson.rules if rule.page or rule.over}
        for name, text in own.get("said", {}).items():
            if name not in paged:
                found.append((f"{lesson.id}.said.{name}", text))
        for name, hint in own.get("hint", {}).items():
            inner = hint.items() if isinstance(hint, dict) else ((name, hint),)
            found += [(f"{lesson.id}.hint.{name}.{page}", text) for page, text in inner]
    return found


@pytest.mark.parametrize("language", [*SPOKEN, "long"])
def test_every_word_of_the_coach_fits_in_its_two_lines(language: str) -> None:
    code = "fr" if language == "long" else language
    choose_reader(code)
    for key, text in in_words(code):
        told = catalogue._QUOTED.sub(lambda quoted: say(quoted[1]), text)
        told = longer(told) if language == "long" else told
        assert len(wrapped(told, NOTICE_COLUMNS)) <= NOTICE_LINES, (key, told)


def stretch(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = catalogue.find

    def find(key: str, code: str | None = None) -> str | None:
        text = plain(key, code)
        return None if text is None else longer(text)

    monkeypatch.setattr(catalogue, "find", find)


@pytest.mark.long
@pytest.mark.parametrize("language", [*(code for code in SPOKEN if code != "fr"), "long"])
async def test_the_pages_of_exercises_fit(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list, each lesson's first page, each word that has a page, leaving, both ends."""
    choose_reader("fr" if language == "long" else language)
    if language == "long":
        stretch(monkeypatch)
    port = FakePort()
    async with bench(port, training=room(port)[0]) as b:
        await b.at("HelloPage")
        await b.press("f7")
        await b.at("LessonsPage")
        fits(b)
        b.app.desk.open("back")
        await b.settle()
        fits(b)
        for lesson in lessons():
            b.app.practise(lesson.id)
            await b.until(lambda: b.name not in ("WaitPage", "ChecksPage", "DisksPage"))
            await b.settle()
            fits(b)
            desk = exercise(b)
            desk.end()
            await b.settle()
            fits(b)
            for rule in lesson.rules:
                about, value = rule.about or ("",), rule.value or ("",)
                place, scanned = Place((rule.at or ("",))[0]), bool(rule.scanned)
                desk.play.coach.note(Deed(rule.on[0], place, about[0], value[0], scanned))
            assert desk.play.coach.done
            await b.until(lambda: b.name == "EndPage")
            desk.page.opened()
            await b.settle()
            b.app.redraw()
            await b.settle()
            fits(b)
            for rule in (*lesson.rules, *common_rules()):
                if rule.page or rule.over:
                    desk.drop_all()
                    await word(b, desk, lesson.id, rule)
        await b.press("f7")
        await b.at("LeavePage")
        fits(b)


async def word(b: Bench, desk: LessonDesk, lesson: str, rule: Rule) -> None:
    from bench.screens.training.pages import SaidPage

    text = catalogue.quoting(
        f"training.lesson.{lesson}.said.{rule.say}", f"training.said.{rule.say}"
    )
    desk.put(SaidPage(desk, text))
    await b.settle()
    fits(b)


def fits(b: Bench) -> None:
    assert_all_told(b)
    assert_glyphs(b)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted({*PAGES, *OVER} - {"MovedPage"}))
async def test_every_page_leaves_two_lines_to_the_coach(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The longest word there can be, under each page of a visit, in words 40 % longer.

    No exercise has a disk that moved to another PC: that page alone has no room for one.
    """
    stretch(monkeypatch)
    async with shown(name, "long") as b:
        if b.app.desk.page.view().fill:
            return
        b.page.say("Encore un mot pour faire deux lignes " * 4)
        b.app.redraw()
        await b.settle()
        # The coach at its longest may cover the foot of a drawing, never a sentence.
        assert_all_told(b, drawn=False)


@pytest.mark.long
async def test_nonsense_is_nobody_and_a_number_given_is_kept_in_an_exercise() -> None:
    """As at the bench; and the coach never tells to give one PC two numbers."""
    async with bench(training=ExerciseRoom()) as b:
        await to_the_lessons(b)
        await b.press("1")
        await b.at("HelloPage")
        await b.press("x", "1", "enter")
        assert b.name == "TypeCodePage" and say("people.unknown_typed") in b.text()
        await b.press("escape", "1")
        await b.at("ArrivalPage")
        await b.press("1")
        await b.at("NumberPage")
        given = exercise(b).visit.asset
        await b.press("escape")
        await b.at("ArrivalPage")
        keep = say("screens.arrival.keep", asset=given)
        assert f"« {keep} »" in b.app.desk.view().notice and f"→ 1  {keep}" in b.text()
        await b.press("enter")
        await b.at("NumberPage")
        assert exercise(b).visit.asset == given
        await b.press("escape", "4")  # disks alone, by mistake: the coach still leads to the PC
        await b.until(lambda: exercise(b).visit.disks is not None, "the disks")
        await b.press("escape")
        await b.at("ArrivalPage")
        assert f"→ 1  {say('screens.arrival.new')}" in b.text()
