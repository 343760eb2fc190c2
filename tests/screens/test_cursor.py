"""Braille: the cursor of a real terminal lies on the focus, on every page of a worker's.

brltty reads its place from the console, shown or not (docs/facts/screens.md). The driver of these
tests asks the same of every page that any of them shows; here it is asked of a terminal.
`python -m tests.screens.test_cursor FOLDER` is the other side: it draws the pages, one by one.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from bench.console.screen import BenchScreen
from bench.screens.kit.view import View
from bench.words.catalogue import choose
from tests.screens.test_look import OVER, PAGES, shown
from tests.screens.themes import FRAME

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("ReviewPage", "TrayPage", "LookPage", "TypePage", "HelloPage")  # of where a focus may be
STEPS = ("", "down", "down", "up")  # pressed one after another
LIMIT_S = 120


async def draw(folder: Path, names: Sequence[str]) -> None:
    """Each page, and what is pressed on it; `drawn` says which is there, and is taken away."""
    for name in names:
        async with shown(name, "fr", headless=False) as b:
            for key in STEPS:
                if key:
                    await b.press(key)
                view, at = b.app.desk.view(), b.app.cursor_position
                focus = 0 <= view.at < view.items
                kind = "arrow" if focus else "field" if view.field else "title"
                note = {"name": name, "kind": kind, "title": view.title, "at": (at.x, at.y)}
                (folder / "draft").write_text(json.dumps(note), "utf-8")
                (folder / "draft").rename(folder / "drawn")
                while (folder / "drawn").exists():
                    await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    "names", [KINDS, pytest.param((*PAGES, *OVER), marks=pytest.mark.long)], ids=["kinds", "all"]
)
def test_the_terminals_cursor_is_on_the_focus(tmp_path: Path, names: tuple[str, ...]) -> None:
    def tmux(*words: str) -> str:
        command = ["tmux", "-S", str(tmp_path / "tmux"), *words]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    module = f"{sys.executable} -P -m tests.screens.test_cursor {tmp_path} {' '.join(names)}"
    line = f"cd {ROOT}; TERM=linux PYTHONPATH={ROOT} {module}; touch {tmp_path}/ended; sleep 300"
    tmux("new-session", "-d", "-x", "80", "-y", "24", line, ";", "set", "-g", "status", "off")
    try:
        seen = []
        while not (tmp_path / "ended").exists():
            end = time.monotonic() + LIMIT_S
            while not (tmp_path / "drawn").exists() and not (tmp_path / "ended").exists():
                assert time.monotonic() < end, tmux("capture-pane", "-p")
                time.sleep(0.005)
            if not (tmp_path / "drawn").exists():
                break
            note = json.loads((tmp_path / "drawn").read_text("utf-8"))
            while True:  # what was written is on its way through the terminal
                place = tmux("display", "-p", "#{cursor_x} #{cursor_y}").split()
                rows = tmux("capture-pane", "-p").split("\n")
                x, y = (int(number) for number in place)
                if on_focus(rows[y], x, note):
                    break
                assert time.monotonic() < end - LIMIT_S + 5, (note, (x, y), "\n".join(rows))
                time.sleep(0.01)
            seen.append(note["name"])
            (tmp_path / "drawn").unlink()
        assert seen == [name for name in names for _ in STEPS], tmux("capture-pane", "-p")
    finally:
        tmux("kill-server")


def on_focus(row: str, x: int, note: dict[str, str]) -> bool:
    """Whether that cell of that row is where the page has its focus."""
    if note["kind"] == "arrow":
        return "→" in row[max(0, x - 2) : x + 1]
    if note["kind"] == "field":
        return "[ " in row[:x] and "_" in row[x:]
    return row[x:].startswith(note["title"][:10])


async def test_the_cursor_leaves_a_scale_that_is_shown_no_more() -> None:
    """Its boxes keep their focus while they are hidden: a page without any choice came after."""
    async with shown("LookPage", "fr") as b:
        await b.press("down")
        screen = b.app.screen
        assert isinstance(screen, BenchScreen) and b.cursor_is_on_focus()
        screen.show(View("J'imprime."), FRAME)
        await b.heard()
        assert screen.cursor() == screen.query_one("#words").content_region.offset


if __name__ == "__main__":
    os.environ.pop("COLORTERM", None)
    choose("fr")
    asyncio.run(draw(Path(sys.argv[1]), sys.argv[2:]))
