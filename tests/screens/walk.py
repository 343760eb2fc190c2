"""The walk from Bonjour to Fini, kept cell by cell in tests/references/walk: a sound laptop, then
two loose disks. What changed on any page is a line of a diff.

`ETABLI_UPDATE_REFERENCES=1 pytest tests/screens/test_walk_recorded.py` keeps it anew.
`python -m tests.screens.walk --svg FOLDER [--theme mono] [--lang pseudo] [--size 120x33]` draws
what is kept, a picture a page, to be looked at; without choosing, of every walk there is.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from msgspec.structs import replace

from bench.guide.comfort import ThemeName
from bench.guide.shown import CheckMark, CheckMode, CheckProgress, CheckStep, EndedCheck
from bench.words import catalogue
from bench.words.catalogue import say
from tests.screens.cells import Shot, picture, read, shot
from tests.screens.driver import Bench, bench
from tests.screens.fake_port import ASSET, STICK, FakePort, many
from tests.screens.test_look import longer

FOLDER = Path(__file__).resolve().parents[1] / "references" / "walk"
SIZES = ((80, 24), (120, 33))
THEMES: tuple[ThemeName, ...] = ("console", "contrast", "mono")
LANGUAGES = ("fr", "pseudo")
SEEN = ("microphone", "optical", "card_reader")  # what only eyes tell, asked on one page
COUNTDOWN_S = 5


class Variant(NamedTuple):
    """One file of the walk."""

    language: str
    theme: ThemeName
    size: tuple[int, int]

    @property
    def path(self) -> Path:
        columns, lines = self.size
        return FOLDER / f"{self.language}_{self.theme}_{columns}x{lines}.txt"


VARIANTS = tuple(
    Variant(language, theme, size) for language in LANGUAGES for size in SIZES for theme in THEMES
)


@dataclass
class Laptop(FakePort):
    """Everything works, and there is a check of each kind. An erasure stands where it is put."""

    percent_a_look: int = 0

    def checks(self) -> tuple[CheckStep, ...]:
        sound, wifi, pixels, hinge, keys = super().checks()
        usb = CheckStep(
            "usb",
            CheckMode.WATCH,
            say("checks.usb.name"),
            (say("checks.usb.step1"), say("checks.usb.step2")),
            picture="usb",
            count=say("checks.usb.question"),
            count_most=64,
        )
        seen = (
            CheckStep(name, CheckMode.ASK, "", (), "?", sight=say(f"checks.{name}.name"))
            for name in SEEN
        )
        return (sound, wifi, pixels, usb, *seen, hinge, keys)

    def run_check(self, id: str, on_progress: Callable[[CheckProgress], None]) -> EndedCheck:
        if id not in ("usb", "keys"):
            return super().run_check(id, on_progress)
        self.stopped.clear()
        self._did("run_check", id)
        if id == "usb":
            on_progress(CheckProgress(2, None, "■ ■ · ·"))
        else:
            on_progress(CheckProgress(61, 84, self.stretch("61 touches sur 84")))
        self.stopped.wait(300)
        told = "" if id == "usb" else self.stretch("Les 84 touches marchent.")
        return EndedCheck(id, None if id == "usb" else CheckMark.PASSED, told)

    def stand_at(self, percent: int) -> None:
        """Where the running erasures are from now on."""
        self.running = {id: replace(job, percent=percent) for id, job in self.running.items()}


@dataclass
class Held:
    """What the pages wanted done later: it is done when the walk says so, never before."""

    waiting: list[Callable[[], None]] = field(default_factory=list)

    def later(self, seconds: float, do: Callable[[], None]) -> Callable[[], None]:
        self.waiting.append(do)
        return lambda: self.waiting.remove(do) if do in self.waiting else None

    def over(self) -> None:
        now, self.waiting = self.waiting, []
        for do in now:
            do()


class Walker:
    """Walks, and at each halt takes what is shown in every theme and both sizes."""

    def __init__(self, b: Bench, port: Laptop) -> None:
        self.b, self.port, self.held = b, port, Held()
        setattr(b.app.desk.host, "later", self.held.later)  # noqa: B010 (a method of its class)
        self.taken: dict[tuple[ThemeName, tuple[int, int]], list[Shot]] = {
            (theme, size): [] for theme in THEMES for size in SIZES
        }
        self._ways = [  # each one step from the one before: a theme and a size take time to change
            (theme, size)
            for at, theme in enumerate(THEMES)
            for size in (SIZES if at % 2 == 0 else SIZES[::-1])
        ]

    async def halt(self, name: str, page: str) -> None:
        """Take the page that is shown now, which must be that one."""
        b = self.b
        await b.until(lambda: b.name == page, f"{page}, not {b.name}")
        await b.heard()
        for theme, size in self._ways:
            if b.app.size != size:
                await b.pilot.resize_terminal(*size)
            if b.app.worn != theme:
                b.app.wear(theme)
            b.app.redraw()
            await b.heard()
            self.taken[theme, size].append(shot(name, type(b.page), b.app.screen))
        self._ways.reverse()  # on from here
        await b.until(b.cursor_is_on_focus, "the cursor on its focus")

    async def press(self, *keys: str) -> None:
        self.b.clock.ahead += 2  # who has looked at the page
        await self.b.press(*keys)

    async def choose(self, key: str) -> None:
        """The number of that choice, or Enter on it where rows have the numbers."""
        view = self.b.page.view()
        at = [choice.key for choice in view.choices].index(key)
        if view.rows:
            await self.press("tab", *["down"] * at, "enter")
        else:
            await self.press(str(at + 1))

    @contextmanager
    def waits_for(self, call: str) -> Iterator[None]:
        """The bench takes its time to answer that, for as long as this is looked at."""
        gate = self.port.slow[call] = threading.Event()
        try:
            yield
        finally:
            self.port.slow.pop(call, None)
            gate.set()

    def send(self, key: str) -> None:
        """A key, without waiting for what it leads to."""
        self.b.clock.ahead += 2
        self.b.send(key)

    async def goes_on(self) -> None:
        """What goes on by itself has waited long enough."""
        self.held.over()
        await self.b.settle()

    async def shows(self, choice: str) -> None:
        """Once that may be chosen."""
        b = self.b
        await b.until(lambda: choice in [offered.key for offered in b.page.view().choices], choice)
        await b.settle()


async def walk(language: str) -> dict[Variant, list[Shot]]:
    """The whole walk in that language, in every theme and both sizes."""
    with _same_everywhere(language) as stretch:
        port = Laptop(stretch=stretch)
        async with bench(port, countdown_s=COUNTDOWN_S) as b:
            walker = Walker(b, port)
            await _laptop(walker)
            await _loose_disks(walker)
            return {Variant(language, *how): shots for how, shots in walker.taken.items()}


@contextmanager
def _same_everywhere(language: str) -> Iterator[Callable[[str], str]]:
    """One hour zone and one terminal on every machine; the pseudo-language is French stretched
    where words come from."""
    plain = catalogue._found

    def found(key: str, code: str) -> tuple[str | None, str]:
        text, of = plain(key, code)
        return text if text is None else longer(text), of

    here = {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "TZ": "Europe/Paris"}
    stretched = language == "pseudo"
    catalogue.choose("fr")
    try:
        with (
            mock.patch.dict(os.environ, here),
            mock.patch.object(catalogue, "_found", found if stretched else plain),
        ):
            time.tzset()
            yield longer if stretched else str
    finally:
        catalogue.choose(None)
        time.tzset()


async def _laptop(w: Walker) -> None:
    await w.halt("Bonjour", "HelloPage")
    for key, name, page in (
        ("f1", "Bonjour: help", "HelpPage"),
        ("f2", "Bonjour: languages", "LanguagePage"),
        ("n", "Bonjour: a code", "TypeCodePage"),
    ):
        await w.press(key)
        await w.halt(name, page)
        await w.press("escape")
    await w.press("n", "a", "d", "enter")
    await w.halt("Arrivée", "ArrivalPage")
    await w.press("f6")
    await w.halt("Arrivée: my comfort", "ComfortPage")
    await w.press("2")
    await w.halt("Arrivée: my colours", "ValuesPage")
    await w.press("escape", "escape")
    await w.choose("type")
    await w.press("r", "c")
    await w.halt("Arrivée: a number typed", "TypePage")
    await w.press("escape")
    await w.choose("new")
    await w.halt("Arrivée: the number", "NumberPage")
    with w.waits_for("probe"):
        await w.choose("yes")
        await w.halt("Le PC: being read", "MachinePage")
    await w.shows("yes")
    await w.halt("Le PC: read", "MachinePage")
    with w.waits_for("checks"):
        w.send("1")
        await w.halt("Essais: the list", "ChecksPage")
    await _checks(w)
    await _one_disk(w)
    await _grade(w)
    await w.press("escape")
    await w.halt("Fini: leaving", "QuitPage")
    await w.press("escape")


async def _checks(w: Walker) -> None:
    await w.shows("yes")
    await w.halt("Essais: a sound was played", "AskPage")
    with w.waits_for("run_check"):
        await w.press("1")
        await w.halt("Essais: wifi runs", "AutoPage")
    await w.shows("next")
    await w.halt("Essais: wifi works", "AutoPage")
    await w.goes_on()
    await w.halt("Essais: before the colours", "ColoursPage")
    await w.choose("start")
    for colour in ("red", "green", "blue", "white", "black"):
        await w.halt(f"Essais: {colour}", "ColoursPage")
        await w.press("space")
    await w.halt("Essais: after the colours", "ColoursPage")
    await w.press("1")
    await w.b.until(lambda: "■ ■" in w.b.text(), "the sockets")
    await w.halt("Essais: sockets tried", "AutoPage")
    await w.press("2", "enter")
    await w.shows("next")
    await w.halt("Essais: sockets counted", "AutoPage")
    await w.goes_on()
    await w.halt("Essais: what is seen", "SightPage")
    await w.press("2")
    await w.halt("Essais: one of them ticked", "SightPage")
    await w.press("2")
    await w.choose(" none")
    await w.halt("Essais: a question", "AskPage")
    await w.press("1")
    await w.b.until(lambda: "61" in w.b.text(), "the keys")
    await w.halt("Essais: keys pressed", "AutoPage")
    await w.press("escape")
    await w.shows("next")
    await w.halt("Essais: the keyboard works", "AutoPage")
    await w.press("escape")
    await w.halt("Essais: an answer looked at again", "AskPage")
    await w.press("1")  # kept; the keyboard had no answer yet, and is tried anew
    await w.b.until(lambda: "61" in w.b.text(), "the keys")
    await w.press("escape")
    await w.shows("next")


async def _one_disk(w: Walker) -> None:
    with w.waits_for("disks"):
        w.send("1")
        await w.halt("Effacer: looking for disks", "DisksPage")
    await w.b.at("ReviewPage")
    await w.halt("Effacer: the disk", "ReviewPage")
    await w.press("f9")
    await w.halt("Effacer: help from somebody", "CallPage")
    await w.choose("aside")
    await w.halt("Effacer: put aside?", "CallPage")
    await w.press("escape")
    await w.choose("erase")
    await w.halt("Effacer: its number", "ConfirmPage")
    await w.press("8", "f", "3", "x")
    await w.halt("Effacer: a wrong number", "ConfirmPage")
    await w.press("8", "f", "3", "k")
    await w.halt("Effacer: the right number", "ReadyPage")
    await w.press("f8")
    await w.halt("Effacer: the countdown", "CountdownPage")
    await _counted_down(w, "ProgressPage")
    w.port.stand_at(42)
    await w.b.tick()
    await w.halt("Effacer: running", "ProgressPage")
    await w.choose("stop")
    await w.halt("Effacer: stop it?", "StopPage")
    await w.press("escape")
    w.port.stand_at(100)
    await w.b.tick()
    await w.halt("Effacer: erased", "ErasedPage")


async def _counted_down(w: Walker, page: str) -> None:
    for _ in range(COUNTDOWN_S):
        w.held.over()
        await w.b.heard()
    await w.b.at(page)


async def _grade(w: Walker) -> None:
    with w.waits_for("look_questions"):
        w.send("1")
        await w.halt("Note: being asked for", "LooksPage")
    await w.b.at("LookPage")
    await w.halt("Note: the lid", "LookPage")
    await w.press("3")
    await w.press("down")
    await w.halt("Note: the keyboard", "LookPage")
    await w.press("2")
    await w.shows("yes")
    await w.halt("Note: the grade", "GradePage")
    with w.waits_for("print_label"):
        w.send("1")
        await w.halt("Étiquette: being printed", "LabelPage")
    await w.b.at("StickPage")
    await w.halt("Étiquette: to be stuck", "StickPage")
    await w.b.scan("RC26-009999-1")
    await w.halt("Étiquette: of another PC", "StickPage")
    await w.b.scan(ASSET)
    await w.shows("next")
    await w.halt("Fini", "DonePage")


async def _loose_disks(w: Walker) -> None:
    await w.choose("next")
    await w.b.at("ArrivalPage")
    w.port.running.clear()
    w.port.found = [*many(2), STICK]
    await w.choose("disks")
    await w.b.until(lambda: len(w.b.page.view().rows) == 2, "the disks")
    await w.halt("Disques: found", "TrayPage")
    await w.press("1", "2")
    await w.halt("Disques: ticked", "TrayPage")
    await w.choose("erase")
    await w.halt("Disques: the first number", "ConfirmPage")
    await w.press("1", "0", "0", "0")
    await w.press("1", "0", "0", "1")
    await w.halt("Disques: both numbers", "ReadyPage")
    await w.press("f8")
    await w.b.at("CountdownPage")
    await _counted_down(w, "TrayPage")
    w.port.stand_at(42)
    await w.b.tick()
    await w.halt("Disques: running", "TrayPage")
    w.port.stand_at(100)
    await w.b.tick()
    await w.halt("Disques: erased", "TrayPage")
    await w.choose("go_on")
    await w.shows("next")
    await w.halt("Disques: Fini", "DonePage")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.screens.walk")
    parser.add_argument("--svg", type=Path, required=True, metavar="FOLDER")
    parser.add_argument("--theme", choices=THEMES)
    parser.add_argument("--lang", choices=LANGUAGES)
    parser.add_argument("--size", choices=[f"{columns}x{lines}" for columns, lines in SIZES])
    given = parser.parse_args(arguments)
    for variant in VARIANTS:
        columns, lines = variant.size
        wanted = (given.theme or variant.theme, given.lang or variant.language)
        size = given.size or f"{columns}x{lines}"
        if (*wanted, size) != (variant.theme, variant.language, f"{columns}x{lines}"):
            continue
        folder = given.svg / variant.path.stem
        folder.mkdir(parents=True, exist_ok=True)
        for at, taken in enumerate(read(variant.path.read_text("utf-8")), 1):
            name = taken.name.replace(":", "").replace("?", "").replace(" ", "_")
            (folder / f"{at:02}_{name}.svg").write_text(picture(taken, variant.size), "utf-8")
        print(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
