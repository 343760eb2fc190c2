"""The walk from Bonjour to Fini on a real Linux console, page by page beside a terminal's.

The stick's own screens, with its own font, play the demonstration; the same keys go to the same
screens in tmux, as wide and as high. What the console's picture says, glyph by glyph, is what the
terminal holds, cell by cell: no letter is missing, nothing is moved or cut by the console.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.words.catalogue import say
from tests.screens.terminal import Terminal
from tests.vm import glass, stick
from tests.vm.inside import Inside
from tests.vm.test_stick_vm import START_S

pytestmark = pytest.mark.vm

PAGE_S = 240.0  # emulated, beside a full load, on a slow day
ERASED_S = 900.0  # the demonstration's disk is really written and read
SAME_S = 90.0  # what still moves on one of them comes to rest
DROP_IN = "/run/systemd/system/etabli.service.d"
DEMO = "[Service]\nExecStart=\nExecStart=/usr/bin/etabli --demo\n"
HELLO, ERASED = "Scannez votre badge", "Le disque est effacé"


@pytest.fixture(scope="module")
def letters(image: Path, tmp_path_factory: pytest.TempPathFactory) -> list[glass.Font]:
    return stick.fonts(image, tmp_path_factory.mktemp("letters"))


@pytest.fixture(scope="module")
def pc(image: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    folder = tmp_path_factory.mktemp("walk")
    key = stick.settled(stick.written(image, folder / "stick.raw"))
    with Inside(key, folder / "pc") as started:
        started.ready(timeout_s=START_S)
        yield started


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    font = ("env", "ETABLI_CONSOLE_FONT=etabli")  # the stick's offers the languages it can show
    made = Terminal(tmp_path, tmp_path / "data", "--demo", under=font)
    yield made
    made.close()


class Both:
    """The console and the terminal, with the same keys pressed on both."""

    def __init__(self, pc: Inside, terminal: Terminal, letters: list[glass.Font]) -> None:
        self.pc, self.terminal, self.letters = pc, terminal, letters
        self.pages: list[str] = []

    def press(self, key: str, text: str, *, at_most_s: float = PAGE_S) -> str:
        """One key on each, and the page with `text` that follows, alike on both."""
        self.terminal.press(key, text)
        if key == "Enter" or len(key) > 1:
            self.pc.monitor.press({"Enter": "ret"}.get(key, key.lower()))
        else:
            self.pc.write(key)
        return self.same(text, at_most_s=at_most_s)

    def same(self, text: str, *, at_most_s: float = PAGE_S) -> str:
        """The page with `text`, once both show it alike in every cell."""
        self.pc.wait_for_screen(text, self.letters, timeout_s=at_most_s)
        deadline = time.monotonic() + SAME_S
        while True:
            page = self.terminal.see(text)
            console, other = self._read(), page.splitlines()
            font = max(self.letters, key=lambda each: stick.readable("\n".join(console[each.high])))
            there, here = masked(console[font.high], font), masked(other, font)
            if there == here:
                self.pages.append(text)
                return page
            told = [f"{a}\n{b}" for a, b in zip(there, here, strict=False) if a != b]
            lines = "\n".join(told)
            assert time.monotonic() < deadline, f"{text!r}, console and terminal:\n{lines}"
            time.sleep(2)

    def _read(self) -> dict[int, list[str]]:
        picture = self.pc.picture()
        return {font.high: glass.read(picture, font) for font in self.letters}


def masked(lines: list[str], font: glass.Font) -> list[str]:
    """As the console's picture can be read: letters that look alike are one, a full cell is like
    an empty one. Numbers and times differ between two visits; where they stand does not."""
    read = ["".join(font.alike.get(each, each) for each in line) for line in lines]
    bare = [re.sub(r"\d", "0", line.replace("█", " ")).rstrip() for line in read]
    while bare and not bare[-1]:
        bare.pop()
    return bare


def through(both: Both, shown: str, then: str) -> str:
    """Answer 1 to all questions that are left, "(2 sur 6)" and so on; then comes `then`."""
    found = re.search(r"\((\d+) sur (\d+)\)", shown)
    assert found is not None, shown
    for number in range(int(found[1]) + 1, int(found[2]) + 1):
        both.press("1", f"({number} sur {found[2]})")
    return both.press("1", then)


def test_the_walk_is_on_the_console_what_it_is_in_a_terminal(
    pc: Inside, terminal: Terminal, letters: list[glass.Font]
) -> None:
    pc.wait_for_screen(HELLO, letters, timeout_s=START_S)
    pc.run(f"mkdir -p {DROP_IN}")
    pc.put(f"{DROP_IN}/demo.conf", DEMO)
    pc.run("systemctl daemon-reload; systemctl restart etabli", timeout_s=PAGE_S)
    pc.wait_for_screen("Nadia", letters, timeout_s=START_S)
    rows, columns = map(int, pc.run("stty size </dev/tty1").split())
    # The demonstration's people and the bench's own are asked for in the same way.
    terminal.start(columns, rows)
    both = Both(pc, terminal, letters)
    both.same(HELLO)
    both.press("1", "Donner un nouveau numéro")
    both.press("1", "Oui, continuer")
    both.press("1", "C'est bien lui")
    shown = both.press("1", "1  Oui")
    through(both, shown, "Effacer ce disque")
    shown = both.press("Enter", "Tapez les 4 derniers caractères")
    tail = shown.partition("…")[2][:4]
    for count in range(1, 4):
        both.press(tail[count - 1], " ".join(tail[:count]) + " _")
    both.press(tail[3], "Appuyez sur F8")
    both.press("F8", ERASED, at_most_s=ERASED_S)
    shown = both.press("1", "(1 sur")
    through(both, shown, "La note de ce PC")
    both.press("1", "L'étiquette viendra plus tard.")
    both.press("1", "Prendre un autre PC")
    print(len(both.pages), "pages:", *both.pages, sep="\n  ")
    assert say("screens.keys.turned") not in shown
