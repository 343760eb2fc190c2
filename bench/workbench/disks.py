"""Disks and erasures as the guided screens show them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from bench.casefile.health import change_text
from bench.erasing.candidates import Candidate, frozen, key_of
from bench.erasing.jobs import unattested
from bench.erasing.report import claim_word, percent, phase_text
from bench.guide.shown import DiskChoice, DiskList, JobStatus, JobView
from bench.words.catalogue import find, say
from bench.words.facts import gigabytes
from bench.words.reasons import reason_text, step_text, technique_text
from diagnostics.model import DiskKind, Machine
from wipe.decide.plan import Plan, Refusal
from wipe.journal.state import JobState, Status
from wipe.model.codes import Phase
from wipe.model.spec import Claim, Target
from wipe.seen import naming

_OURS = frozenset({"boot_medium", "etabli_stick", "holds_root"})
_STICKS = (DiskKind.USB_FLASH, DiskKind.SD, DiskKind.OPTICAL)
# Rough rates until the disk shows its own, megabytes a second, for one pass. Estimates.
_MB_S = {DiskKind.NVME: 1500, DiskKind.SSD: 400, DiskKind.HDD: 100, DiskKind.USB_FLASH: 15}


def _built_in(one: Candidate) -> bool:
    """We run from a disk that is no stick: whatever it is, it stays in the computer."""
    codes = {reason.code.value for reason in one.answer.reasons}
    target = one.target
    removable = target.transport == "usb" or target.disk_kind in _STICKS
    return bool(codes & _OURS) and "etabli_stick" not in codes and not removable


def choice(one: Candidate, *, may_sleep: bool = False) -> DiskChoice:
    """One disk to choose: everything a person compares with the disk in their hand."""
    target, plan = one.target, one.plan
    serial = (target.serial or "") if naming.own(target).named else ""  # a dock's is no disk's
    built_in = _built_in(one)
    advice = (step_text(plan),) if isinstance(plan, Refusal) else ()
    return DiskChoice(
        key=key_of(target),
        path=target.path,
        title=target.model or say("workbench.disk"),
        size=gigabytes(target.size_bytes) or "",
        serial_tail=serial[-4:],
        confirm=one.confirm,
        allowed=one.allowed,
        kind=target.disk_kind.value,
        reasons=tuple(reason_text(reason) for reason in one.reasons),
        advice=(say("workbench.boot_stick"),) if built_in else advice,
        confirm_shown=not _ends(serial, one.confirm),
        ours=any(reason.code.value in _OURS for reason in one.answer.reasons),
        built_in=built_in,
        notes=tuple(map(reason_text, plan.notes)) if isinstance(plan, Plan) else (),
        can_thaw=may_sleep and frozen(one),
        method=technique_text(plan.techniques[0].method.value) if isinstance(plan, Plan) else "",
        expected_s=_expected_s(target, plan),
    )


def _ends(serial: str, code: str) -> bool:
    """Whether the code stands at the end of the serial, as the disk's label has it."""
    return "".join(one for one in serial.upper() if one.isalnum()).endswith(code)


def disk_list(
    machine: Machine, found: Sequence[Candidate], may_sleep: Callable[[], bool]
) -> DiskList:
    """All disks, with what may hide others. `may_sleep` is asked only where it would help."""
    warnings = tuple(find(f"probe.warning.{code}") or code for code in machine.warnings)
    hidden = "raid_hides_disks" in machine.warnings
    complete = not hidden and "disks" not in machine.unknown
    sleeps = any(map(frozen, found)) and may_sleep()
    return DiskList(tuple(choice(one, may_sleep=sleeps) for one in found), complete, warnings)


def _expected_s(target: Target, plan: Plan | Refusal) -> int | None:
    """A first guess from the kind of disk; `None` for a kind nobody timed."""
    rate = _MB_S.get(target.disk_kind)
    if rate is None or not isinstance(plan, Plan):
        return None
    sweeps = len(plan.techniques[0].passes) + 1
    return round(target.size_bytes * sweeps / rate / 1e6)


def job_view(one: JobState) -> JobView:
    """One erasure: where it is, or how it ended and what to do then."""
    target = one.spec.target if one.spec is not None else None
    ended = one.status is Status.DONE
    return JobView(
        id=one.id,
        key=key_of(target) if target is not None else one.id,
        title=(target.model if target is not None else None) or say("workbench.disk"),
        status=_status(one),
        size=(gigabytes(target.size_bytes) or "") if target is not None else "",
        phase=phase_text(one),
        percent=one.percent if _looks_again(one) else percent(one),
        speed_bytes_s=one.speed_bytes_s,
        left_s=one.left_s,
        finish_at=dt.datetime.fromisoformat(one.finish_at) if one.finish_at else None,
        temperature_c=one.temperature_c,
        claim=one.claim.value if ended else None,
        sentence=_sentence(one) if not one.alive else "",
        steps=_steps(one),
        stoppable=one.phase is not Phase.FIRMWARE,
    )


def _looks_again(one: JobState) -> bool:
    """A second look was begun and has not ended: until then the disk counts for nothing."""
    return one.status is Status.DONE and "recheck" in one.facts


def _status(one: JobState) -> JobStatus:
    if _looks_again(one):
        return JobStatus.RUNNING if one.alive else JobStatus.FAILED
    if one.status is Status.DONE:
        good = one.claim in (Claim.PURGE, Claim.CLEAR)
        return JobStatus.DONE if good else JobStatus.FAILED
    if one.status is Status.RUNNING:
        return JobStatus.PAUSED if one.phase is Phase.PAUSED else JobStatus.RUNNING
    return JobStatus.WAITING if one.status is Status.PLANNED else JobStatus.INTERRUPTED


def _sentence(one: JobState) -> str:
    """The claim in words, then the reason that weighs most where it is not good."""
    if _looks_again(one):
        return say("workbench.not_rechecked")
    word = claim_word(one)
    said = find(f"workbench.ended.{word}") or word
    if unattested(one):
        said = f"{say('wipe.unattested.word')}. {say('wipe.unattested.why')}"
    if one.claim in (Claim.PURGE, Claim.CLEAR) or not one.reasons:
        return f"{said} {change_text(one)}".strip()
    return f"{said} {reason_text(one.reasons[0])}"


def _steps(one: JobState) -> tuple[str, ...]:
    """What hands do with a disk that could not be erased."""
    if (
        one.status is not Status.DONE
        or _looks_again(one)
        or one.claim in (Claim.PURGE, Claim.CLEAR)
    ):
        return ()
    return tuple(say(f"workbench.take_out.{number}") for number in (1, 2, 3))
