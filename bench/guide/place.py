"""Where a visit stands: the name of its page, and what the page is about."""

from __future__ import annotations

from typing import NamedTuple

from bench.guide.flow_erase import may_choose, to_confirm
from bench.guide.visit import DiskState, Fate, Stage, Subject, Visit, VisitStep, settled


class Place(NamedTuple):
    """One page: its name in the book, and the disk, check or question it is about ("": none)."""

    name: str
    subject: str = ""


def place_of(visit: Visit, *, loaded: bool, checks_known: bool, looks_known: bool) -> Place:
    """The page for the visit as it is.

    `loaded`: the saved visit was read. `checks_known`, `looks_known`: the bench has told which
    checks and which questions there are.
    """
    if not loaded:
        return Place("wait")
    if visit.step is VisitStep.ARRIVAL:
        return Place("number" if visit.asset else "arrival")
    if visit.step is VisitStep.CHECKS:
        ids = visit.check_ids
        return Place("check", ids[visit.check_at]) if checks_known and ids else Place("checks")
    if visit.step is VisitStep.ERASE:
        return _erasing(visit)
    if visit.step is VisitStep.GRADE:
        return _grading(visit, looks_known=looks_known)
    if visit.step is VisitStep.LABEL:
        return Place("stick" if visit.printed else "label")
    return Place(visit.step.value)


def _grading(visit: Visit, *, looks_known: bool) -> Place:
    ids = visit.look_ids
    if not looks_known or ids is None:
        return Place("looks")
    return Place("look", ids[visit.look_at]) if visit.look_at < len(ids) else Place("grade")


def _erasing(visit: Visit) -> Place:
    if visit.stage is Stage.CONFIRM:
        asked = to_confirm(visit)
        return Place("confirm", asked.key) if asked else Place("ready")
    if visit.stage is not Stage.CHOOSE:
        return Place("countdown")
    if visit.disks is None:
        return Place("disks")
    if visit.subject is Subject.DISKS:
        return Place("tray")
    theirs = [disk for disk in visit.disks if not disk.ours]
    if len([disk for disk in theirs if disk.fate is not Fate.RETIRED]) > 1:
        return Place("tray")
    for disk in theirs:
        if disk.fate not in (Fate.VERIFIED, Fate.RETIRED):
            return disk_place(disk)
    if not settled(visit):
        return Place("hidden")
    return Place("erased" if theirs else "nodisk")


def disk_place(disk: DiskState) -> Place:
    """The page about one disk that is not settled."""
    if disk.fate is Fate.ERASING:
        return Place("progress", disk.key)
    if not disk.present:
        return Place("gone", disk.key)
    if disk.fate is Fate.FAILED:
        return Place("failed", disk.key)
    if disk.fate is Fate.INTERRUPTED:
        return Place("interrupted", disk.key)
    return Place("review" if may_choose(disk) else "refused", disk.key)
