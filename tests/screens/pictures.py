"""Pictures of the screens, kept in docs/pictures: what changed on one is a diff to look at.

`python -m tests.screens.pictures --write` draws them anew, without it says which differ.
"""

from __future__ import annotations

import asyncio
import datetime
import os
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from unittest import mock

from bench.records.log import open_bench
from bench.training.room import ExerciseRoom
from bench.words.catalogue import choose, say
from bench.workbench.review import ReviewDesk
from tests import forge
from tests.screens.driver import Bench, bench
from tests.screens.test_day import arrive, enter
from tests.screens.test_look import shown
from tests.screens.test_sending import Sticks
from tests.screens.test_start import Set, begun, new

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
RENEW = "python -m tests.screens.pictures --write"
PAGES = {  # by file name, in the order of a visit
    "hello": "HelloPage",
    "new_person": "UnknownPage",
    "arrival": "ArrivalPage",
    "machine": "MachinePage",
    "returning": "ReturningPage",
    "question": "AskPage",
    "review": "ReviewPage",
    "confirm": "ReviewPage",
    "progress": "ProgressPage",
    "failed": "FailedPage",
    "look": "LookPage",
    "grade": "GradePage",
    "label": "LabelPage",
    "done": "DonePage",
    "help": "HelpPage",
    "day": "HelloPage",
    "closing": "HelloPage",
    "sending": "HelloPage",
    "find": "HelloPage",
    "keyboard": "KeyboardPage",
    "clock": "ClockPage",
    "lessons": "LessonsPage",
    "exercise": "TrayPage",
}


# From the day's page, the keys to the page that is drawn.
_OF_THE_DAY = {"day": (), "closing": ("2",), "sending": ("3",), "find": ("4",)}


STICKS = ("SanDisk Ultra « DOSSIER », 16 Go", "Kingston DataTraveler « PHOTOS », 64 Go")


def wanted(b: Bench) -> bool:
    """Whether the page still waits for what it shows."""
    return any(say(key) in b.text() for key in ("screens.wait.what", "story.page.reading"))


def plain(picture: str) -> str:
    """Without web fonts, which have addresses, and with names that stay as they are."""
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    picture = re.sub(r"terminal-\d+", "terminal", picture)
    picture = re.sub(r"<!--.*?-->", "", picture, flags=re.DOTALL)
    lines = [line.rstrip() for line in picture.splitlines()]
    return "\n".join(line for line in lines if line) + "\n"


@asynccontextmanager
async def day() -> AsyncIterator[Bench]:
    """A supervisor before the day's review: two machines held back, one erased twice."""
    with tempfile.TemporaryDirectory(prefix="etabli-pictures-") as folder:
        place = Path(folder)
        log = open_bench(place / "data", forge.Clock(), forge.Noise("a"), name="Poste 1")
        for number in range(2):
            arrive(log, f"RC26-00421{number}", f"S{number}", blocked="erasure_failed")
        desk = ReviewDesk(log, place / "out", carrier=Sticks(place, *STICKS))
        desk.choose_pin("481516")
        async with bench(supervision=desk) as b:
            await enter(b)
            await b.at("DayPage")
            yield b
        log.store.close()


async def draw(name: str) -> str:
    """The picture of that name, as on any terminal that shows every language."""
    with mock.patch.dict(os.environ, {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}):
        return await _drawn(name)


async def _drawn(name: str) -> str:
    if name in _OF_THE_DAY:
        async with day() as b:
            await b.press(*_OF_THE_DAY[name])
            await b.until(lambda: not wanted(b), "what was read")
            await b.settle()
            return picture_of(b)
    if name in ("keyboard", "clock"):
        with tempfile.TemporaryDirectory(prefix="etabli-pictures-") as folder:
            dead = Set(datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC))
            async with begun(new(Path(folder), dead if name == "clock" else None)) as b:
                await b.press(*("29" if name == "clock" else ""))
                return picture_of(b)
    if name in ("lessons", "exercise"):
        async with bench(training=ExerciseRoom()) as b:
            await b.at("HelloPage")
            await b.press("f7", *("2" if name == "exercise" else ""))
            await b.at(PAGES[name])
            await b.until(lambda: bool(b.page.view().rows), "the disks")
            await b.settle()
            return picture_of(b)
    async with shown(PAGES[name], "fr") as b:
        if name == "confirm":
            await b.press("1")
            await b.at("ConfirmPage")
            await b.until(lambda: b.app.desk.watch.disks is not None, "size and number")
            await b.press("8", "f")
        return picture_of(b)


def picture_of(b: Bench) -> str:
    return plain(b.app.export_screenshot(title="Établi"))


async def draw_all() -> Mapping[str, str]:
    return {name: await draw(name) for name in PAGES}


def main(arguments: list[str]) -> int:
    choose("fr")
    drawn = asyncio.run(draw_all())
    old = {path.stem: path.read_text("utf-8") for path in FOLDER.glob("*.svg")}
    differ = sorted(name for name in old.keys() | drawn.keys() if old.get(name) != drawn.get(name))
    for name in differ:
        print(f"docs/pictures/{name}.svg")
        if "--write" in arguments:
            (FOLDER / f"{name}.svg").unlink(missing_ok=True)
            if name in drawn:
                (FOLDER / f"{name}.svg").write_text(drawn[name], "utf-8")
    return 0 if "--write" in arguments else int(bool(differ))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
