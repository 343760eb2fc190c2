"""The first start of a new stick and a PC without a clock, by keys, on a real data folder."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bench.console.app import EtabliApp
from bench.guide.starting import KEYBOARDS, Needs
from bench.opening.context import Context
from bench.records import joining
from bench.records.day import pin
from bench.records.log import open_bench
from bench.records.signed import fingerprint, keys
from bench.screens.book import start_book
from bench.setup import live
from bench.setup.clock import Clock, plausible
from bench.setup.datafolder import DataFolder
from bench.setup.settings import Settings, load, with_keyboard
from bench.workbench.start import ANSWER, REQUEST, StartBench
from diagnostics.asked import KEYMAPS
from diagnostics.command import Completed, Content, Problem, Runner
from tests import forge
from tests.screens.driver import Bench, bench
from tests.screens.driver import Clock as Warp
from tests.screens.fake_port import FakePort
from tests.screens.test_look import assert_all_told, assert_glyphs, language

__all__ = ["language"]  # the fixture
MADE = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 11, 29, 12, tzinfo=dt.UTC)


class Stick:
    """The machine as the stick's system gives it; what is asked of it is kept."""

    def __init__(
        self, *, live: bool = True, kept: bool = True, refuses: Sequence[str] = ()
    ) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.kept, self.network = kept, False  # came over the network
        self.live, self.refuses = live, refuses

    def run(
        self, argv: Sequence[str], *, timeout_s: float = 10, stdin: bytes | None = None
    ) -> Completed:
        self.asked.append(tuple(argv))
        return Completed(tuple(argv), int(argv[0] in self.refuses), b"", b"", 0.0)

    def read(self, path: str) -> Content:
        if path == live.BOOT_NOTE:
            return Content(path, b"uuid=x\n") if self.live else Content(path, None, Problem.MISSING)
        if path == "/proc/self/mountinfo":
            place = b"40 1 253:1 / /run/etabli/data rw - ext4 /dev/mapper/etabli-data rw"
            return Content(path, place if self.kept else b"")
        if path == live.PARTS and self.network:
            return Content(path, b"net yes\n")
        if path.startswith("/run/etabli/") or not Path(path).exists():
            return Content(path, None, Problem.MISSING)
        return Content(path, Path(path).read_bytes())

    def names(self, path: str) -> tuple[str, ...] | None:
        return None

    def link(self, path: str) -> str | None:
        return None

    def has(self, tool: str) -> bool:
        return True


class Set:
    """A clock that somebody sets: the tests, or the network."""

    def __init__(self, moment: dt.datetime = NOW) -> None:
        self.moment = moment

    def now(self) -> dt.datetime:
        return self.moment

    def monotonic_s(self) -> float:
        return 0.0


class OnStick(Context):
    """A context whose machine is the stick's."""

    def __init__(self, folder: Path, machine: Stick, clock: Clock, origin: str = "stick") -> None:
        data = DataFolder(folder / "etabli", origin)
        super().__init__(data, clock=clock, random=forge.Noise("start"))
        self.machine = machine

    def runner(self, replay: str | None = None) -> Runner:
        return self.machine


def new(
    folder: Path, clock: Clock | None = None, machine: Stick | None = None, origin: str = "stick"
) -> StartBench:
    return StartBench(OnStick(folder, machine or Stick(), clock or Set(), origin), MADE)


