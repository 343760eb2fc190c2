"""A session of the laboratory: somebody slips, somebody reads, and what must hold all the while.

One reader for both: the pure flow on counted time (`simulated.Screens`) and the real application
(`in_app.AppScreens`).
"""

from __future__ import annotations

import random
from collections import Counter

import pytest
from msgspec.structs import replace

from bench.guide.happenings import CheckAnswered, CheckNoted, Event, Recognised
from bench.guide.visit import Fate, Visit, VisitOutcome, answered
from bench.screens.desk import GuidedDesk
from tests.screens.fake_port import SAMSUNG, STICK
from tests.slips.people import MINE, OTHER, Careful, Slipping, finished
from tests.slips.simulated import Screens, SlipPort

ENOUGH = 120  # acts within which who reads must have ended the visit
# The disk that must stay: another one in the same PC, which the worker takes out and keeps.
KEPT = replace(SAMSUNG, key="KEEP:500", path="/dev/sdb", serial_tail=OTHER, confirm=OTHER)


def watch_answers(patch: pytest.MonkeyPatch) -> None:
    """Watches every step of the visit: an answer changes by answering that question alone."""
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


def port_of(draw: random.Random) -> SlipPort:
    """A bench where all may go well, or not."""
    kept = [KEPT] if draw.random() < 0.4 else []
    port = SlipPort(found=[SAMSUNG, *kept, STICK], percent_a_look=20)
    if draw.random() < 0.3:
        port.ends_with = draw.choice(("failed", "interrupted"))
    port.prints = draw.random() < 0.8
    return port


def session(screens: Screens, person: Slipping, slips: int, seen: Counter[str]) -> None:
    """So many acts of who slips; then who reads ends the visit."""
    for _ in range(slips):
        person.act()
        if screens.left:  # "quitter ?" was said yes to
            screens.left = False
            screens.start()
    no_wrong_erasure(screens.port)
    ends(screens)
    no_wrong_erasure(screens.port)
    seen[person.habit] += 1
    seen[f"erased {len(screens.port.calls('start_erase'))}"] += 1
    seen[str(screens.desk.visit.outcome)] += 1


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


def no_wrong_erasure(port: object) -> None:
    """The port itself refuses a wrong path and code; here: nothing was begun but what was meant."""
    assert isinstance(port, SlipPort)
    for _, key, path, confirm in port.calls("start_erase"):
        assert (key, path, confirm) == (SAMSUNG.key, SAMSUNG.path, MINE)
    visit = [call[1] for call in port.calls("save_visit")][-1:]
    for each in visit:
        assert isinstance(each, Visit)
        if each.outcome is VisitOutcome.READY:
            fates = {disk.key: disk.fate for disk in each.disks or () if not disk.ours}
            assert fates.pop(SAMSUNG.key) is Fate.VERIFIED
            assert set(fates.values()) <= {Fate.RETIRED}
