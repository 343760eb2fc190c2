"""From a journal to the evidence `claim.py` judges. Pure: anybody can do it again later."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from diagnostics.learn import learn
from diagnostics.model import DiskKind
from wipe.decide.claim import Evidence, Hidden, SampleEvidence, Verification
from wipe.decide.plan import FLASH
from wipe.decide.reach import left, told, unseen, worst
from wipe.decide.second_look import SecondLook
from wipe.journal.standing import Standing
from wipe.model.capabilities import Holds
from wipe.model.codes import Code, Reason
from wipe.model.ranges import sectors
from wipe.model.spec import JobSpec, Method, Target, TargetKind
from wipe.seen import naming
from wipe.seen.hybrid import is_hybrid

_T = TypeVar("_T")

# Why a job ended that a person can do something about; it may be resumed. Anything else that
# ends a job early is final, and the claim is `failed`.
RESUMABLE = frozenset(
    {
        Code.STOPPED, Code.NO_PROCESS, Code.NO_SPACE, Code.JOURNAL_FAILED, Code.IMAGE_NO_SPACE,
        Code.DISK_GONE, Code.TOO_HOT, Code.OUT_OF_MEMORY, Code.UNEXPECTED,
        Code.POWER_CYCLE_NEEDED,
    }
)  # fmt: skip


def gather(spec: JobSpec, standing: Standing, ended_by: Reason | None) -> Evidence:
    """All that the journal holds; `ended_by` is what stopped the job before its plan was done."""
    technique = spec.plan[min(standing.technique, len(spec.plan) - 1)]
    size = sector_bytes(spec.target)
    wanted = len(technique.passes)
    done = len({sweep for sweep in standing.done if sweep < wanted})
    resumable = ended_by is not None and ended_by.code in RESUMABLE
    facts = standing.facts
    holds = held(facts)
    return Evidence(
        method=technique.method,
        reachable=technique.claim,
        target_kind=spec.target.kind,
        began=standing.touched,
        interrupted=ended_by if resumable else None,
        failure=None if resumable else ended_by,
        flash=is_flash(spec.target),
        hybrid=is_hybrid(spec.target.model),
        kind_unknown=spec.target.disk_kind is DiskKind.UNKNOWN,
        boot_areas_left=spec.target.disk_kind is DiskKind.EMMC,
        serial_known=bool((spec.target.serial or "").strip()),
        serial_doubtful=bool(spec.target.serial) and naming.doubt_of(spec.target) is not None,
        capabilities_known=_flag(facts.get("capabilities"), "read"),
        hidden=_hidden(spec.target, facts.get("hidden_areas")),
        fell_back=standing.technique > 0,
        earlier=earlier_failures(standing),
        passes_wanted=wanted,
        passes_done=done,
        unwritten_sectors=sectors(standing.unwritten, size),
        flushed=done >= wanted and not standing.flush_failed,
        direct=standing.direct is True,
        verification=_convert(facts.get("verified"), Verification),
        unbroken=standing.unbroken,
        second_look=_convert(facts.get("read_power_cycle"), SecondLook),
        healed_sectors=_healed(facts),
        forgotten="forgotten" in facts,
        accepted=_flag(facts.get("accepted"), "accepted"),
        in_progress_seen="in_progress" in facts,
        success_seen=_flag(facts.get("success"), "success"),
        drive_failed="drive_failed" in facts,
        attested=_flag(facts.get("success"), "attested"),
        namespaces_left=_namespaces(technique.method, facts.get("success")),
        left=left(technique.method, holds),
        unseen=unseen(technique.method, holds),
        told=told(spec.target, technique.method, holds),
        sample=_convert(facts.get("sample_after"), SampleEvidence),
        power_cycle_sample=_convert(facts.get("sample_power_cycle"), SampleEvidence),
    )


def held(facts: dict[str, dict[str, Any]]) -> Holds | None:
    """What the drive holds, as counted before and after; whatever either found is there."""
    before = facts.get("capabilities", {}).get("holds")
    after = facts.get("holds_after")
    return worst(
        _convert(before if isinstance(before, dict) else None, Holds), _convert(after, Holds)
    )


def earlier_failures(standing: Standing) -> tuple[Reason, ...]:
    """Why techniques before the present one came to nothing; each code once, the first."""
    found = _convert({"reasons": list(standing.failures)}, _Reasons)
    first: dict[Code, Reason] = {}
    for reason in found.reasons if found is not None else ():
        first.setdefault(reason.code, reason)
    return tuple(first.values())


class _Reasons(msgspec.Struct, frozen=True):
    reasons: tuple[Reason, ...]


learn(_Reasons)


def is_flash(target: Target) -> bool | None:
    """Whether overwriting may miss blocks the drive keeps to itself; `None` when unknown."""
    if target.disk_kind in FLASH:
        return True
    if target.disk_kind in (DiskKind.HDD, DiskKind.SAS_HDD, DiskKind.IMAGE):
        return False
    return None


def sector_bytes(target: Target) -> int:
    """The unit in which sectors are counted; image files have none of their own: 4096."""
    return target.logical_sector_bytes if target.kind is TargetKind.BLOCK else 4096


def _hidden(target: Target, fact: dict[str, Any] | None) -> Hidden:
    """Only ATA drives have HPA and DCO; a drive of unknown kind may be one."""
    if fact is not None:
        try:
            return Hidden(str(fact.get("state")))
        except ValueError:
            return Hidden.UNKNOWN
    may_have = (DiskKind.HDD, DiskKind.SSD, DiskKind.UNKNOWN)
    return Hidden.UNKNOWN if target.disk_kind in may_have else Hidden.NOT_APPLICABLE


def _namespaces(method: Method, fact: dict[str, Any] | None) -> bool | None:
    if method not in (Method.NVME_FORMAT_CRYPTO, Method.NVME_FORMAT_USER):
        return None
    return not _flag(fact, "all_namespaces")


def _healed(facts: dict[str, dict[str, Any]]) -> int:
    """Sectors the drive could not read before (SMART attribute 197), and counts no more."""
    counts = [
        facts.get(kind, {}).get("values", {}).get("pending")
        for kind in ("smart_before", "smart_after")
    ]
    before, after = (count if isinstance(count, int) else None for count in counts)
    return 0 if before is None or after is None else max(before - after, 0)


def _flag(fact: dict[str, Any] | None, key: str) -> bool:
    return fact is not None and fact.get(key) is True


def _convert(fact: dict[str, Any] | None, kind: type[_T]) -> _T | None:
    if fact is None:
        return None
    try:
        return msgspec.convert(fact, kind)
    except msgspec.ValidationError:
        return None
