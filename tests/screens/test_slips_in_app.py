"""The slip laboratory at the real application: the same people, the same promises.

Keys, scans as bursts, resizes, a stick that cannot be written, absences and restarts; the people
and what must hold are `tests/slips`. Half of the many sit in test_slips_in_app_beside.py: a file
stays with one worker.
"""

from __future__ import annotations

import datetime
import os
import random
from collections import Counter

import pytest

from tests.slips.in_app import AppScreens, AtTheBench
from tests.slips.laboratory import port_of, session, watch_answers

# Others each day in CI. One costs some two seconds of a processor: all two hundred of them,
# ETABLI_APP_SLIPS=200, take seven minutes of one.
SESSIONS = int(os.environ.get("ETABLI_APP_SLIPS", "80"))
FIRST = datetime.date.today().toordinal() * SESSIONS if os.environ.get("CI") else 0
FEW = 2
PARTS = 4
SLIPS = 10  # acts of a person who slips, before one who reads takes over


async def one_session(seed: int, seen: Counter[str], *, broken: bool = False) -> None:
    draw = random.Random(seed)
    port = port_of(draw)
    port.broken = broken
    screens = AppScreens(port, draw)
    with pytest.MonkeyPatch.context() as patch:
        watch_answers(patch)
        person = AtTheBench(screens, draw)
        await screens.play(lambda: session(screens, person, SLIPS, seen))


async def many(part: int) -> None:
    """One of the parts of all sessions."""
    seen: Counter[str] = Counter()
    each = SESSIONS // PARTS
    first = FIRST + part * each
    for seed in range(first, first + each):
        print(f"seed {seed}")  # shown where it fails
        await one_session(seed, seen)
    print(dict(sorted(seen.items())))
    assert seen["erased 1"] > 0 and sum(seen.values()) == 3 * each


@pytest.mark.parametrize("seed", range(FEW))
async def test_whoever_slips_at_the_application_finds_the_end(seed: int) -> None:
    await one_session(seed, Counter())


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS // 2))
async def test_many_who_slip_at_the_application(part: int) -> None:
    await many(part)


@pytest.mark.long
async def test_a_crash_of_the_application_is_seen() -> None:
    with pytest.raises((TypeError, AttributeError, ValueError)):
        for seed in range(3):
            await one_session(seed, Counter(), broken=True)
