"""Every kind of page in every theme: `python -m tests.screens.themes` prints the worst of each.

A page is measured in all four as it is, and with the arrow moved twice. What other tests show is
measured too, in the theme they wear (`tests.screens.driver.Bench.settle`).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from bench.console.screen import BenchScreen, Frame
from bench.console.themes import THEMES
from bench.guide.comfort import ThemeName
from bench.screens.asides import HelpPage
from bench.screens.kit.view import Choice, Field, Mark, Row, Tone, View
from bench.words.catalogue import choose
from tests.screens.contrast import Seen, measure
from tests.screens.driver import Bench, bench
from tests.screens.pictures import day
from tests.screens.test_look import OVER, PAGES, TOPICS, shown
from tests.screens.test_start import WAYS, Set, begun, new

Scene = Callable[[], AsyncIterator[Bench]]
FRAME = Frame("POSTE 3", 5, 8, "Effacer", "Nadia", "RC26-004217-7", listen=True)
ROWS = tuple(
    Row(str(n), f"Disque {n}", "256 Go", "8F3K", "Prêt", "prêt", mark=n == 1, tone=tone)
    for n, tone in enumerate(Tone)
)
LISTED = tuple(Row(row.key, row.title, "", "", row.state, "") for row in ROWS)
MARKS = tuple(Mark(str(n), f"État {n}", f"lid{n}") for n in range(1, 6))
TWO = (Choice("a", "Non, revenir"), Choice("b", "Oui, effacer", hotkey="F8"))


def drawn() -> tuple[View, ...]:
    """All that the widgets can draw, in every tone, with and without a notice."""
    parts = (
        View("Titre", lines=("Phrase.",), facts=(("Disque", "256 Go"),), choices=TWO, percent=45),
        View("Titre", field=Field("Le code", "8F", slots=4), choices=TWO, at=1, picture="label"),
        View("Titre", field=Field("Le nom", "Nad"), picture="disk", back=False),
        View("Titre", rows=ROWS, choices=TWO, at=1),
        View("Titre", rows=ROWS, choices=TWO, at=3),
        View("Titre", rows=ROWS * 8, choices=TWO, at=0),
        View("Titre", rows=LISTED * 8, at=12),
        View("Titre", marks=MARKS, choices=TWO, at=2),
        View("Titre", big="B", choices=TWO, compact=True, area="Encadrant"),
        View("Titre", big="?", choices=TWO),
        View("Titre", fill="red"),
    )
    return tuple(
        replace(view, tone=tone, notice=notice)
        for view in parts
        for tone in Tone
        for notice in ("", "Ce n'est pas le bon code. Tapez-le encore.")
    )


async def parts() -> AsyncIterator[Bench]:
    async with bench() as b:
        screen = b.app.screen
        assert isinstance(screen, BenchScreen)
        for view in drawn():
            screen.show(view, FRAME)
            await b.heard()
            yield b


async def page(name: str) -> AsyncIterator[Bench]:
    async with shown(name, "fr") as b:
        yield b
        for _ in range(2):
            await b.press("down")
            yield b


async def helps() -> AsyncIterator[Bench]:
    async with bench() as b:
        for topic in TOPICS:
            b.app.desk.put(HelpPage(b.app.desk, topic))
            await b.settle()
            yield b


async def erasing() -> AsyncIterator[Bench]:
    """From the disk to the countdown, with a wrong code on the way."""
    async with shown("ReviewPage", "fr", countdown_s=600) as b:
        for keys, name in (("1", "ConfirmPage"), ("8f3x", "ConfirmPage"), ("8f3k", "ReadyPage")):
            await b.press(*keys)
            await b.at(name)
            yield b
        await b.press("f8")
        await b.at("CountdownPage")
        yield b


async def dead_pixels() -> AsyncIterator[Bench]:
    async with shown("ColoursPage", "fr") as b:
        await b.press("1")
        for _ in range(4):
            assert b.app.desk.view().fill
            yield b
            await b.press("space")


async def supervising() -> AsyncIterator[Bench]:
    async with day() as b:
        yield b
        for _ in range(3):
            await b.press("down")
            yield b
        await b.press("1")
        yield b


async def beginning(name: str) -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="etabli-themes-") as folder:
        async with begun(new(Path(folder))) as b:
            await b.press(*WAYS[name]())
            await b.at(name)
            yield b


async def clock() -> AsyncIterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="etabli-themes-") as folder:
        dead = Set(dt.datetime(1980, 1, 1, tzinfo=dt.UTC))
        async with begun(new(Path(folder), dead)) as b:
            yield b


async def too_small() -> AsyncIterator[Bench]:
    async with bench(size=(79, 23)) as b:
        assert isinstance(b.app.screen, BenchScreen) and b.app.screen.small
        yield b


SCENES: Mapping[str, Scene] = {
    **{name: partial(page, name) for name in (*PAGES, *OVER)},
    **{f"start: {name}": partial(beginning, name) for name in WAYS},
    "parts": parts,
    "helps": helps,
    "erasing": erasing,
    "dead pixels": dead_pixels,
    "supervising": supervising,
    "clock": clock,
    "too small": too_small,
}


async def worst(scene: Scene) -> dict[tuple[ThemeName, str], Seen]:
    """The worst of each kind in each theme, over all that the scene shows."""
    found: dict[tuple[ThemeName, str], Seen] = {}
    async with aclosing(scene()) as pages:  # type: ignore[type-var]
        async for b in pages:
            for theme in THEMES:
                b.app.wear(theme)
                await b.heard()
                for kind, seen in measure(b.app.screen, colourless=theme == "mono").items():
                    found[theme, kind] = min(seen, found.get((theme, kind), seen))
            b.app.wear("console")
            await b.heard()
    return found


async def worst_of_all() -> dict[tuple[ThemeName, str], Seen]:
    """Over every scene."""
    found: dict[tuple[ThemeName, str], Seen] = {}
    for scene in SCENES.values():
        for key, seen in (await worst(scene)).items():
            found[key] = min(seen, found.get(key, seen))
    return found


def main() -> int:
    choose("fr")
    for (theme, kind), seen in sorted(asyncio.run(worst_of_all()).items()):
        print(f"{theme:9} {kind:7} {seen.ratio:5.2f}  {seen.show}: {seen.text.strip()[:40]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
