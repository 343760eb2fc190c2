"""The real screens in a real terminal (tmux, 80x24), by keyboard alone, with a real erasure."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")


class Terminal:
    """One tmux server of our own; `see` waits for a text, `press` sends keys."""

    def __init__(self, folder: Path) -> None:
        self._socket = str(folder / "tmux")
        self._data = folder / "data"

    def _tmux(self, *words: str) -> str:
        command = ["tmux", "-S", self._socket, *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def start(self) -> None:
        command = f"ETABLI_DATA={self._data} {ROOT}/etabli --demo; echo ended $?; sleep 600"
        self._tmux("kill-server")
        while self._tmux("list-sessions"):  # a dying server would take the new session along
            time.sleep(0.05)
        self._tmux("new-session", "-d", "-x", "80", "-y", "24", command)

    def close(self) -> None:
        self._tmux("kill-server")

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def see(self, text: str, timeout_s: float = 60) -> str:
        """The screen once it shows this text. Polls a terminal: it has no other event."""
        deadline = time.monotonic() + timeout_s
        while text not in (shown := self.screen()):
            assert time.monotonic() < deadline, f"no {text!r} on:\n{shown}"
            time.sleep(0.1)
        return shown

    def press(self, *keys: str) -> None:
        for key in keys:
            self._tmux("send-keys", key)
            time.sleep(0.25)  # slower than a scanner: typed, not scanned

    def go(self, key: str, text: str) -> str:
        """Press a key until the next page shows; a page just drawn may not take keys yet."""
        deadline = time.monotonic() + 60
        while True:
            self.press(key)
            pause = time.monotonic() + 3
            while time.monotonic() < pause:
                if text in (shown := self.screen()):
                    return shown
                time.sleep(0.1)
            assert time.monotonic() < deadline, f"{key} never led to {text!r} from:\n{shown}"

    def kill_screens(self) -> None:
        """`kill -9` of the Textual process."""
        pane = int(self._tmux("list-panes", "-F", "#{pane_pid}").strip())
        children = {pane}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _parent(entry) in children:
                children.add(int(entry.name))
        for pid in children - {pane}:
            if b"--demo" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return -1


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path)
    made.start()
    yield made
    made.close()


def to_confirmation(terminal: Terminal) -> str:
    """From Bonjour to the four characters; gives them."""
    terminal.see("Scannez votre badge")
    terminal.press(*"NADIA")
    terminal.go("Enter", "Donner un nouveau numéro")
    terminal.go("1", "Vérifiez qu'il est sur le PC")
    terminal.go("1", "C'est bien lui")
    terminal.go("1", "Étape 4")
    shown = terminal.go("1", "Étape 5")
    shown = terminal.see("Effacer ce disque")
    terminal.go("Enter", "Tapez les 4 derniers caractères")
    return shown.partition("…")[2][:4]


def test_from_bonjour_to_fini_with_the_screens_killed_in_between(terminal: Terminal) -> None:
    tail = to_confirmation(terminal)
    terminal.press(*tail)
    terminal.see("Appuyez sur F8")
    terminal.go("F8", "Une touche arrête tout")
    terminal.see("J'efface le disque")
    terminal.kill_screens()
    terminal.start()
    terminal.see("Le disque est effacé")
    terminal.go("1", "Étape 6")
    terminal.go("1", "La note de ce PC")
    terminal.go("1", "Voici l'étiquette")
    asset = "RC26-" + terminal.see("RC26-").partition("RC26-")[2][:8]
    terminal.go("1", "scannez-la")
    terminal.press(*asset)
    terminal.go("Enter", "Étape 8")
    terminal.see(asset)
    terminal.go("2", "ended 0")


def test_a_small_window_is_said_in_one_sentence(tmp_path: Path) -> None:
    socket = str(tmp_path / "tmux")
    command = f"ETABLI_DATA={tmp_path} {ROOT}/etabli --demo; echo ended $?; sleep 60"
    tmux = ["tmux", "-S", socket]
    subprocess.run([*tmux, "new-session", "-d", "-x", "60", "-y", "20", command], check=True)
    try:
        deadline = time.monotonic() + 20
        shown = ""
        while "ended" not in shown and time.monotonic() < deadline:
            capture = [*tmux, "capture-pane", "-p"]
            shown = subprocess.run(capture, capture_output=True, text=True, check=True).stdout
            time.sleep(0.1)
        assert "80x24" in shown and "ended 2" in shown and "Traceback" not in shown
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
