"""The guided visit: pure, `(visit, event) -> visit`.

An event that makes no sense where the visit is changes nothing: hammered keys and
late answers are harmless. Three promises hold for every sequence of events, and are
tested as properties (tests/properties/test_flow.py, test_flow_answers.py):

- `visit.to_start` names a disk only after its own last four characters were typed and F8
  was pressed (or, for one disk alone, its own code was scanned, and scanned again), the
  countdown ran out, and the guard then passed the same disk at the same path;
- the label step is reached only while every disk is erased and verified, or was
  taken out and seen to be gone. A disk list that could not be read is not "no disk";
- an answer is changed only by answering that question again, and forgotten only with the
  number it was given under: going back and forward changes none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from bench.guide import flow_erase as erase
from bench.guide.happenings import (
    AnswerKept,
    AssetAccepted,
    AssetGiven,
    Back,
    CheckAnswered,
    CheckNoted,
    ChecksKnown,
    Event,
    GoOn,
    GradeAccepted,
    Graded,
    LabelLater,
    LabelScanned,
    LookAnswered,
    LooksKnown,
    LooseDisks,
    MachineAccepted,
    MachineRead,
    Next,
    Printed,
    Recognised,
    Restarted,
    SetAside,
    SignedIn,
    SignedOut,
)
from bench.guide.visit import (
    STEPS,
    Answer,
    Fate,
    Stage,
    Subject,
    Visit,
    VisitOutcome,
    VisitStep,
    answered,
    in_the_way,
    running,
    settled,
)

E = TypeVar("E", bound=Event)
_RULES: dict[type[Event], Callable[[Visit, Any], Visit]] = dict(erase.RULES)


def _rule(kind: type[E]) -> Callable[[Callable[[Visit, E], Visit]], Callable[[Visit, E], Visit]]:
    def keep(function: Callable[[Visit, E], Visit]) -> Callable[[Visit, E], Visit]:
        _RULES[kind] = function
        return function

    return keep


def advance(visit: Visit, event: Event) -> Visit:
    """The visit after the event. Never raises; a senseless event gives the same visit."""
    if visit.step is VisitStep.DONE and not isinstance(event, Next):
        return visit
    after = _RULES[type(event)](visit, event)
    if after.step is VisitStep.LABEL and not settled(after):
        # A disk appeared, or a verified erasure turned out not to be: the label waits.
        after = _set(after, step=VisitStep.ERASE, stage=Stage.CHOOSE, label_checked=False)
    if after.step is not VisitStep.ERASE and after.stage is not Stage.CHOOSE:
        after = erase.stop_asking(after)
    return after


def step_number(visit: Visit) -> int:
    """1 to 8, for "Étape 5 sur 8"."""
    return STEPS.index(visit.step) + 1


def can_go_on(visit: Visit) -> bool:
    """True when the erase step may be left: all settled, or all that is left is running."""
    if visit.step is not VisitStep.ERASE or visit.stage is not Stage.CHOOSE:
        return False
    if settled(visit):
        return True
    waiting = [state for state in in_the_way(visit) if state.fate is not Fate.ERASING]
    pc = visit.subject is Subject.PC
    return pc and visit.disks_complete and visit.disks is not None and not waiting


def _set(visit: Visit, **changes: Any) -> Visit:
    return msgspec.structs.replace(visit, **changes)


def _put(answers: tuple[Answer, ...], new: Answer) -> tuple[Answer, ...]:
    """The answers with this one in the place of an earlier one to the same question."""
    return (*(answer for answer in answers if answer.id != new.id), new)


def _numbered(visit: Visit, asset: str, subject: Subject) -> Visit:
    """The visit under that number. What was answered and seen under another stays with that."""
    if (visit.asset or visit.about) == asset and visit.subject is subject:
        return _set(visit, asset=asset, about="")
    return Visit(
        step=visit.step,
        subject=subject,
        operator=visit.operator,
        operator_name=visit.operator_name,
        asset=asset,
    )


def _unnumbered(visit: Visit) -> Visit:
    """The number is taken back; until another one is given nothing is lost."""
    return _set(visit, asset=None, about=visit.asset or visit.about)


def _to_hello(visit: Visit) -> Visit:
    return _set(visit, step=VisitStep.HELLO, operator=None, operator_name=None)


@_rule(SignedIn)
def _signed_in(visit: Visit, event: SignedIn) -> Visit:
    if visit.step is not VisitStep.HELLO or not event.code:
        return visit
    return _set(visit, step=VisitStep.ARRIVAL, operator=event.code, operator_name=event.name)


@_rule(SignedOut)
def _signed_out(visit: Visit, event: SignedOut) -> Visit:
    leaves = visit.step is VisitStep.ARRIVAL and visit.asset is None
    return _to_hello(visit) if leaves else visit


@_rule(AssetGiven)
def _asset_given(visit: Visit, event: AssetGiven) -> Visit:
    if visit.step is not VisitStep.ARRIVAL or event.asset == "":
        return visit
    if event.asset is None:
        return _unnumbered(visit)
    return _numbered(visit, event.asset, Subject.PC)


@_rule(AssetAccepted)
def _asset_accepted(visit: Visit, event: AssetAccepted) -> Visit:
    if visit.step is not VisitStep.ARRIVAL or visit.asset is None:
        return visit
    disks = visit.subject is Subject.DISKS
    return _set(visit, step=VisitStep.ERASE if disks else VisitStep.MACHINE)


@_rule(LooseDisks)
def _loose_disks(visit: Visit, event: LooseDisks) -> Visit:
    if visit.step is not VisitStep.ARRIVAL or not event.asset:
        return visit
    return _set(_numbered(visit, event.asset, Subject.DISKS), step=VisitStep.ERASE)


@_rule(MachineRead)
def _machine_read(visit: Visit, event: MachineRead) -> Visit:
    return _set(visit, machine_read=True) if visit.step is VisitStep.MACHINE else visit


@_rule(MachineAccepted)
def _machine_accepted(visit: Visit, event: MachineAccepted) -> Visit:
    if visit.step is not VisitStep.MACHINE or not visit.machine_read:
        return visit
    return _set(visit, step=VisitStep.CHECKS)


@_rule(Recognised)
def _recognised(visit: Visit, event: Recognised) -> Visit:
    if visit.step is not VisitStep.MACHINE or not visit.machine_read or not event.asset:
        return visit
    known = _numbered(visit, event.asset, Subject.PC)
    return _set(known, step=VisitStep.CHECKS, machine_read=True)


@_rule(ChecksKnown)
def _checks_known(visit: Visit, event: ChecksKnown) -> Visit:
    if visit.step is not VisitStep.CHECKS:
        return visit
    if not event.ids:
        return _set(visit, check_ids=(), check_at=0, step=VisitStep.ERASE)
    at = min(visit.check_at, len(event.ids) - 1)
    return _set(visit, check_ids=event.ids, check_at=at)


def _at_check(visit: Visit, id: str) -> bool:
    """False for a second press of the same key, or a late answer."""
    ids = visit.check_ids or ()
    return visit.step is VisitStep.CHECKS and bool(ids) and ids[visit.check_at] == id


def _next_check(visit: Visit) -> Visit:
    if visit.check_at + 1 < len(visit.check_ids or ()):
        return _set(visit, check_at=visit.check_at + 1)
    return _set(visit, step=VisitStep.ERASE)


@_rule(CheckAnswered)
def _check_answered(visit: Visit, event: CheckAnswered) -> Visit:
    if not _at_check(visit, event.id):
        return visit
    given = Answer(event.id, event.result.value, event.asked)
    return _next_check(_set(visit, checks=_put(visit.checks, given)))


@_rule(CheckNoted)
def _check_noted(visit: Visit, event: CheckNoted) -> Visit:
    if not _at_check(visit, event.id):
        return visit
    return _set(visit, checks=_put(visit.checks, Answer(event.id, event.result.value)))


@_rule(AnswerKept)
def _answer_kept(visit: Visit, event: AnswerKept) -> Visit:
    if not _at_check(visit, event.id) or answered(visit.checks, event.id) is None:
        return visit
    return _next_check(visit)


@_rule(GoOn)
def _go_on(visit: Visit, event: GoOn) -> Visit:
    if not can_go_on(visit):
        return visit
    if visit.subject is Subject.DISKS:
        return _set(visit, step=VisitStep.DONE, outcome=VisitOutcome.READY)
    if visit.letter is not None:
        return _set(visit, step=VisitStep.LABEL) if settled(visit) else visit
    return _set(visit, step=VisitStep.GRADE)


@_rule(LooksKnown)
def _looks_known(visit: Visit, event: LooksKnown) -> Visit:
    if visit.step is not VisitStep.GRADE:
        return visit
    return _set(visit, look_ids=event.ids, look_at=min(visit.look_at, len(event.ids)))


@_rule(LookAnswered)
def _look_answered(visit: Visit, event: LookAnswered) -> Visit:
    ids = visit.look_ids or ()
    if visit.step is not VisitStep.GRADE or visit.look_at >= len(ids):
        return visit
    if ids[visit.look_at] != event.id:
        return visit
    looks = _put(visit.looks, Answer(event.id, str(event.mark)))
    return _set(visit, looks=looks, look_at=visit.look_at + 1)


@_rule(Graded)
def _graded(visit: Visit, event: Graded) -> Visit:
    asked = visit.look_ids is not None and visit.look_at >= len(visit.look_ids)
    if visit.step is not VisitStep.GRADE or not asked or not event.letter:
        return visit
    return _set(visit, letter=event.letter)


@_rule(GradeAccepted)
def _grade_accepted(visit: Visit, event: GradeAccepted) -> Visit:
    if visit.step is not VisitStep.GRADE or visit.letter is None:
        return visit
    return _set(visit, step=VisitStep.LABEL if settled(visit) else VisitStep.ERASE)


@_rule(Printed)
def _printed(visit: Visit, event: Printed) -> Visit:
    return _set(visit, printed=True) if visit.step is VisitStep.LABEL else visit


@_rule(LabelScanned)
def _label_scanned(visit: Visit, event: LabelScanned) -> Visit:
    if visit.step is not VisitStep.LABEL or not visit.printed:
        return visit
    return _set(visit, step=VisitStep.DONE, label_checked=True, outcome=VisitOutcome.READY)


@_rule(LabelLater)
def _label_later(visit: Visit, event: LabelLater) -> Visit:
    if visit.step is not VisitStep.LABEL:
        return visit
    # Printed and not scanned back: it has its label, and nothing is claimed of the scan.
    outcome = VisitOutcome.READY if visit.printed else VisitOutcome.LABEL_LATER
    return _set(visit, step=VisitStep.DONE, outcome=outcome)


@_rule(SetAside)
def _set_aside(visit: Visit, event: SetAside) -> Visit:
    busy = running(visit) or visit.stage is Stage.START
    if visit.asset is None or visit.step is VisitStep.HELLO or busy:
        return visit
    return _set(visit, step=VisitStep.DONE, outcome=VisitOutcome.ASIDE)


@_rule(Back)
def _back(visit: Visit, event: Back) -> Visit:
    if visit.step is VisitStep.ARRIVAL:
        return _unnumbered(visit) if visit.asset is not None else _to_hello(visit)
    if visit.step is VisitStep.MACHINE:
        return _set(visit, step=VisitStep.ARRIVAL)
    if visit.step is VisitStep.CHECKS:
        first = visit.check_at == 0
        return (
            _set(visit, step=VisitStep.MACHINE)
            if first
            else _set(visit, check_at=visit.check_at - 1)
        )
    if visit.step is VisitStep.ERASE:
        return _back_from_erase(visit)
    if visit.step is VisitStep.GRADE:
        return _back_from_grade(visit)
    if visit.step is VisitStep.LABEL:
        return _set(visit, step=VisitStep.GRADE)
    return visit


def _back_from_erase(visit: Visit) -> Visit:
    if visit.stage is Stage.START:
        return visit  # too late to stop here: the jobs are being started
    if visit.stage is not Stage.CHOOSE:
        return erase.stop_asking(visit)
    if visit.letter is not None:
        return _set(visit, step=VisitStep.GRADE)
    if visit.subject is Subject.DISKS:
        touched = any(disk.fate is not Fate.PENDING for disk in visit.disks or ())
        return visit if touched else _set(_unnumbered(visit), step=VisitStep.ARRIVAL, disks=None)
    return _set(visit, step=VisitStep.CHECKS)


def _back_from_grade(visit: Visit) -> Visit:
    if visit.look_at == 0:
        return _set(visit, step=VisitStep.ERASE, letter=None)
    return _set(visit, look_at=visit.look_at - 1, letter=None)


@_rule(Restarted)
def _restarted(visit: Visit, event: Restarted) -> Visit:
    return erase.stop_asking(visit)


@_rule(Next)
def _next(visit: Visit, event: Next) -> Visit:
    if visit.step is not VisitStep.DONE:
        return visit
    fresh = Visit(
        step=VisitStep.ARRIVAL, operator=visit.operator, operator_name=visit.operator_name
    )
    return fresh if visit.operator else Visit()
