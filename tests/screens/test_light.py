"""When the console may go dark, what wakes it, and that no answer is given unseen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bench.console.light import DARK_MIN, DARK_S, Light
from bench.guide.visit import Visit
from tests.screens.driver import ERASE, HELLO, Bench, bench
from tests.screens.fake_port import FakePort

OFF, ON = "\x1b[9;0]", f"\x1b[9;{DARK_MIN}]"


def played(
    play: Callable[[Bench, list[str]], Coroutine[Any, Any, None]], start: Visit = HELLO
) -> None:
    """`told`: what was said to a Linux console meanwhile."""
    told: list[str] = []

    async def run() -> None:
        async with bench(FakePort(percent_a_look=1), start=start) as driven:
            driven.app._light = Light(told.append, "linux")
            driven.app.redraw()
            await driven.settle()
            await play(driven, told)

    asyncio.run(run())


@pytest.mark.parametrize("term", ["xterm-256color", "tmux", "dumb", ""])
def test_other_terminals_are_told_nothing_and_never_taken_for_dark(term: str) -> None:
    told: list[str] = []
    light = Light(told.append, term)
    light.show(True)
    assert told == [] and not light.dark(10 * DARK_S)


def test_it_may_go_dark_at_bonjour_and_not_at_a_question() -> None:
    async def play(driven: Bench, told: list[str]) -> None:
        assert told == [ON]
        await driven.press("n")
        assert told == [ON, OFF]  # half a code: somebody is here
        await driven.press("escape")
        await driven.sign_in()
        assert told == [ON, OFF, ON, OFF]

    played(play)


@pytest.mark.long
def test_it_may_go_dark_while_an_erasure_runs() -> None:
    async def play(driven: Bench, told: list[str]) -> None:
        await driven.to_progress()
        assert told[-1] == ON
        await driven.press(str(len(driven.app.desk.view().choices)))
        await driven.at("StopPage")
        assert told[-1] == OFF

    played(play, ERASE)


@pytest.mark.long
@pytest.mark.parametrize("key", ["1", "n", "enter", "escape", "f9"])
def test_the_key_that_wakes_it_does_nothing_else(key: str) -> None:
    async def play(driven: Bench, told: list[str]) -> None:
        before = (driven.name, driven.text())
        driven.clock.ahead += DARK_S + 1
        await driven.press(key)
        assert (driven.name, driven.text()) == before
        await driven.press("n")
        assert "N" in driven.text().split("[ ")[1][:3].upper()

    played(play)


def test_a_badge_wakes_it_and_counts() -> None:
    async def play(driven: Bench, told: list[str]) -> None:
        driven.clock.ahead += DARK_S + 1
        await driven.scan("OP-NADIA")
        await driven.at("ArrivalPage")

    played(play)
