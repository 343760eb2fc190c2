"""The slip laboratory: people who slip in every way, at the real pages and the real flow.

No wrong disk is erased, nothing crashes, no answer is lost, and whatever was slipped into, who
then reads the pages ends the visit: there is no dead end. In the real application a part of it
is pressed again in tests/screens (bursts, hammered keys, kills).
"""

from __future__ import annotations

import datetime
import os
import random
from collections import Counter
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from bench.guide.happenings import CheckAnswered, CheckNoted, Event, Recognised
from bench.guide.shown import CheckMark, CheckProgress, EndedCheck
from bench.guide.visit import Fate, Visit, VisitOutcome, answered
from bench.screens.desk import GuidedDesk
from bench.words.catalogue import choose
from tests.screens.fake_port import SAMSUNG, STICK
from tests.slips.people import MINE, OTHER, Careful, Slipping, finished
from tests.slips.simulated import Screens, SlipPort

# Others each day in CI; all ten thousand, some six minutes: ETABLI_SLIPS=10000.
SESSIONS = int(os.environ.get("ETABLI_SLIPS", "3000" if os.environ.get("CI") else "24"))
FIRST = datetime.date.today().toordinal() * SESSIONS if os.environ.get("CI") else 0
ROUNDS = 4
SLIPS = 25  # acts of a person who slips, before one who reads takes over
ENOUGH = 120  # acts within which who reads must have ended the visit
# The disk that must stay: another one in the same PC, which the worker takes out and keeps.
KEPT = replace(SAMSUNG, key="KEEP:500", path="/dev/sdb", serial_tail=OTHER, confirm=OTHER)


class Answers:
    """Watches every step of the visit: an answer changes by answering that question alone."""

    def __init__(self, screens: Screens, patch: pytest.MonkeyPatch) -> None:
        tell = GuidedDesk.tell

        def told(desk: GuidedDesk, event: Event) -> None:
            before = desk.visit
            tell(desk, event)
            _kept(before, event, desk.visit)

        patch.setattr(GuidedDesk, "tell", told)


def _kept(before: Visit, event: Event, after: Visit) -> None:
    if (after.asset or after.about) != (before.asset or before.about):
        return
    if isinstance(event, Recognised) or not after.asset:
        return
    for answer in before.checks:
        now = answered(after.checks, answer.id)
        asked = isinstance(event, CheckAnswered | CheckNoted) and event.id == answer.id
        assert asked or now == answer, (answer, event, now)
    for look in before.looks:
        assert answered(after.looks, look.id) is not None, (look, event)


def session(seed: int, seen: Counter[str]) -> None:
    draw = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        kept = [KEPT] if draw.random() < 0.4 else []
        port = SlipPort(found=[SAMSUNG, *kept, STICK], percent_a_look=20)
        if draw.random() < 0.3:
            port.ends_with = draw.choice(("failed", "interrupted"))
        port.prints = draw.random() < 0.8
        screens = Screens(port, draw, patch)
        Answers(screens, patch)
        person = Slipping(screens, draw)
        for _ in range(SLIPS):
            person.act()
            if screens.left:  # "quitter ?" was said yes to
                screens.left = False
                screens.start()
        _no_wrong_erasure(port)
        ends(screens)
        _no_wrong_erasure(port)
        seen[person.habit] += 1
        seen[f"erased {len(port.calls('start_erase'))}"] += 1
        seen[str(screens.desk.visit.outcome)] += 1
    choose(None)


def ends(screens: Screens) -> None:
    """Whoever reads takes over: what is asked is answered, and the visit ends."""
    careful, port = Careful(screens), screens.port
    port.ends_with, port.prints = "purge", True
    port.found = [disk for disk in port.found if disk is not KEPT]  # it was taken out
    for _ in range(ENOUGH):
        if finished(screens):
            return
        careful.act()
    raise AssertionError(f"no end: {screens.pages[-30:]}\n{screens.view()}")


def _no_wrong_erasure(port: SlipPort) -> None:
    """The port itself refuses a wrong path and code; here: nothing was begun but what was meant."""
    for _, key, path, confirm in port.calls("start_erase"):
        assert (key, path, confirm) == (SAMSUNG.key, SAMSUNG.path, MINE)
    visit = [call[1] for call in port.calls("save_visit")][-1:]
    for each in visit:
        assert isinstance(each, Visit)
        if each.outcome is VisitOutcome.READY:
            fates = {disk.key: disk.fate for disk in each.disks or () if not disk.ours}
            assert fates.pop(SAMSUNG.key) is Fate.VERIFIED
            assert set(fates.values()) <= {Fate.RETIRED}


@pytest.mark.parametrize("part", range(ROUNDS))
def test_whoever_slips_harms_nothing_and_finds_the_end(part: int) -> None:
    seen: Counter[str] = Counter()
    each = SESSIONS // ROUNDS
    first = FIRST + part * each
    for seed in range(first, first + each):
        print(f"seed {seed}")  # shown where it fails
        session(seed, seen)
    print(dict(sorted(seen.items())))
    assert seen["erased 1"] > 0  # they come as far as that


class SoundPort(SlipPort):
    """A laptop of which every check passes; its keyboard test ends when all keys were tried."""

    def run_check(self, id: str, on_progress: Callable[[CheckProgress], None]) -> EndedCheck:
        ended = super().run_check(id, on_progress)
        failed = ended.result is CheckMark.FAILED
        return EndedCheck(id, CheckMark.PASSED, "Bien.") if failed else ended


class Practised(Careful):
    """Knows the pages: waits where something runs by itself, and presses no key too many."""

    def act(self) -> None:
        keys = [choice.key for choice in self.screens.view().choices]
        if self.screens.name == "AutoPage" and "next" not in keys:
            self.screens.wait(1)
        else:
            super().act()


# What docs/performance.md publishes of the fake bench, which has five checks: it may only go down.
KEYS, PAGES = 43, 18


def test_a_sound_laptop_takes_no_more_keys_than_published() -> None:
    """By keyboard alone, the label's fourteen keys included; not those of the keyboard test."""
    with pytest.MonkeyPatch.context() as patch:
        port = SoundPort(found=[SAMSUNG, STICK], percent_a_look=20)
        screens = Screens(port, random.Random(1), patch)
        person = Practised(screens)
        pages: list[str] = []
        while not finished(screens) and len(pages) < ENOUGH:
            pages.append(screens.name)
            person.act()
    choose(None)
    assert finished(screens) and screens.desk.visit.outcome is VisitOutcome.READY
    answers = screens.desk.visit.checks
    assert {answer.value for answer in answers} == {"passed"} and len(answers) == 5
    assert screens.keys <= KEYS and len(set(pages)) <= PAGES
    assert len(port.calls("start_erase")) == 1
