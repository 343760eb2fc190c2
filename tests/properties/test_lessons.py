"""The exercises: who reads the coach's word ends each, every wrong turn is answered and leads on,
and whatever is done in one touches nothing at all.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from bench.guide.visit import VisitStep
from bench.training.lesson import Lesson, common_rules, lessons, machine_of
from bench.training.room import ExerciseRoom
from bench.words.catalogue import area, choose, find, quoting
from diagnostics.probe import probe
from diagnostics.recording.replay import Replay
from labels.identifier import is_demo
from tests.screens.fake_port import FakePort
from tests.slips.learners import BADGE, JAR, LABEL, Clumsy, LessonScreens, Reading

ROOT = Path(__file__).resolve().parents[2]
IDS = [lesson.id for lesson in lessons()]
SESSIONS = int(os.environ.get("ETABLI_SLIPS", "240" if os.environ.get("CI") else "14"))
SLIPS = 20


@pytest.fixture(autouse=True)
def french() -> Iterator[None]:
    choose("fr")
    yield
    choose(None)


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], tuple[LessonScreens, Reading]]:
    def played(lesson: str) -> tuple[LessonScreens, Reading]:
        screens = LessonScreens(lesson, monkeypatch)
        return screens, Reading(screens)

    return played


Play = Callable[[str], tuple[LessonScreens, Reading]]


@pytest.mark.parametrize("lesson", IDS)
def test_who_does_what_the_coach_says_ends_the_lesson(lesson: str, play: Play) -> None:
    screens, reading = play(lesson)
    reading.finish()
    assert is_demo(screens.desk.visit.asset or "DEMO")
    assert not screens.asked and screens.port.log == []  # the bench's own port was asked nothing


def test_the_first_lesson_goes_from_bonjour_to_fini(play: Play) -> None:
    screens, reading = play("first")
    reading.finish()
    assert screens.pages[0] == "HelloPage" and "DonePage" in screens.pages
    assert screens.desk.visit.step is VisitStep.DONE


@pytest.mark.parametrize("lesson", IDS)
def test_a_lesson_is_there_in_less_than_a_second(lesson: str, play: Play) -> None:
    begun = time.monotonic()
    screens, _ = play(lesson)
    assert screens.name not in ("WaitPage", "SaidPage") and time.monotonic() - begun < 1


# --- what is written of them ---------------------------------------------------------------


@pytest.mark.parametrize("lesson", lessons(), ids=IDS)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_sentence_of_a_lesson_is_written(lesson: Lesson, language: str) -> None:
    choose(language)
    own = f"training.lesson.{lesson.id}"
    assert find(f"{own}.title") and find(f"{own}.learns")
    reached = {rule.goal for rule in lesson.rules if rule.goal}
    assert reached == set(lesson.goals)
    for goal in lesson.goals:
        assert find(f"{own}.todo.{goal}"), goal
    for rule in (*lesson.rules, *common_rules()):
        said = quoting(f"{own}.said.{rule.say}", f"training.said.{rule.say}")
        assert bool(said) or not rule.say, rule
        assert rule.say or not (rule.page or rule.over), rule


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_sentence_written_is_said_somewhere(language: str) -> None:
    for lesson in lessons():
        words = area(language, "training")["lesson"][lesson.id]
        said = {rule.say for rule in (*lesson.rules, *common_rules())}
        assert set(words.get("said", {})) <= said
        goals = {name for name, inner in words.get("hint", {}).items() if isinstance(inner, dict)}
        assert goals <= set(lesson.goals)


@pytest.mark.parametrize("name", sorted({lesson.machine for lesson in lessons()}))
def test_a_lessons_machine_is_its_recording(name: str) -> None:
    lesson = next(each for each in lessons() if each.machine == name)
    recorded = probe(Replay(str(ROOT / "tests" / "machines" / name)))
    assert msgspec.to_builtins(machine_of(lesson)) == msgspec.to_builtins(recorded)


# --- wrong turns ------------------------------------------------------------------------------


def to(screens: LessonScreens, reading: Reading, page: str) -> None:
    for _ in range(60):
        if screens.name == page:
            screens.view()
            screens.wait(1)  # read
            return
        reading.act()
    raise AssertionError(f"{page} does not come: {screens.pages}")


def choosing(key: str) -> Callable[[LessonScreens, Reading], None]:
    def act(screens: LessonScreens, reading: Reading) -> None:
        texts = {choice.key: choice.text for choice in screens.view().choices}
        reading.choose(texts[key])

    return act


def pressing(*keys: str) -> Callable[[LessonScreens, Reading], None]:
    def act(screens: LessonScreens, reading: Reading) -> None:
        for key in keys:
            screens.press(key, 0.8)
        screens.wait(0.9)

    return act


def scanning(text: str) -> Callable[[LessonScreens, Reading], None]:
    return lambda screens, reading: screens.scan(text)


def both(screens: LessonScreens, reading: Reading) -> None:
    """Everything ticked, and on."""
    choosing("every")(screens, reading)
    choosing("erase")(screens, reading)


def wrong_stick(screens: LessonScreens, reading: Reading) -> None:
    """Everything ticked, both numbers typed: the stick to be kept would go."""
    both(screens, reading)
    screens.wait(1)
    for _ in range(12):
        if screens.name == "EndPage":
            return
        if screens.name == "SaidPage":
            reading.choose("Continuer")
        elif screens.name == "ConfirmPage":
            reading.type_the_number()
        elif screens.name == "ReadyPage":
            screens.press("f8")
        screens.wait(2)


TURNS: list[tuple[str, str, Callable[[LessonScreens, Reading], None], str]] = [
    ("first", "ArrivalPage", choosing("disks"), "said.loose"),
    ("first", "AskPage", choosing("no"), "said.otherwise"),
    ("first", "AskPage", choosing("unsure"), "said.otherwise"),
    ("first", "ConfirmPage", choosing("no"), "said.not_erased"),
    ("first", "ConfirmPage", pressing("x", "x", "x", "x"), "said.code"),
    ("first", "ReadyPage", choosing("no"), "said.not_erased"),
    ("first", "CountdownPage", pressing("down"), "said.stopped"),
    ("first", "NumberPage", scanning(JAR), "said.scan"),
    ("first", "ArrivalPage", scanning(LABEL), "real_label"),
    ("two", "TrayPage", both, "lesson.two.said.both"),
    ("two", "TrayPage", wrong_stick, "lesson.two.said.lost"),
    ("failing", "FailedPage", choosing("erase"), "lesson.failing.said.again"),
    ("cut", "InterruptedPage", choosing("erase"), "lesson.cut.said.anew"),
    ("returning", "ReturningPage", choosing("other"), "lesson.returning.said.other"),
    ("help", "AskPage", choosing("yes"), "lesson.help.said.early"),
    ("scanner", "HelloPage", pressing("1"), "lesson.scanner.said.by_hand"),
    ("scanner", "ArrivalPage", choosing("new"), "lesson.scanner.said.new_number"),
]


@pytest.mark.parametrize(("lesson", "page", "turn", "key"), TURNS)
def test_a_wrong_turn_is_answered_and_is_no_dead_end(
    lesson: str,
    page: str,
    turn: Callable[[LessonScreens, Reading], None],
    key: str,
    play: Play,
) -> None:
    screens, reading = play(lesson)
    to(screens, reading, page)
    turn(screens, reading)
    screens.wait(0.9)
    view = screens.view()
    said = " ".join((view.title, *view.lines, view.notice))
    assert " ".join(quoting(f"training.{key}").split()) in said, said
    reading.finish()


def test_no_sentence_speaks_of_points_time_or_the_person() -> None:
    choose("fr")
    words = (ROOT / "bench" / "words" / "fr" / "training.toml").read_text("utf-8").lower()
    for word in ("point", "score", "chrono", "meilleur", "classement", "faux", "raté", "erreur"):
        assert word not in words, word


# --- people who slip ---------------------------------------------------------------------------


@pytest.mark.parametrize("lesson", IDS)
def test_whoever_slips_in_a_lesson_finds_its_end(
    lesson: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(SESSIONS // len(IDS)):
        print(f"seed {seed}")
        draw = random.Random(f"{lesson}-{seed}")
        screens = LessonScreens(lesson, monkeypatch, draw)
        clumsy = Clumsy(screens, draw)
        for _ in range(SLIPS):
            clumsy.act()
            if screens.left or "" in screens.asked:  # left: and begun again another day
                screens.asked.clear()
                screens.start()
        choose("fr")
        Reading(screens).finish()
        assert not screens.left and screens.port.log == []


# --- nothing can be touched ----------------------------------------------------------------------

_ALONE = """
import sys
import pytest
seen = []
def hook(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        writes = isinstance(flags, int) and flags & 3
        if writes or (isinstance(path, str) and path.startswith(("/dev/", {folder!r}))):
            seen.append((event, str(path), flags))
    elif event.startswith(("subprocess", "socket.", "os.system", "os.exec", "os.posix_spawn",
                           "os.fork", "os.remove", "os.rename", "os.mkdir", "os.truncate",
                           "sqlite3.connect", "shutil.", "fcntl.ioctl", "mmap")):
        seen.append((event, str(arguments)))
from bench.words.catalogue import choose
from tests.slips.learners import LessonScreens, Reading
from bench.training.lesson import lessons
sys.addaudithook(hook)
choose("fr")
for lesson in lessons():
    with pytest.MonkeyPatch.context() as patch:
        Reading(LessonScreens(lesson.id, patch)).finish()
print(seen)
sys.exit(bool(seen))
"""


def test_a_lesson_opens_no_disk_and_writes_no_byte(tmp_path: Path) -> None:
    """All lessons to their end beside disk images, while Python itself tells of every file opened
    to be written, every device opened at all, every program, socket and database."""
    image = tmp_path / "disk.img"
    image.write_bytes(os.urandom(1 << 16))
    before = image.read_bytes()
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", _ALONE.format(folder=str(tmp_path))],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert image.read_bytes() == before and [*tmp_path.iterdir()] == [image]


def test_the_hook_sees_what_it_must(tmp_path: Path) -> None:
    """The same hook, on what an exercise must not do."""
    touch = "open({path!r}, 'ab').close()"
    image = tmp_path / "disk.img"
    image.touch()
    program = _ALONE.format(folder=str(tmp_path)).replace(
        "for lesson in lessons():", touch.format(path=str(image)) + "\nfor lesson in ():"
    )
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 1 and "disk.img" in done.stdout


def test_numbers_labels_and_people_of_an_exercise_are_no_ones() -> None:
    room = ExerciseRoom(FakePort().people)
    port = room.play("returning").port
    assert is_demo(port.new_asset()) and port.new_asset() != port.new_asset()
    assert all(is_demo(before.asset) for before in port.returning())
    assert not port.check_asset(LABEL).ok
    assert port.label_view().lines[0] == "EXERCICE"
    assert port.people.add("Paul", "", "").person is None
    assert port.people.who(BADGE, typed=False).code == "NAD"  # of the bench, where it is one's
    assert all("exercise/" in disk.path for disk in port.disks().disks)
    assert not room.finished("NAD") and room.people is None
