"""The real screens on a real terminal, TERM=linux: killed, and hung up on, in each step of a visit.

Each time they are started again they stand where the worker stood; a confirmation alone is asked
for again. The terminal is gone: so are the screens, and nothing of them stays behind.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.screens.terminal import ERASED, Terminal

pytestmark = [
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
    pytest.mark.long,  # two starts in each of eighteen places
]
GONE_S = 20.0  # for screens whose terminal is gone
ERASE = "Effacer ce disque"


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path, tmp_path / "data", "--demo")
    made.start()
    yield made
    made.close()


class CutOff:
    """Kills the screens, and hangs up on them, in each place; gives the page they came back to."""

    def __init__(self, terminal: Terminal, data: Path) -> None:
        self.terminal, self.data, self.places = terminal, data, 0

    def here(self, text: str) -> str:
        self.terminal.see(text)
        self.terminal.kill_screens()
        self.terminal.start()
        self.terminal.see(text)
        self.terminal.close()
        end = time.monotonic() + GONE_S
        while self.screens():
            assert time.monotonic() < end, "screens without a terminal"
            time.sleep(0.05)
        self.terminal.start()
        self.places += 1
        return self.terminal.see(text)

    def screens(self) -> list[Path]:
        """The processes that draw for this data folder."""
        wanted = (str(self.data).encode(), b"--demo")
        found = []
        for entry in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                words = entry.read_bytes().split(b"\0")
            except OSError:  # it ended
                continue
            if all(word in words for word in wanted):
                found.append(entry.parent)
        return found

    def through(self, shown: str, then: str) -> str:
        """Answer all questions that are left, "(2 sur 6)" and so on; then comes `then`."""
        found = re.search(r"\((\d+) sur (\d+)\)", shown)
        assert found is not None, shown
        for number in range(int(found[1]) + 1, int(found[2]) + 1):
            self.terminal.press("1", text := f"({number} sur {found[2]})")
            self.here(text)
        self.terminal.press("1", then)
        return self.here(then)


def test_the_screens_come_back_to_where_the_worker_stood(
    terminal: Terminal, tmp_path: Path
) -> None:
    cut = CutOff(terminal, tmp_path / "data")
    cut.here("Scannez votre badge")
    # The key 1 of a French keyboard, without Shift.
    for key, then in (("&", "Donner un nouveau numéro"), ("&", "Oui, continuer")):
        terminal.press(key, then)
        cut.here(then)
    terminal.press("1", "C'est bien lui")
    cut.here("C'est bien lui")
    terminal.press("1", "(1 sur")
    cut.through(cut.here("(1 sur"), ERASE)
    tail = _asked_for(terminal)
    cut_off_unconfirmed(terminal)
    assert _asked_for(terminal) == tail
    terminal.fill(tail, "Appuyez sur F8")
    cut_off_unconfirmed(terminal)
    _asked_for(terminal)
    terminal.erase_killed(tail)
    cut.here(ERASED)
    assert len([*(tmp_path / "data" / "demo" / "jobs").glob("*/journal.jsonl")]) == 1
    terminal.press("1", "(1 sur")
    cut.through(cut.here("(1 sur"), "La note de ce PC")
    terminal.press("1", "L'étiquette viendra plus tard.")
    cut.here("L'étiquette viendra plus tard.")
    terminal.press("1", "Prendre un autre PC")
    cut.here("Prendre un autre PC")
    print(cut.places, "places")


def _asked_for(terminal: Terminal) -> str:
    """From the disk to its confirmation; gives the four characters that are asked for."""
    shown = terminal.press("Enter", "Tapez les 4 derniers caractères")
    return shown.partition("…")[2][:4]


def cut_off_unconfirmed(terminal: Terminal) -> None:
    """What was typed to confirm is no confirmation after a restart: the disk is asked about anew,
    and nothing was erased."""
    terminal.kill_screens()
    terminal.start()
    shown = terminal.see(ERASE, "J'efface le disque", ERASED)
    assert ERASE in shown
