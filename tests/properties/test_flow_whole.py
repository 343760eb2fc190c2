"""The flow explored whole: every state that every event leads to, with one disk and with two.

What test_flow.py looks for along random paths is looked for here on all of them; and what no
path can show: that every state has a way on, and a way out that a person alone can go.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping

import pytest
from msgspec.structs import replace

from bench.guide import happenings as ev
from bench.guide.flow import advance
from bench.guide.place import place_of
from bench.guide.shown import CheckMark, DiskChoice, JobStatus, JobView
from bench.guide.visit import (
    Fate,
    Stage,
    Subject,
    Visit,
    VisitOutcome,
    VisitStep,
    running,
    settled,
    to_start,
)
from bench.screens.book import _ABOUT, _PLAIN

ONE = DiskChoice("SN1", "/dev/sda", "Disque", "256 Go", "8F3K", "8F3K", True)
TWO = DiskChoice("SN2", "/dev/sdb", "Disque", "1 To", "0001", "0001", True)
TYPED = {"SN1": "8F3K", "SN2": "0001"}
SCANNED = "WD-WCC8F3K"

# What a person does; the rest are answers of the machine.
PERSON: tuple[ev.Event, ...] = (
    ev.SignedIn("NAD", "Nadia"),
    ev.SignedOut(),
    ev.AssetGiven("N1"),
    ev.AssetGiven(None),
    ev.AssetAccepted(),
    ev.MachineAccepted(),
    ev.CheckAnswered("a", CheckMark.PASSED, asked=True),
    ev.AnswerKept("a"),
    ev.GoOn(),
    ev.LookAnswered("a", 2),
    ev.GradeAccepted(),
    ev.LabelScanned(),
    ev.LabelLater(),
    ev.SetAside(),
    ev.Back(),
    ev.Next(),
)
MACHINE: tuple[ev.Event, ...] = (
    ev.MachineRead(),
    ev.ChecksKnown(("a",)),
    ev.LooksKnown(("a",)),
    ev.Graded("B"),
    ev.Printed(),
    ev.Restarted(),
)


def of_disks(*choices: DiskChoice) -> Iterator[ev.Event]:
    """All that happens to them: seen, refused, elsewhere, gone, erased well or badly."""
    for seen in ((), *((each,) for each in choices), choices):
        yield ev.DisksSeen(tuple(seen), complete=True)
    yield ev.DisksSeen(choices, complete=False)
    yield ev.DisksSeen(tuple(replace(each, allowed=False) for each in choices), complete=True)
    yield ev.DisksSeen(tuple(replace(each, path="/dev/sdz") for each in choices), complete=True)
    yield ev.DisksChosen(tuple(each.key for each in choices))
    yield ev.EraseKey()
    yield ev.ScannedAgain(SCANNED)
    yield ev.CountdownOver()
    for each in choices:
        key, job = each.key, f"j-{each.key}"
        yield ev.ConfirmTyped(key, TYPED[key])
        yield ev.ConfirmTyped(key, f"WD-WCC{TYPED[key]}", scanned=True)
        yield ev.ConfirmTyped(key, "XXXX")
        yield ev.EraseStarted(key, job)
        yield ev.NotStarted(key)
        yield ev.TakenOut(key)
        yield ev.JobResumed(job)
        for status, claim in (
            (JobStatus.RUNNING, None),
            (JobStatus.DONE, "clear"),
            (JobStatus.DONE, "failed"),
            (JobStatus.INTERRUPTED, None),
            (JobStatus.OVERTAKEN, None),
        ):
            yield ev.JobsSeen((JobView(job, key, "Disque", status, claim=claim),))


Graph = Mapping[Visit, Mapping[ev.Event, Visit]]


def explored(start: Visit, events: Iterable[ev.Event]) -> Graph:
    """Every state, and where each event leads from it (itself left out)."""
    told, events = {}, tuple(dict.fromkeys(events))
    waiting = deque([start])
    while waiting:
        visit = waiting.popleft()
        if visit in told:
            continue
        led = ((event, advance(visit, event)) for event in events)
        told[visit] = {event: after for event, after in led if after != visit}
        waiting.extend(told[visit].values())
    return told


def lead_to(graph: Graph, ends: Iterable[Visit], by: frozenset[ev.Event] | None) -> set[Visit]:
    """The states from which one of these is reached, by any event or by these alone."""
    before: dict[Visit, list[Visit]] = {}
    for visit, ways in graph.items():
        for event, after in ways.items():
            if by is None or event in by:
                before.setdefault(after, []).append(visit)
    found, waiting = set(), list(ends)
    while waiting:
        visit = waiting.pop()
        if visit not in found:
            found.add(visit)
            waiting.extend(before.get(visit, ()))
    return found


@pytest.fixture(scope="module")
def whole() -> Graph:
    """From the first screen on, a PC or loose disks, with one disk."""
    return explored(Visit(), (*PERSON, *MACHINE, ev.LooseDisks("N2"), *of_disks(ONE)))


@pytest.fixture(scope="module")
def erasing() -> Graph:
    """The erase step of a PC with two disks, and what lies round it."""
    at = Visit(
        step=VisitStep.ERASE,
        operator="NAD",
        asset="N1",
        machine_read=True,
        check_ids=(),
        look_ids=(),
        letter="B",
    )
    kept = (ev.GoOn(), ev.SetAside(), ev.Restarted(), ev.Next(), ev.LabelLater())
    return explored(at, (*kept, *of_disks(ONE, TWO)))


@pytest.mark.parametrize("which", ["whole", "erasing"])
def test_no_state_breaks_a_promise(which: str, request: pytest.FixtureRequest) -> None:
    graph: Graph = request.getfixturevalue(which)
    ways = sum(map(len, graph.values()))
    print(f"{which}: {len(graph)} states, {ways} transitions")
    assert len(graph) > 1000
    for visit, led in graph.items():
        if visit.step is VisitStep.LABEL or visit.outcome in (
            VisitOutcome.READY,
            VisitOutcome.LABEL_LATER,
        ):
            assert settled(visit), visit
        name = place_of(visit, loaded=True, checks_known=True, looks_known=True).name
        assert name in _PLAIN or name in _ABOUT, visit
        for event, after in led.items():
            _began(visit, event, after)
            _verified(visit, event, after)


def _began(visit: Visit, event: ev.Event, after: Visit) -> None:
    """One lock after the other, each by its own event; nothing skips one."""
    order = (Stage.CHOOSE, Stage.CONFIRM, Stage.COUNTDOWN, Stage.RECHECK, Stage.START)
    opens = (
        (ev.DisksChosen,),
        (ev.EraseKey, ev.ScannedAgain),
        (ev.CountdownOver,),
        (ev.DisksSeen,),
    )
    before, now = order.index(visit.stage), order.index(after.stage)
    if now > before:
        assert now == before + 1 and isinstance(event, opens[before]), (visit, event)
    if now > before and isinstance(event, ev.ScannedAgain):  # one disk, whose own code it is
        assert [given.scanned for given in visit.confirmed] == [SCANNED] and len(visit.batch) == 1
    if len(after.confirmed) > len(visit.confirmed):
        assert isinstance(event, ev.ConfirmTyped) and event.text.endswith(TYPED[event.key])
    for given in to_start(after):
        assert given.key in {each.key for each in visit.confirmed}
        if after.stage is not visit.stage:
            assert isinstance(event, ev.DisksSeen)
            seen = {disk.key: disk for disk in event.disks}
            assert seen[given.key].allowed and seen[given.key].path == given.path


def _verified(visit: Visit, event: ev.Event, after: Visit) -> None:
    had = {disk.key: disk for disk in visit.disks or ()}
    for disk in after.disks or ():
        if disk.fate is Fate.VERIFIED and had[disk.key].fate is not Fate.VERIFIED:
            assert isinstance(event, ev.JobsSeen)
            assert [(job.key, job.claim) for job in event.jobs] == [(disk.key, "clear")]
            assert had[disk.key].job == event.jobs[0].id


def test_every_state_has_a_way_to_the_end(whole: Graph) -> None:
    ready = [visit for visit in whole if visit.outcome is VisitOutcome.READY]
    assert {visit.subject for visit in ready} == set(Subject)
    assert set(whole) == lead_to(whole, ready, None)


def test_a_person_alone_finds_out_of_every_state(whole: Graph) -> None:
    """Back, aside, or the next machine: without a label, a disk or an answer that may not come.

    Not while a disk is being erased: that ends by itself, or is stopped.
    """
    out = [
        visit
        for visit in whole
        if visit.step in (VisitStep.HELLO, VisitStep.DONE)
        or (visit.step is VisitStep.ARRIVAL and visit.asset is None)
    ]
    ways = frozenset({ev.Back(), ev.SetAside(), ev.SignedOut(), ev.Next(), ev.LabelLater()})
    stuck = set(whole) - lead_to(whole, out, ways)
    assert all(running(visit) or visit.stage is Stage.START for visit in stuck), next(iter(stuck))