@asynccontextmanager
async def begun(starting: StartBench) -> AsyncIterator[Bench]:
    """The pages that are needed, until the block ends."""
    port, clock = FakePort(), Warp()
    book = start_book(starting, starting.needs())
    app = EtabliApp(port, book=book, bench_number=None, warp=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        b = Bench(app, pilot, port, clock)
        await b.until(lambda: app._drawable)
        await b.settle()
        yield b
    assert not port.log  # no bench is open yet: nothing may be asked of one


def settings(starting: StartBench) -> Settings:
    return load(starting.context.data.path)


async def named(b: Bench) -> None:
    """Keyboard, workshop, number."""
    await b.at("KeyboardPage")
    await b.press("2")
    await b.at("WorkshopPage")
    await b.press(*"Les", "space", *"Weppes", "enter")
    await b.at("NumberPage")
    await b.press("é", "enter")  # the key of 2, as an AZERTY console gives it
    await b.at("CodePage")


@pytest.mark.long
async def test_a_new_stick_is_named_in_three_screens_and_has_a_code(tmp_path: Path) -> None:
    starting = new(tmp_path)
    async with begun(starting) as b:
        assert "ÉTABLI" in b.rows()[0] and "Premier démarrage" in b.rows()[0]
        await named(b)
        loaded = ("loadkeys", "-q", "-C", "/dev/tty1", f"{KEYMAPS}/be.kmap.gz")
        assert starting.runner.asked == [loaded]  # type: ignore[attr-defined]
        assert not starting.needs().first  # written: the code comes after
        await b.press(*"481516")
        assert "encore une fois" in b.text()
        await b.press(*"481517")
        assert "différents" in b.text()
        await b.press(*"481516", *"'_&(&-")  # the same, on a French keyboard without Shift
        await b.until(lambda: "Le code est choisi." in b.text())
        await b.press("1")
        await b.at("ReadyPage")
        assert "Les Weppes" in b.text() and "Belge" in b.text()
        await b.press("escape", "escape")
        await b.at("NumberPage")
        await b.press("enter")
        await b.at("CodePage")
        assert "Le code est choisi." in b.text()  # it is not asked for again
        await b.press("1")
        await b.at("ReadyPage")
        await b.press("1")
    assert starting.finished
    assert settings(starting) == Settings(
        bench=2, workshop="Les Weppes", language="fr", keyboard="be"
    )
    assert starting.needs() == Needs()
    log = starting.context.open_log()
    pin.unlock(log, "481516")
    ((name,),) = log.store.query("SELECT name FROM bench")
    assert name == "Les Weppes, poste 2"
    log.store.close()


@pytest.mark.long
async def test_back_shows_the_answers_and_nothing_is_written_before_the_last(
    tmp_path: Path,
) -> None:
    starting = new(tmp_path)
    async with begun(starting) as b:
        await b.press("1")
        await b.at("WorkshopPage")
        await b.press("enter", "space", "enter")
        assert "Tapez le nom" in b.text()
        await b.press("backspace", *"Roubaix", "enter")
        await b.press("enter", "0", "enter")
        assert b.name == "NumberPage" and "de 1 à 99" in b.text()
        await b.press("escape")
        assert b.name == "WorkshopPage" and "[ Roubaix_ ]" in b.text()
        await b.press("escape")
        assert b.name == "KeyboardPage" and "Français (AZERTY)" in b.text()
        assert not (tmp_path / "etabli").exists()  # power lost here: it begins again
        await b.press("4")
        assert "[ Roubaix_ ]" in b.text()
        await b.press("enter", *"12", "enter")
        await b.at("CodePage")
        await b.press("enter")  # an Enter too much puts nothing off
        assert b.name == "CodePage"
        await b.press("down", "enter")
        await b.at("ReadyPage")
    assert settings(starting).keyboard == "us" and settings(starting).bench == 12
    assert not starting.finished  # left before the end: nothing was begun


async def test_the_enter_of_a_scanner_presses_nothing(tmp_path: Path) -> None:
    async with begun(new(tmp_path)) as b:
        await b.scan("RC26-004217-7")
        assert b.name == "KeyboardPage"
        await b.press("1", *"Lens")
        await b.at("WorkshopPage")
        await b.scan("RC26-004217-7")
        await b.scan("RC26-004217-7", enter=False)
        b.send("enter")
        await b.settle()
        assert b.name == "WorkshopPage" and "[ Lens_ ]" in b.text()


@pytest.mark.long
async def test_a_weak_code_and_a_keyboard_that_does_not_load_are_said(tmp_path: Path) -> None:
    machine = Stick(refuses=("loadkeys",))
    async with begun(new(tmp_path, machine=machine)) as b:
        await b.press("1")
        assert b.name == "KeyboardPage" and "ne change pas de clavier" in b.text()
        await b.press("3")
        assert b.name == "KeyboardPage"
        await b.press("3")  # said once; no dead end
        await b.at("WorkshopPage")
        await b.press("escape")
        machine.refuses = ()
        await named(b)
        await b.press(*"123456")  # said at once, not after it was typed again
        await b.until(lambda: "code" in b.page.notice)
        assert b.name == "CodePage" and "6 chiffres :" in b.text()


def test_only_a_new_stick_is_asked(tmp_path: Path) -> None:
    assert new(tmp_path).needs() == Needs(first=True)
    # Where nothing is kept, the next start would ask it again; a workshop may keep it.
    assert new(tmp_path, machine=Stick(kept=False)).needs() == Needs(offer=True)
    assert new(tmp_path, machine=Stick(live=False)).needs() == Needs()
    assert new(tmp_path, origin="user").needs() == Needs()
    assert new(tmp_path, Set(dt.datetime(1980, 1, 1, tzinfo=dt.UTC)), origin="user").needs() == (
        Needs(clock=True)
    )
    old = new(tmp_path)
    old.context.open_log().store.close()  # worked without settings until now
    assert old.needs() == Needs()


# -- the clock -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "right"),
    [
        ("1980-01-01T00:00:00", False),
        ("2026-10-30T00:00:00", False),
        ("2026-10-31T20:00:00", True),  # just made, on a PC whose clock is on local time
        ("2036-10-01T00:00:00", True),
        ("2037-01-01T00:00:00", False),
        ("2099-01-01T00:00:00", False),
    ],
)
def test_a_clock_that_cannot_be_right(moment: str, right: bool) -> None:
    assert plausible(dt.datetime.fromisoformat(f"{moment}+00:00"), MADE) is right


