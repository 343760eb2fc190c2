"""The real screens in a real terminal (tmux, 80x24), by keyboard alone, with a real erasure."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.terminal import Terminal

pytestmark = [
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
    pytest.mark.long,  # half a minute and more of keys pressed one by one
]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path, tmp_path / "data", "--demo")
    yield made
    made.close()


def through(terminal: Terminal, shown: str, then: str) -> str:
    """Answer 1 to all questions that are left, "(2 sur 6)" and so on; then comes `then`."""
    found = re.search(r"\((\d+) sur (\d+)\)", shown)
    assert found is not None, shown
    for number in range(int(found[1]) + 1, int(found[2]) + 1):
        terminal.press("1", f"({number} sur {found[2]})")
    return terminal.press("1", then)


def to_confirmation(terminal: Terminal) -> str:
    """From Bonjour to the four characters; gives them."""
    terminal.see("Scannez votre badge")
    terminal.press("1", "Donner un nouveau numéro")
    terminal.press("1", "Oui, continuer")
    terminal.press("1", "C'est bien lui")
    shown = terminal.press("1", "1  Oui")
    shown = through(terminal, shown, "Effacer ce disque")
    terminal.press("Enter", "Tapez les 4 derniers caractères")
    return shown.partition("…")[2][:4]


def test_from_bonjour_to_fini_with_the_screens_killed_in_between(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.start()
    tail = to_confirmation(terminal)
    terminal.erase_killed(tail)
    assert len([*(tmp_path / "data" / "demo" / "jobs").glob("*/journal.jsonl")]) == 1
    shown = terminal.press("1", "(1 sur")
    through(terminal, shown, "La note de ce PC")
    terminal.press("1", "L'étiquette viendra plus tard.")  # the demonstration has no printer
    asset = "DEMOC26-" + terminal.see("DEMOC26-").partition("DEMOC26-")[2][:8]
    terminal.press("1", "Prendre un autre PC")
    terminal.see(asset)
    terminal.press("2", "ended 0")


def test_the_screens_are_drawn_on_the_terminal_wherever_errors_go(tmp_path: Path) -> None:
    errors = tmp_path / "err.log"
    under = ("sh", "-c", f'exec "$@" 2>{errors}', "sh")
    terminal = Terminal(tmp_path, tmp_path / "data", "train", under=under)
    try:
        terminal.start()
        terminal.see("Premier PC")
        terminal.press("1", "1  Camille")
        terminal.press("1", "Bonjour Camille.")
        terminal.press("F7", "Finir l'exercice ?")
        assert b"\x1b" not in errors.read_bytes()
    finally:
        terminal.close()


def test_the_terminal_itself_says_how_large_it_is(tmp_path: Path) -> None:
    under = ("env", "COLUMNS=200", "LINES=60")  # of the larger window the shell was in
    terminal = Terminal(tmp_path, tmp_path / "data", "train", under=under)
    try:
        terminal.start()
        assert "Aide : F1" in terminal.see("Premier PC").splitlines()[0]
    finally:
        terminal.close()


def test_on_a_console_nothing_of_the_last_page_is_left_behind(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, tmp_path / "data", "train")
    try:
        terminal.start()
        terminal.one_page_only()
        terminal.see("Premier PC")
        terminal.press("Escape", "Finir les exercices ?", "ended 0")
        assert terminal.see("ended 0").strip() == "ended 0"
    finally:
        terminal.close()


def test_a_small_window_is_said_in_one_sentence(terminal: Terminal) -> None:
    terminal.start(columns=60, rows=20)
    shown = terminal.see("ended")
    assert "80x24" in shown and "ended 2" in shown and "Traceback" not in shown
