"""Going back and forward changes no answer: random walks over the pure flow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.guide import happenings as ev
from bench.guide.flow import advance
from bench.guide.shown import CheckMark, DiskChoice, JobStatus, JobView
from bench.guide.visit import Visit, VisitStep, answered, decode, encode

NUMBERS = ("RC26-000001-X", "RC26-000002-X")
CHECKS, LOOKS = ("sound", "screen", "keyboard"), ("lid", "sides")
DISK = DiskChoice("SN1", "/dev/sda", "Disque", "256 Go", "8F3K", "8F3K", True)
ERASED = (
    ev.DisksSeen((DISK,), complete=True),
    ev.DisksChosen(("SN1",)),
    ev.ConfirmTyped("SN1", "8F3K"),
    ev.EraseKey(),
    ev.CountdownOver(),
    ev.DisksSeen((DISK,), complete=True),
    ev.EraseStarted("SN1", "j1"),
    ev.JobsSeen((JobView("j1", "SN1", "Disque", JobStatus.DONE, claim="clear"),)),
)
marks = st.sampled_from(CheckMark)
scale = st.integers(1, 5)


def play(visit: Visit, *events: ev.Event) -> Visit:
    for event in events:
        visit = advance(visit, event)
    return visit


def on(visit: Visit) -> tuple[ev.Event, ...]:
    """What a worker who only goes on sends: every answer as it stands, where there is one."""
    step = visit.step
    if step is VisitStep.HELLO:
        return (ev.SignedIn("NAD", "Nadia"),)
    if step is VisitStep.ARRIVAL:
        return (ev.AssetGiven(visit.asset or visit.about or NUMBERS[0]), ev.AssetAccepted())
    if step is VisitStep.MACHINE:
        return (ev.MachineRead(), ev.MachineAccepted())
    if step is VisitStep.CHECKS:
        known = ev.ChecksKnown(CHECKS)
        return (known, ev.AnswerKept((visit.check_ids or CHECKS)[visit.check_at]))
    if step is VisitStep.ERASE:
        return (*(ERASED if visit.disks is None else ()), ev.GoOn())
    if step is VisitStep.GRADE and (visit.look_ids is None or visit.look_at < len(LOOKS)):
        given = answered(visit.looks, LOOKS[visit.look_at])
        again = () if given is None else (ev.LookAnswered(given.id, int(given.value)),)
        return (ev.LooksKnown(LOOKS), *again)
    return (ev.Graded("B"), ev.GradeAccepted())


class Walker:
    """Goes through a visit at random and keeps, beside the flow, what was really answered."""

    def __init__(self) -> None:
        self.visit = Visit()
        self.checks: dict[str, str] = {}
        self.looks: dict[str, str] = {}
        self.number = ""

    def tell(self, event: ev.Event) -> None:
        before, self.visit = self.visit, advance(self.visit, event)
        self._note(before, event)
        assert {one.id: one.value for one in self.visit.checks} == self.checks, event
        assert {one.id: one.value for one in self.visit.looks} == self.looks, event

    def _note(self, before: Visit, event: ev.Event) -> None:
        shown = ""
        if before.step is VisitStep.CHECKS:
            shown = (*(before.check_ids or ()), "")[before.check_at]
        elif before.step is VisitStep.GRADE:
            shown = (*(before.look_ids or ()), "")[before.look_at]
        if isinstance(event, ev.CheckAnswered | ev.CheckNoted) and event.id == shown:
            self.checks[shown] = event.result.value
        elif isinstance(event, ev.LookAnswered) and event.id == shown:
            self.looks[shown] = str(event.mark)
        number = self.visit.asset or self.number
        if number != self.number:  # another machine
            self.number, self.checks, self.looks = number, {}, {}


@pytest.mark.long
@given(st.data())
def test_whatever_way_is_walked_answers_change_only_by_answering(data: st.DataObject) -> None:
    walker = Walker()
    for _ in range(data.draw(st.integers(10, 60))):
        visit = walker.visit
        way = data.draw(st.sampled_from(("on", "on", "answer", "answer", "back", "back", "other")))
        if way == "on":
            for event in on(visit):
                walker.tell(event)
        elif way == "answer":
            if visit.step is VisitStep.CHECKS:
                walker.tell(ev.ChecksKnown(CHECKS))
                id = CHECKS[walker.visit.check_at]
                kind = data.draw(st.sampled_from((ev.CheckAnswered, ev.CheckNoted)))
                walker.tell(kind(id, data.draw(marks)))
            elif visit.step is VisitStep.GRADE and visit.look_at < len(LOOKS):
                walker.tell(ev.LooksKnown(LOOKS))
                walker.tell(ev.LookAnswered(LOOKS[walker.visit.look_at], data.draw(scale)))
        elif way == "back":
            walker.tell(ev.Back())
        else:
            walker.tell(data.draw(others))
        if data.draw(st.integers(0, 9)) == 0:  # the screens were killed and started again
            kept = decode(encode(walker.visit))
            assert kept is not None
            walker.visit = kept
            walker.tell(ev.Restarted())


others = st.sampled_from(
    (
        ev.SignedOut(),
        ev.AssetGiven(None),
        *(ev.AssetGiven(number) for number in NUMBERS),
        ev.ChecksKnown(CHECKS[:2]),
        ev.LooksKnown(LOOKS[:1]),
        ev.AnswerKept("screen"),
        ev.CheckAnswered("screen", CheckMark.FAILED),
        ev.LookAnswered("sides", 4),
        ev.DisksSeen((), complete=False),
        ev.DisksSeen((DISK,), complete=True),
    )
)


@given(
    st.lists(marks, min_size=3, max_size=3),
    st.lists(scale, min_size=2, max_size=2),
    st.lists(st.booleans(), max_size=80),
)
def test_back_and_forward_ends_where_it_was_with_every_answer(
    said: list[CheckMark], seen: list[int], ways: list[bool]
) -> None:
    """A whole visit answered, then only back and on: never another answer, always a way on."""
    visit = Visit()
    while visit.step is not VisitStep.CHECKS:
        visit = play(visit, *on(visit))
    visit = play(visit, ev.ChecksKnown(CHECKS))
    visit = play(visit, *map(ev.CheckAnswered, CHECKS, said), *ERASED, ev.GoOn())
    visit = play(visit, ev.LooksKnown(LOOKS), *map(ev.LookAnswered, LOOKS, seen))
    visit = play(visit, *on(visit))
    assert visit.step is VisitStep.LABEL
    given = (visit.checks, set(visit.looks))
    for back in ways:
        visit = play(visit, ev.Back()) if back else play(visit, *on(visit))
        assert (visit.checks, set(visit.looks)) == given
    for _ in range(40):
        visit = visit if visit.step is VisitStep.LABEL else play(visit, *on(visit))
    assert visit.step is VisitStep.LABEL and (visit.checks, set(visit.looks)) == given


def test_what_was_answered_stays_with_the_number_it_was_given_under() -> None:
    visit = Visit()
    while visit.step is not VisitStep.CHECKS:
        visit = play(visit, *on(visit))
    visit = play(visit, ev.ChecksKnown(CHECKS))
    assert play(visit, ev.AnswerKept("sound")) == visit  # there is none: no question is skipped
    visit = play(visit, ev.CheckAnswered("sound", CheckMark.FAILED))
    while visit.step is not VisitStep.HELLO:
        visit = play(visit, ev.Back())
    other = play(visit, ev.SignedIn("LOU", "Lou"), ev.AssetGiven(NUMBERS[1]))
    assert not other.checks and not other.machine_read and other.operator == "LOU"
    same = play(visit, ev.SignedIn("LOU", "Lou"), ev.AssetGiven(NUMBERS[0]))
    assert answered(same.checks, "sound") is not None
    loose = play(visit, ev.SignedIn("LOU", "Lou"), ev.LooseDisks(NUMBERS[1]))
    assert loose.step is VisitStep.ERASE and not loose.checks and loose.disks is None
