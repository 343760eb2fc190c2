"""The slip laboratory: people who slip in every way, at the real pages and the real flow.

No wrong disk is erased, nothing crashes, no answer is lost, and whatever was slipped into, who
then reads the pages ends the visit: there is no dead end. The same people sit at the real
application in tests/screens/test_slips_in_app.py.
"""

from __future__ import annotations

import datetime
import os
import random
from collections import Counter

import pytest

from bench.words.catalogue import choose
from tests.slips.laboratory import port_of, session, watch_answers
from tests.slips.people import Slipping
from tests.slips.simulated import Screens

# Others each day in CI; all ten thousand, some six minutes: ETABLI_SLIPS=10000.
SESSIONS = int(os.environ.get("ETABLI_SLIPS", "3000" if os.environ.get("CI") else "24"))
FIRST = datetime.date.today().toordinal() * SESSIONS if os.environ.get("CI") else 0
ROUNDS = 4
SLIPS = 25  # acts of a person who slips, before one who reads takes over


def one_session(seed: int, seen: Counter[str]) -> None:
    draw = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        screens = Screens(port_of(draw), draw, patch)
        watch_answers(patch)
        session(screens, Slipping(screens, draw), SLIPS, seen)
    choose(None)


@pytest.mark.parametrize("part", range(ROUNDS))
def test_whoever_slips_harms_nothing_and_finds_the_end(part: int) -> None:
    seen: Counter[str] = Counter()
    each = SESSIONS // ROUNDS
    first = FIRST + part * each
    for seed in range(first, first + each):
        print(f"seed {seed}")  # shown where it fails
        one_session(seed, seen)
    print(dict(sorted(seen.items())))
    assert seen["erased 1"] > 0  # they come as far as that
