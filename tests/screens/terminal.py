"""A real terminal (tmux) for the real screens: waits for what is shown, never for time alone.

How long a page takes depends on the machine; what it shows does not. So each key is sent
once, after the page it is meant for was seen, and the limit of every wait is generous.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path

from bench.words.catalogue import say

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 120.0  # a page on an idle machine takes less than one second
LOOK_S = 0.05
# The screens take the same key, sooner than this on a new page, for a double press (`Desk`).
APART_S = 0.4
TURNED = say("screens.keys.turned")


ERASED = "Le disque est effacé"


class Terminal:
    """One tmux server of our own, 80x24, with the environment of a Linux console."""

    def __init__(
        self, folder: Path, data: Path, *options: str, under: tuple[str, ...] = ()
    ) -> None:
        """`under`: a program that runs the screens and watches them."""
        self._socket = str(folder / "tmux")
        self._data, self._options, self._under = data, options, under

    def _tmux(self, *words: str) -> str:
        command = ["tmux", "-S", self._socket, *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def start(self, columns: int = 80, rows: int = 24) -> None:
        """Start the screens; what ran here before is ended first."""
        self.close()
        words = shlex.join(
            [*self._under, str(ROOT / "etabli"), "--data", str(self._data), *self._options]
        )
        command = f"TERM=linux {words}; echo ended $?; sleep 3600"
        self._tmux("new-session", "-d", "-x", str(columns), "-y", str(rows), command)

    def one_page_only(self) -> None:
        """From now on like a Linux console, which has no second page for programs."""
        self._tmux("set", "-g", "alternate-screen", "off")

    def close(self) -> None:
        """End the server and wait until it has: a dying one would take a new session along."""
        self._tmux("kill-server")
        while self._tmux("list-sessions"):
            time.sleep(LOOK_S)

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def see(self, *texts: str) -> str:
        """The screen once it shows one of these texts. A terminal tells by looking only."""
        deadline = time.monotonic() + LIMIT_S
        while True:
            shown = self.screen()  # once for all texts: what comes between two looks is in neither
            if any(text in shown for text in texts):
                return shown
            over = "\nended " in f"\n{shown}" or time.monotonic() > deadline
            assert not over, f"no {texts!r} on:\n{shown}"
            time.sleep(LOOK_S)

    def press(self, key: str, *texts: str) -> str:
        """One key, once; the screen when it shows one of the texts that follow from it."""
        while True:
            time.sleep(APART_S)
            self._tmux("send-keys", key)
            shown = self.see(*texts, TURNED)
            if any(text in shown for text in texts):
                return shown
            # The page had turned by itself, and the key was not taken: chosen again, as it says.
            # Unless what it says is of an earlier key, and this one's page is on its way.
            end = time.monotonic() + 4
            while time.monotonic() < end:
                if any(text in (shown := self.screen()) for text in texts):
                    return shown
                time.sleep(LOOK_S)

    def choose(self, choice: str, *texts: str) -> str:
        """Press the number that stands before this choice now: a list may have grown."""
        line = re.compile(rf"^\W*(\d)  {re.escape(choice)}", re.MULTILINE)
        number = line.search(self.see(choice))
        assert number is not None, f"no number before {choice!r} on:\n{self.screen()}"
        return self.press(number[1], *texts)

    def type(self, text: str, *, secret: bool = False) -> None:
        """Letters into a field, each seen before the next: typed, never scanned."""
        for count in range(1, len(text) + 1):
            so_far = "*" * count if secret else text[:count]
            key = "Space" if text[count - 1] == " " else text[count - 1]
            self.press(key, f"[ {so_far}_ ]")

    def fill(self, text: str, then: str) -> str:
        """Letters into the places of a code of known length; after the last, another page."""
        for count in range(1, len(text)):
            self.press(text[count - 1], " ".join(text[:count]) + " _")
        return self.press(text[-1], then)

    def erase_killed(self, tail: str) -> None:
        """Confirm a disk by its `tail`; the screens are killed while it is erased, and come back to
        a disk that is."""
        self.fill(tail, "Appuyez sur F8")
        # A slow machine may show these for less time than between two looks at the terminal.
        self.press("F8", "Une touche arrête tout", "J'efface le disque", ERASED)
        self.see("J'efface le disque", ERASED)
        self.kill_screens()
        self.start()
        self.see(ERASED)

    def kill_screens(self) -> None:
        """`kill -9` of the process that draws."""
        pane = int(self._tmux("list-panes", "-F", "#{pane_pid}").strip())
        children = {pane}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _parent(entry) in children:
                children.add(int(entry.name))
        for pid in children - {pane}:
            if b"bench/__main__" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return -1