@pytest.mark.long
async def test_the_day_and_the_hour_are_asked_and_set(tmp_path: Path) -> None:
    clock, machine = Set(dt.datetime(1980, 1, 1, tzinfo=dt.UTC)), Stick()
    starting = new(tmp_path, clock, machine, origin="user")
    async with begun(starting) as b:
        assert b.name == "ClockPage"
        await b.press(*"31022026")
        assert "n'existe pas" in b.text()
        await b.press(*"01112025")
        await b.press(*"0930")
        assert "01/11/2026" in b.text() and machine.asked == []  # before the stick was made
        await b.press(*"29112026")
        await b.press(*"2561")
        assert "Cette heure n'existe pas." in b.text()
        await b.press("escape", *"29112026")
        await b.press(*"093", "backspace", *"30")
        await b.until(lambda: "est à l'heure" in b.text())
        assert "29/11/2026, 09 h 30" in b.text()
        await b.press("1")
    seconds = int(dt.datetime(2026, 11, 29, 9, 30).astimezone().timestamp())
    assert machine.asked == [
        ("date", "--utc", f"--set=@{seconds}"),
        ("hwclock", "--systohc", "--utc"),
    ]
    assert starting.finished


async def test_a_clock_that_cannot_be_set_is_no_right_one(tmp_path: Path) -> None:
    clock = Set(dt.datetime(2099, 1, 1, tzinfo=dt.UTC))
    starting = new(tmp_path, clock, Stick(refuses=("date",)), origin="user")
    async with begun(starting) as b:
        await b.press(*"29112026")
        await b.press(*"0930")
        await b.until(lambda: "refuse cette heure" in b.text())
    assert not starting.finished


@pytest.mark.long
async def test_the_time_from_the_network_answers_by_itself(tmp_path: Path) -> None:
    clock = Set(dt.datetime(1980, 1, 1, tzinfo=dt.UTC))
    starting = new(tmp_path, clock, origin="user")
    async with begun(starting) as b:
        await b.press(*"29")
        clock.moment = NOW
        await b.until(lambda: "est à l'heure" in b.text())
        await b.press("1")
    assert starting.finished and starting.runner.asked == []  # type: ignore[attr-defined]


# -- joining -------------------------------------------------------------------------------


