"""Three short sounds: what each is for, that they differ, and the bell where nothing plays."""

from __future__ import annotations

import shutil

import pytest
from msgspec.structs import replace

from bench.console.chime import NOTES, Chime, sound
from bench.guide.visit import DiskState, Fate, Visit, VisitStep
from bench.screens.kit.signals import Signal, signal_of
from diagnostics.checks.tone import holds, raw
from diagnostics.command import Held, System, start_held
from tests.screens.driver import ERASE, bench
from tests.screens.fake_port import FakePort

ONE = DiskState("A", "/dev/sda", "A", "0001", allowed=True, fate=Fate.ERASING)
TWO = replace(ONE, key="B", path="/dev/sdb")


def visit(*fates: Fate) -> Visit:
    disks = tuple(replace(one, fate=fate) for one, fate in zip((ONE, TWO), fates, strict=True))
    return Visit(step=VisitStep.ERASE, disks=disks)


BOTH = visit(Fate.ERASING, Fate.ERASING)


@pytest.mark.parametrize(
    ("before", "after", "signal"),
    [
        (BOTH, BOTH, None),
        (BOTH, visit(Fate.VERIFIED, Fate.ERASING), None),  # the other one still runs
        (visit(Fate.VERIFIED, Fate.ERASING), visit(Fate.VERIFIED, Fate.VERIFIED), Signal.DONE),
        (BOTH, visit(Fate.FAILED, Fate.ERASING), Signal.PROBLEM),
        (BOTH, visit(Fate.VERIFIED, Fate.INTERRUPTED), Signal.PROBLEM),
        (visit(Fate.FAILED, Fate.PENDING), visit(Fate.FAILED, Fate.PENDING), None),
        (Visit(step=VisitStep.LABEL), Visit(step=VisitStep.LABEL, printed=True), Signal.HANDS),
    ],
)
def test_the_sound_for_a_change(before: Visit, after: Visit, signal: Signal | None) -> None:
    assert signal_of(before, after) is signal


def test_the_three_differ_in_notes_and_are_heard() -> None:
    assert len({len(notes) for notes in NOTES.values()}) == 3
    for signal, notes in NOTES.items():
        heard = raw(sound(signal)[44:])
        assert max(heard) > 3000 and len(sound(signal)) < 100_000
        first = heard[: len(heard) // len(notes)]
        assert holds(first, notes[0]) and not holds(first, notes[0] * 3 // 2)


@pytest.mark.skipif(shutil.which("aplay") is None, reason="aplay is not installed")
def test_aplay_takes_the_sound() -> None:
    held = start_held(["aplay", "-q", "-D", "null", "-"], stdin=sound(Signal.DONE))
    assert held.wait(20) == 0


class Keeps:
    def __init__(self, able: bool) -> None:
        self.able = able
        self.heard: list[Signal] = []

    def play(self, signal: Signal) -> bool:
        self.heard.append(signal)
        return self.able


@pytest.mark.long
@pytest.mark.parametrize(("ends", "signal"), [("purge", Signal.DONE), ("failed", Signal.PROBLEM)])
async def test_the_end_of_an_erasure_is_heard_once(ends: str, signal: Signal) -> None:
    keeps = Keeps(able=False)
    async with bench(FakePort(ends_with=ends), ERASE, chimer=keeps) as b:
        rung: list[None] = []
        b.app.desk.host.bell = lambda: rung.append(None)  # type: ignore[method-assign]
        await b.to_progress()
        for _ in range(3):
            await b.tick()
        await b.until(lambda: bool(keeps.heard), "a sound")
        await b.settle()
        assert keeps.heard == [signal] and len(rung) == 1
        assert b.name == ("ErasedPage" if ends == "purge" else "FailedPage")


def test_the_newest_sound_ends_the_one_before() -> None:
    begun: list[Held] = []

    def start(argv: object, data: bytes) -> Held:
        begun.append(start_held(["sleep", "300"], stdin=data))
        return begun[-1]

    class Has(System):
        def has(self, tool: str) -> bool:
            return True

    chime = Chime(Has(), start)
    assert chime.play(Signal.DONE) and chime.play(Signal.PROBLEM)
    assert not begun[0].running and begun[1].running
    begun[1].stop()
