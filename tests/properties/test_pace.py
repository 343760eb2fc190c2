"""A second press of trembling hands counts once, within the person's own time.

Each key that chooses is pressed twice or more, at the real pages and the real flow: whoever has
the slowest pace never answers a page they did not read.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from bench.guide.comfort import MOST_PACE_S, Comfort
from bench.guide.scan import ENTER, GAP_S, digit
from bench.screens.kit.page import Page
from bench.words.catalogue import choose
from tests.screens.fake_port import SAMSUNG, STICK, FakePeople
from tests.slips.people import Careful, finished
from tests.slips.simulated import Screens, SlipPort

CHOOSES = (ENTER, "space")


class Trembling(Screens):
    """Every key that chooses comes twice to four times; what the later ones do is counted."""

    pace_s: float | None = None
    done = 0  # what was chosen or sent by a press that was not meant
    chosen: list[str]  # by whatever press

    def press(self, key: str, after: float = 0.4) -> None:
        super().press(key, after)
        if after < 0.1 or not (key in CHOOSES or digit(key) is not None):
            return  # of a scanner, or no choice
        if self.desk.visit.operator is None or self.desk.comfort.pace_s != self.pace_s:
            return  # nobody's own pace is known yet
        if self.view().field is not None and key not in CHOOSES:
            return  # a letter may be meant twice, and is not doubled here
        self.wait(GAP_S + 0.005)  # the decoder of scans has let it out
        before = len(self.chosen)
        for _ in range(self.draw.randint(1, 3)):
            super().press(key, self.draw.uniform(0.01, MOST_PACE_S - 0.07))
            self.wait(GAP_S + 0.005)
        self.done += len(self.chosen) - before


@pytest.fixture(autouse=True)
def language() -> Iterator[None]:
    yield
    choose(None)


def walk(seed: int, pace_s: float | None, patch: pytest.MonkeyPatch) -> Trembling:
    """A visit by somebody who reads and trembles; ends where the visit does, or after 80 acts."""
    chosen: list[str] = []
    for name in ("_chosen", "submit"):
        plain = getattr(Page, name)

        def noted(page: Page, key: str, plain: object = plain) -> None:
            chosen.append(key)
            plain(page, key)  # type: ignore[operator]

        patch.setattr(Page, name, noted)
    port = SlipPort(found=[SAMSUNG, STICK], percent_a_look=20)
    port.people = FakePeople(port, comforts={"NAD": Comfort(pace_s=pace_s)})
    Trembling.chosen = chosen
    screens = Trembling(port, random.Random(seed), patch)
    screens.pace_s = pace_s
    careful = Careful(screens)
    for _ in range(80):
        if finished(screens):
            break
        careful.act()
    return screens


@pytest.mark.long
@pytest.mark.parametrize("seed", range(40))
def test_who_trembles_answers_nothing_twice(seed: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        screens = walk(seed, MOST_PACE_S, patch)
        assert finished(screens), screens.pages
        assert screens.done == 0, screens.pages


def test_without_that_pace_some_presses_do_count_twice() -> None:
    """Or the test above could not fail."""
    with pytest.MonkeyPatch.context() as patch:
        assert walk(0, None, patch).done > 0
