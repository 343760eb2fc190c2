"""An erasure in words: one line, one JSON object, or live bars."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from bench.casefile.health import change_text
from bench.erasing.candidates import Candidate
from bench.erasing.jobs import attested, last_words, unattested
from bench.errors.failure import Exit, Failure
from bench.errors.sentence import tell, tell_json
from bench.words.catalogue import find, say
from bench.words.facts import gigabytes
from bench.words.reasons import (
    plain_reasons,
    reason_text,
    reason_texts,
    step_text,
    technique_text,
)
from wipe.decide.plan import Plan, Refusal
from wipe.journal.state import JobState, Status, unreadable
from wipe.model.codes import Reason
from wipe.model.spec import LOG_FILE, Claim, Technique
from wipe.seen import naming

_PROVEN = ("fully_verified", "sample_verified", "sample_changed")


def plain(job: JobState) -> dict[str, Any]:
    """One disk as `erase --json` has it (docs/design.md)."""
    target = job.spec.target if job.spec is not None else None
    verified = job.verified
    return {
        "path": job.path,
        "serial": target.serial if target else None,
        "serial_doubt": naming.doubt_of(target) if target else None,
        "claim": claim_word(job),
        "attested": attested(job),
        "technique": job.technique,
        "reasons": plain_reasons(job.reasons),
        "verified": None
        if verified is None
        else {
            "method": verified.method.value,
            "sectors": verified.sectors,
            "mismatches": verified.mismatches,
        },
        "hidden_areas": job.hidden_areas,
        "bad_sectors": job.bad_sectors,
        "job": job.id,
        "elapsed_s": job.elapsed_s,
        "status": job.status.value,
        "percent": percent(job),
        "health": change_text(job),
    }


def claim_word(job: JobState) -> str:
    """The claim; a job the guard turned away at its start is `refused`."""
    from bench.erasing.jobs import exit_code
    from bench.errors.failure import Exit

    begun = job.claim is not Claim.NONE  # what was begun and turned away since is no longer whole
    if job.status is not Status.RUNNING and exit_code(job) is Exit.REFUSED and not begun:
        return "refused"
    return job.claim.value


def percent(job: JobState) -> int | None:
    """Whole work, passes and read-back; never 100 before the last line."""
    if job.status is Status.DONE:
        return 100
    if job.percent is not None:
        return min(job.percent, 99)
    if not job.total_bytes:
        return None
    return min(job.done_bytes * 100 // job.total_bytes, 99)


def name(job: JobState) -> str:
    """Path, model and end of the serial: what a person compares with the disk."""
    target = job.spec.target if job.spec is not None else None
    if target is None:
        return job.id
    parts = (job.path, target.model, gigabytes(target.size_bytes))
    own = target.serial if naming.own(target).named else None  # a dock's number is no disk's
    tail = f"…{own[-4:]}" if own else None
    return " ".join(part for part in (*parts, tail) if part)


def status_line(job: JobState, later: JobState | None = None) -> str:
    """One job on one line: id, disk, where it is or how it ended.

    `later`: the job that has overtaken it.
    """
    if later is not None:
        return f"{job.id}  {name(job)}  {say('erase.overtaken', later=later.id)}"
    if job.status is Status.RUNNING:
        return f"{job.id}  {name(job)}  {phase_text(job)} {percent(job) or 0} %  {pace_text(job)}"
    line = f"{job.id}  {name(job)}  {outcome_text(job)}"
    return f"{line} ({LOG_FILE} : {said})" if (said := last_words(job)) else line


def phase_text(job: JobState) -> str:
    phase = job.phase.value if job.phase is not None else "prepare"
    return find(f"wipe.phase.{phase}") or phase


def claim_text(job: JobState) -> str:
    word = claim_word(job)
    return find(f"erase.claim.{word}") or word


def outcome_text(job: JobState) -> str:
    """How it ended, with every reason that matters."""
    text = "" if unreadable(job) else claim_text(job)  # nobody can tell: not "nothing was erased"
    said = zip(job.reasons, reason_texts(job.reasons), strict=True)
    reasons = " ".join(text for reason, text in said if reason.code.value not in _PROVEN)
    if unattested(job):
        text = f"{say('wipe.unattested.word')}. {say('wipe.unattested.why')}"
    return f"{text} {reasons}".strip()


def speed_text(job: JobState) -> str:
    speed = job.speed_bytes_s
    return "" if speed is None else say("erase.speed", megabytes=round(speed / 1e6))


def pace_text(job: JobState) -> str:
    """Speed, time left, finish time: what is known of them."""
    parts = [speed_text(job)]
    if job.left_s is not None:
        parts.append(say("erase.left", time=duration(job.left_s)))
    if job.finish_at is not None:
        moment = dt.datetime.fromisoformat(job.finish_at).astimezone()
        parts.append(say("erase.finish", time=f"{moment:%H:%M}"))
    if job.temperature_c is not None:
        parts.append(f"{job.temperature_c} °C")
    return "  ".join(part for part in parts if part)


def duration(seconds: float) -> str:
    """Time in words a person uses: 12 s, 4 min, 1 h 20."""
    whole = max(0, round(seconds))
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d}"


def refused(candidate: Candidate, problem: Failure) -> dict[str, Any]:
    """The line of a disk that was not touched."""
    reasons = (
        [_why(problem)] if problem.code == "confirm_wrong" else plain_reasons(candidate.reasons)
    )
    return _untouched(candidate, "refused", reasons)


def unbegun(candidate: Candidate, failure: Failure) -> dict[str, Any]:
    """The line of a disk whose job could not be started."""
    return _untouched(candidate, "none", [_why(failure)])


def not_resumed(job: Path, failure: Failure) -> dict[str, Any]:
    """The line of a job that was not taken up again: as it stands, and why."""
    from wipe.journal.state import read

    return plain(read(job)) | {"reasons": [_why(failure)]}


def _why(failure: Failure) -> dict[str, str]:
    return {"code": failure.code, "text": say(f"errors.{failure.code}.say", **failure.values)}


def _untouched(candidate: Candidate, claim: str, reasons: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "path": candidate.target.path,
        "serial": candidate.target.serial,
        "claim": claim,
        "technique": None,
        "reasons": reasons,
        "verified": None,
        "hidden_areas": None,
        "bad_sectors": 0,
        "job": None,
        "elapsed_s": 0,
    }


def show_plans(found: list[Candidate], *, as_json: bool) -> int:
    """Print each; the exit code: refused where one of them is."""
    for candidate in found:
        if as_json:
            tell_json(_plan_plain(candidate))
        elif not isinstance(candidate.plan, Plan) or not candidate.answer.allowed:
            reasons = " ".join(reason_text(reason) for reason in candidate.reasons)
            step = step_text(candidate.plan) if isinstance(candidate.plan, Refusal) else ""
            tell(say("erase.plan_refused", disk=candidate.target.path, reasons=reasons, step=step))
        else:
            tell(say("erase.plan_title", disk=candidate.target.path, confirm=candidate.confirm))
            for number, technique in enumerate(candidate.plan.techniques, 1):
                line = say(
                    "erase.plan_line",
                    number=number,
                    technique=_planned(technique),
                    claim=say(f"wipe.claim.{technique.claim.value}"),
                    why=reason_text(Reason(technique.why)),
                )
                tell(f"  {line}")
            for note in candidate.plan.notes:
                tell(f"  - {reason_text(note)}")
    return int(Exit.DONE if all(candidate.allowed for candidate in found) else Exit.REFUSED)


def _planned(technique: Technique) -> str:
    text = technique_text(technique.method.value)
    passes = len(technique.passes)
    return text if passes < 2 else say("erase.plan_passes", technique=text, count=passes)


def _plan_plain(candidate: Candidate) -> dict[str, Any]:
    plan = candidate.plan

    shown: dict[str, Any] = {
        "path": candidate.target.path,
        "serial": candidate.target.serial,
        "serial_doubt": naming.doubt_of(candidate.target),
        "confirm": candidate.confirm,
        "guard": {
            "allowed": candidate.answer.allowed,
            "reasons": plain_reasons(candidate.answer.reasons),
        },
        "techniques": [],
        "refusal": None,
        "notes": [],
    }
    if isinstance(plan, Refusal):
        shown["refusal"] = {**plain_reasons((plan.reason,))[0], "step": step_text(plan)}
        return shown
    shown["notes"] = plain_reasons(plan.notes)
    shown["techniques"] = [
        {
            "name": technique.name,
            "method": technique.method.value,
            "claim": technique.claim.value,
            "standard": technique.standard,
            "why": plain_reasons((Reason(technique.why),))[0],
        }
        for technique in plan.techniques
    ]
    return shown