@pytest.mark.long
async def test_a_new_bench_joins_a_workshop_by_what_is_read_aloud(tmp_path: Path) -> None:
    starting = new(tmp_path)
    folder = starting.context.data.path
    async with begun(starting) as b:
        await named(b)
        await b.press("down", "enter")
        await b.at("ReadyPage")
        await b.press("2")
        await b.at("RequestPage")
        assert_all_told(b)
        public, asked = joining.read_request((folder / REQUEST).read_bytes())
        heard = fingerprint.show(public)
        assert heard in b.text() and asked.name == "Les Weppes, poste 2"
        await b.press("1")
    assert starting.finished

    office = open_bench(tmp_path / "office", forge.Clock(), forge.Noise("o"), name="Lille")
    workshop = keys.load(tmp_path / "office" / "keys" / "workshop.key")
    answer = joining.admit(office, workshop, (folder / REQUEST).read_bytes(), heard=heard)
    (folder / ANSWER).write_bytes(answer)
    office.store.close()

    later = new(tmp_path)
    async with begun(later) as b:  # what was typed keeps nobody who would rather go on
        await b.press(*"1234", "enter")
        await b.until(lambda: bool(b.page.notice))
        await b.press("down", "enter")
    assert later.finished

    again = new(tmp_path)
    assert again.needs() == Needs(answer=True)
    async with begun(again) as b:
        assert b.name == "AnswerPage"
        await b.press(*"1234", "enter")
        await b.until(lambda: bool(b.page.notice))
        assert b.name == "AnswerPage"
        assert "mal recopiée" in b.page.notice and "4 chiffres" in b.page.notice
        assert "1234" in b.text()  # kept, to be put right
        await b.press(*["backspace"] * 4, *workshop.fingerprint.replace(" ", ""), "enter")
        await b.until(lambda: "est dans l'atelier" in b.text())
        await b.press("1")
    assert again.finished and again.needs() == Needs()
    log = again.context.open_log()
    assert log.store.known().bench(log.key.id).workshop == workshop.id
    log.store.close()


async def test_an_answer_that_is_none_is_said_and_leads_on(tmp_path: Path) -> None:
    starting = new(tmp_path)
    starting.context.open_log().store.close()
    (starting.context.data.path / ANSWER).write_bytes(b"\x00{}")
    async with begun(starting) as b:
        await b.until(lambda: "1  Plus tard" in b.text())
        assert_glyphs(b)
        await b.press("1")
    assert starting.finished


# -- the keyboard on Bonjour, and how it is kept -------------------------------------------


@pytest.mark.long
async def test_f3_on_bonjour_changes_the_keyboard() -> None:
    port = FakePort(keys="fr")
    async with bench(port) as b:
        await b.until(lambda: "F3" in b.text())
        await b.press("f3")
        await b.at("OtherKeyboardPage")
        assert_all_told(b)
        await b.press("è")  # 7
        await b.at("HelloPage")
    assert port.keys == "de"
    async with bench() as b:
        await b.press("f3")
        assert b.name == "HelloPage" and "F3" not in b.text()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'keyboard = "us"\n'),
        ("bench = 2\n", 'keyboard = "us"\nbench = 2\n'),
        ('bench = 2\nkeyboard="fr" # ours\n', 'bench = 2\nkeyboard = "us"\n'),
        (
            '[[operators]]\nkeyboard = "x"\n',
            'keyboard = "us"\n[[operators]]\nkeyboard = "x"\n',
        ),
    ],
)
def test_a_persons_settings_stay_as_they_were_written(before: str, after: str) -> None:
    assert with_keyboard(before, "us") == after


def test_the_image_has_a_keymap_for_each_keyboard() -> None:
    build = (Path(__file__).resolve().parents[2] / "live" / "build").read_text("utf-8")
    loop = build.partition("for keyboard in ")[2].partition(";")[0]
    assert tuple(word.partition(":")[0] for word in loop.split()) == KEYBOARDS


# -- every page, in every language ---------------------------------------------------------

WAYS: dict[str, Callable[[], tuple[str, ...]]] = {
    "KeyboardPage": lambda: (),
    "WorkshopPage": lambda: ("1",),
    "NumberPage": lambda: ("1", *"Atelier des Weppes", "enter"),
    "CodePage": lambda: ("1", *"Lens", "enter", "1", "enter"),
    "ReadyPage": lambda: ("1", *"Lens", "enter", "1", "enter", "down", "enter"),
    "RequestPage": lambda: ("1", *"Lens", "enter", "1", "enter", "down", "enter", "2"),
}


@pytest.mark.long
@pytest.mark.parametrize("name", WAYS)
async def test_each_page_of_the_first_start_fits(name: str, language: str, tmp_path: Path) -> None:
    async with begun(new(tmp_path)) as b:
        await b.press(*WAYS[name]())
        await b.at(name)
        assert_all_told(b)
        assert_glyphs(b)


async def test_the_clock_fits(language: str, tmp_path: Path) -> None:
    starting = new(tmp_path, Set(dt.datetime(1980, 1, 1, tzinfo=dt.UTC)), origin="user")
    async with begun(starting) as b:
        for keys_pressed in ("", "29112026", "0930"):
            await b.press(*keys_pressed)
            assert_all_told(b)
            assert_glyphs(b)
