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
from wipe.model.spec import Claim, Target, TargetKind
from wipe.seen import naming

_OURS = frozenset({"boot_medium", "etabli_stick", "holds_root"})
_STICKS = (DiskKind.USB_FLASH, DiskKind.SD, DiskKind.OPTICAL)
# Rough rates until the disk shows its own, megabytes a second, for one pass. Estimates.
_MB_S = {DiskKind.NVME: 1500, DiskKind.SSD: 400, DiskKind.HDD: 100, DiskKind.USB_FLASH: 15}


def _built_in(candidate: Candidate) -> bool:
    """We run from a disk that is no stick: whatever it is, it stays in the computer."""
    codes = {reason.code.value for reason in candidate.answer.reasons}
    target = candidate.target
    removable = target.transport == "usb" or target.disk_kind in _STICKS
    return bool(codes & _OURS) and "etabli_stick" not in codes and not removable


def choice(candidate: Candidate, *, may_sleep: bool = False) -> DiskChoice:
    """One disk to choose: everything a person compares with the disk in their hand."""
    target, plan = candidate.target, candidate.plan
    serial = (target.serial or "") if naming.own(target).named else ""  # a dock's is no disk's
    built_in = _built_in(candidate)
    advice = (step_text(plan),) if isinstance(plan, Refusal) else ()
    return DiskChoice(
        key=key_of(target),
        path=target.path,
        title=target.model or say("workbench.disk"),
        size=gigabytes(target.size_bytes) or "",
        serial_tail=serial[-4:],
        confirm=candidate.confirm,
        allowed=candidate.allowed,
        kind=target.disk_kind.value,
        reasons=tuple(reason_text(reason) for reason in candidate.reasons),
        advice=(say("workbench.boot_stick"),) if built_in else advice,
        confirm_shown=not _ends(serial, candidate.confirm),
        ours=any(reason.code.value in _OURS for reason in candidate.answer.reasons),
        built_in=built_in,
        notes=tuple(map(reason_text, plan.notes)) if isinstance(plan, Plan) else (),
        can_thaw=may_sleep and frozen(candidate),
        method=technique_text(plan.techniques[0].method.value) if isinstance(plan, Plan) else "",
        expected_s=_expected_s(target, plan),
    )


def _ends(serial: str, code: str) -> bool:
    """Whether the code stands at the end of the serial, as the disk's label has it."""
    return "".join(character for character in serial.upper() if character.isalnum()).endswith(code)


def disk_list(
    machine: Machine, found: Sequence[Candidate], may_sleep: Callable[[], bool]
) -> DiskList:
    """All disks, with what may hide others. `may_sleep` is asked only where it would help."""
    warnings = tuple(find(f"probe.warning.{code}") or code for code in machine.warnings)
    hidden = "raid_hides_disks" in machine.warnings
    complete = not hidden and "disks" not in machine.unknown
    sleeps = any(map(frozen, found)) and may_sleep()
    return DiskList(
        tuple(choice(candidate, may_sleep=sleeps) for candidate in found), complete, warnings
    )


def _expected_s(target: Target, plan: Plan | Refusal) -> int | None:
    """A first guess from the kind of disk; `None` for a kind nobody timed."""
    rate = _MB_S.get(target.disk_kind)
    if rate is None or not isinstance(plan, Plan):
        return None
    sweeps = len(plan.techniques[0].passes) + 1
    return round(target.size_bytes * sweeps / rate / 1e6)


def job_view(job: JobState) -> JobView:
    """One erasure: where it is, or how it ended and what to do then."""
    target = job.spec.target if job.spec is not None else None
    ended = job.status is Status.DONE
    return JobView(
        id=job.id,
        key=key_of(target) if target is not None else job.id,
        title=(target.model if target is not None else None) or say("workbench.disk"),
        status=_status(job),
        size=(gigabytes(target.size_bytes) or "") if target is not None else "",
        phase=phase_text(job),
        percent=job.percent if _looks_again(job) else percent(job),
        speed_bytes_s=job.speed_bytes_s,
        left_s=job.left_s,
        finish_at=dt.datetime.fromisoformat(job.finish_at) if job.finish_at else None,
        temperature_c=job.temperature_c,
        claim=job.claim.value if ended else None,
        sentence=_sentence(job) if not job.alive else "",
        steps=_steps(job),
        stoppable=job.phase is not Phase.FIRMWARE,
    )


def _looks_again(job: JobState) -> bool:
    """A second look was begun and has not ended: until then the disk counts for nothing."""
    return job.status is Status.DONE and "recheck" in job.facts


def _status(job: JobState) -> JobStatus:
    if _looks_again(job):
        return JobStatus.RUNNING if job.alive else JobStatus.FAILED
    if job.status is Status.DONE:
        good = job.claim in (Claim.PURGE, Claim.CLEAR)
        return JobStatus.DONE if good else JobStatus.FAILED
    if job.status is Status.RUNNING:
        return JobStatus.PAUSED if job.phase is Phase.PAUSED else JobStatus.RUNNING
    return JobStatus.WAITING if job.status is Status.PLANNED else JobStatus.INTERRUPTED


def _sentence(job: JobState) -> str:
    """The claim in words, then the reason that weighs most where it is not good."""
    if _looks_again(job):
        return say("workbench.not_rechecked")
    word = claim_word(job)
    said = find(f"workbench.ended.{word}") or word
    if unattested(job):
        said = f"{say('wipe.unattested.word')}. {say('wipe.unattested.why')}"
    if job.claim in (Claim.PURGE, Claim.CLEAR) or not job.reasons:
        return f"{said} {change_text(job)}".strip()
    return f"{said} {reason_text(job.reasons[0])}"


def _steps(job: JobState) -> tuple[str, ...]:
    """What hands do with a disk that could not be erased."""
    if (
        job.status is not Status.DONE
        or _looks_again(job)
        or job.claim in (Claim.PURGE, Claim.CLEAR)
    ):
        return ()
    return tuple(say(f"workbench.take_out.{number}") for number in (1, 2, 3))


def targets(machine: Machine) -> list[Target]:
    """The disks of a machine as it was read, as an erasure would name them."""
    return [
        Target(
            disk.path,
            TargetKind.BLOCK,
            disk.size_bytes,
            model=disk.model,
            serial=disk.serial,
            wwn=disk.wwn,
            doubt=naming.as_doubt(disk.serial_doubt),
        )
        for disk in machine.disks
        if disk.size_bytes
    ]
