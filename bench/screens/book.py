"""Which page the visit is at. One key names one page with its subject."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bench.guide.flow_erase import may_choose, to_confirm
from bench.guide.visit import DiskState, Fate, Stage, Step, Subject, Visit, settled
from bench.screens import asides
from bench.screens.erase import (
    confirm,
    many_disks,
    one_disk,
    trouble,
)
from bench.screens.kit.page import Page
from bench.screens.steps import arrival, checks, grade, hello, label, machine
from bench.screens.steps import done as end

if TYPE_CHECKING:
    from bench.screens.desk import Desk


def page_key(desk: Desk) -> str:
    """The page for the visit as it is, such as `confirm:SN1` (page, then its subject)."""
    visit = desk.visit
    if not desk.loaded:
        return "wait:"
    if visit.step is Step.ARRIVAL:
        return "number:" if visit.asset else "arrival:"
    if visit.step is Step.CHECKS:
        return _checks_key(desk)
    if visit.step is Step.ERASE:
        return _erase_key(visit)
    if visit.step is Step.GRADE:
        return _grade_key(desk)
    if visit.step is Step.LABEL:
        return "stick:" if visit.printed else "label:"
    return f"{visit.step.value}:"


def _checks_key(desk: Desk) -> str:
    ids = desk.visit.check_ids
    if desk.check_steps is None or not ids:
        return "checks:"
    return f"check:{ids[desk.visit.check_at]}"


def _grade_key(desk: Desk) -> str:
    ids = desk.visit.look_ids
    if desk.look_questions is None or ids is None:
        return "looks:"
    return f"look:{ids[desk.visit.look_at]}" if desk.visit.look_at < len(ids) else "grade:"


def _erase_key(visit: Visit) -> str:
    if visit.stage is Stage.CONFIRM:
        asked = to_confirm(visit)
        return f"confirm:{asked.key}" if asked else "ready:"
    if visit.stage is not Stage.CHOOSE:
        return "countdown:"
    if visit.disks is None:
        return "disks:"
    if visit.subject is Subject.DISKS:
        return "tray:"
    theirs = [one for one in visit.disks if not one.ours]
    if len([one for one in theirs if one.fate is not Fate.RETIRED]) > 1:
        return "tray:"
    for one in theirs:
        if one.fate not in (Fate.VERIFIED, Fate.RETIRED):
            return disk_key(one)
    if not settled(visit):
        return "hidden:"
    return "erased:" if theirs else "nodisk:"


def disk_key(one: DiskState) -> str:
    """The page about one disk that is not settled."""
    if one.fate is Fate.ERASING:
        return f"progress:{one.key}"
    if not one.present:
        return f"gone:{one.key}"
    if one.fate is Fate.FAILED:
        return f"failed:{one.key}"
    if one.fate is Fate.INTERRUPTED:
        return f"interrupted:{one.key}"
    return f"review:{one.key}" if may_choose(one) else f"refused:{one.key}"


def make_page(desk: Desk, key: str) -> Page:
    """The page of that key."""
    name, _, subject = key.partition(":")
    if name in _ABOUT:
        return _ABOUT[name](desk, subject)
    return _PLAIN[name](desk)


_PLAIN: dict[str, Callable[[Desk], Page]] = {
    "wait": asides.WaitPage,
    "hello": hello.HelloPage,
    "arrival": arrival.ArrivalPage,
    "number": arrival.NumberPage,
    "machine": machine.MachinePage,
    "checks": checks.ChecksPage,
    "disks": one_disk.DisksPage,
    "tray": many_disks.TrayPage,
    "ready": confirm.ReadyPage,
    "countdown": confirm.CountdownPage,
    "hidden": trouble.HiddenPage,
    "nodisk": one_disk.NoDiskPage,
    "erased": one_disk.ErasedPage,
    "looks": grade.LooksPage,
    "grade": grade.GradePage,
    "label": label.LabelPage,
    "stick": label.StickPage,
    "done": end.DonePage,
}
_ABOUT: dict[str, Callable[[Desk, str], Page]] = {
    "check": checks.make_check,
    "review": one_disk.ReviewPage,
    "confirm": confirm.ConfirmPage,
    "progress": one_disk.ProgressPage,
    "failed": trouble.FailedPage,
    "interrupted": trouble.InterruptedPage,
    "gone": trouble.GonePage,
    "refused": trouble.RefusedPage,
    "look": grade.LookPage,
}
