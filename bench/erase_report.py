"""An erasure in words: one line, one JSON object, or live bars."""

from __future__ import annotations

import datetime as dt
from typing import Any

from bench.after_erasure import change_text
from bench.erasing import reason_texts, told
from bench.jobs import unreadable
from bench.machine_sheet import gigabytes
from bench.words.catalogue import find, say
from wipe import naming
from wipe.spec import Claim
from wipe.state import JobState, Status

_PROVEN = ("fully_verified", "sample_verified", "sample_changed")


def plain(one: JobState) -> dict[str, Any]:
    """One disk as `erase --json` has it (docs/design.md)."""
    target = one.spec.target if one.spec is not None else None
    verified = one.verified
    return {
        "path": one.path,
        "serial": target.serial if target else None,
        "serial_doubt": naming.doubt_of(target) if target else None,
        "claim": claim_word(one),
        "attested": attested(one),
        "technique": one.technique,
        "reasons": told(one.reasons),
        "verified": None
        if verified is None
        else {
            "method": verified.method.value,
            "sectors": verified.sectors,
            "mismatches": verified.mismatches,
        },
        "hidden_areas": one.hidden_areas,
        "bad_sectors": one.bad_sectors,
        "job": one.id,
        "elapsed_s": one.elapsed_s,
        "status": one.status.value,
        "percent": percent(one),
        "health": change_text(one),
    }


def claim_word(one: JobState) -> str:
    """The claim; a job the guard turned away at its start is `refused`."""
    from bench.failure import Exit
    from bench.jobs import exit_code

    begun = one.claim is not Claim.NONE  # what was begun and turned away since is no longer whole
    if one.status is not Status.RUNNING and exit_code(one) is Exit.REFUSED and not begun:
        return "refused"
    return one.claim.value


def attested(one: JobState) -> str:
    """What the attestation will say: the claim, or less where it binds to no disk.

    A disk erased and read back, but without a serial or WWN, has the claim of the bytes
    and "none" here (docs/facts/erasure.md: no claim over an unknown serial).
    """
    from bench.casefile import erasure_data
    from bench.records.erasures import Erasure

    return Erasure("", "", "", "", erasure_data(one)).claim


def percent(one: JobState) -> int | None:
    """Whole work, passes and read-back; never 100 before the last line."""
    if one.status is Status.DONE:
        return 100
    if one.percent is not None:
        return min(one.percent, 99)
    if not one.total_bytes:
        return None
    return min(one.done_bytes * 100 // one.total_bytes, 99)


def name(one: JobState) -> str:
    """Path, model and end of the serial: what a person compares with the disk."""
    target = one.spec.target if one.spec is not None else None
    if target is None:
        return one.id
    parts = (one.path, target.model, gigabytes(target.size_bytes))
    own = target.serial if naming.own(target).named else None  # a dock's number is no disk's
    tail = f"…{own[-4:]}" if own else None
    return " ".join(part for part in (*parts, tail) if part)


def status_line(one: JobState) -> str:
    """One job on one line: id, disk, where it is or how it ended."""
    if one.status is Status.RUNNING:
        return f"{one.id}  {name(one)}  {phase_text(one)} {percent(one) or 0} %  {pace_text(one)}"
    return f"{one.id}  {name(one)}  {outcome_text(one)}"


def phase_text(one: JobState) -> str:
    phase = one.phase.value if one.phase is not None else "prepare"
    return find(f"wipe.phase.{phase}") or phase


def outcome_text(one: JobState) -> str:
    """How it ended, with every reason that matters."""
    word = claim_word(one)
    text = find(f"erase.claim.{word}") or word
    if unreadable(one):
        text = ""  # not "nothing was erased": nobody can tell
    said = zip(one.reasons, reason_texts(one.reasons), strict=True)
    reasons = " ".join(text for reason, text in said if reason.code.value not in _PROVEN)
    if word in ("purge", "clear") and attested(one) != word:
        reasons = f"{reasons} {say('erase.not_attested')}".strip()
    return f"{text} {reasons}".strip()


def speed_text(one: JobState) -> str:
    speed = one.speed_bytes_s
    return "" if speed is None else say("erase.speed", megabytes=round(speed / 1e6))


def pace_text(one: JobState) -> str:
    """Speed, time left, finish time: what is known of them."""
    parts = [speed_text(one)]
    if one.left_s is not None:
        parts.append(say("erase.left", time=duration(one.left_s)))
    if one.finish_at is not None:
        moment = dt.datetime.fromisoformat(one.finish_at).astimezone()
        parts.append(say("erase.finish", time=f"{moment:%H:%M}"))
    if one.temperature_c is not None:
        parts.append(f"{one.temperature_c} °C")
    return "  ".join(part for part in parts if part)


def duration(seconds: float) -> str:
    """Time in words a person uses: 12 s, 4 min, 1 h 20."""
    whole = max(0, round(seconds))
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d}"
