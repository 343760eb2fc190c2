"""Health read again after an erasure: kept in the record, judged, and said in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from bench.words.catalogue import filled_or_bare, find, language, say
from diagnostics.model import Disk, Smart

if TYPE_CHECKING:
    from bench.records.dossier.disks import DiskRecord
    from diagnostics.health.verdict import Verdict, VerdictReason
    from wipe.journal.state import JobState

BEFORE, AFTER = "smart_before", "smart_after"


def readings(job: JobState) -> dict[str, dict[str, int | bool]]:
    """The values the wipe process read before and after, as its journal has them."""
    found = {}
    for kind in (BEFORE, AFTER):
        values = job.facts.get(kind, {}).get("values")
        if isinstance(values, dict):
            found[kind] = {k: v for k, v in values.items() if isinstance(v, int)}
    return found


def judged(disk: Disk, before: object, after: object) -> Verdict | None:
    """The verdict on a disk after its erasure; `None` where it was not read again.

    Both sides of a change are the readings of the wipe process (maps of values), so that two
    readers' different decoding is never taken for a change.
    """
    from diagnostics.health.after import with_values
    from diagnostics.health.rules import Phase
    from diagnostics.health.verdict import verdict

    if not isinstance(after, Mapping):
        return None
    previous = with_values(disk, before) if isinstance(before, Mapping) else disk
    now = with_values(disk, after)
    return verdict(now, phase=Phase.AFTER, previous=previous, language=language())


def verdict_words(disks: Iterable[DiskRecord]) -> Callable[[Disk], str]:
    """The word for a disk by its standing erasure where it was read again, else by its probe."""
    latest = {disk.path: disk.standing.data for disk in disks if disk.present and disk.standing}

    def word(disk: Disk) -> str:
        from diagnostics.health.verdict import verdict

        data = latest.get(disk.path)
        found = judged(disk, data.smart_before, data.smart_after) if data is not None else None
        return str((found or verdict(disk)).verdict.value)

    return word


def change_text(job: JobState) -> str:
    """What the erasure did to the drive's health; empty where it was not read twice.

    Only what changed is judged here: the verdict on the whole drive needs its full report.
    """
    from diagnostics.health.rules import DriveUse

    told = readings(job)
    if job.spec is None or not any(told.values()) or AFTER not in told:
        return ""  # an image, or a drive that never spoke of its health
    target = job.spec.target
    disk = Disk(path=job.path or "", name="", kind=target.disk_kind, smart=Smart())
    found = judged(disk, told.get(BEFORE), told[AFTER])
    if found is None or not told[AFTER]:
        return say("erase.health_unread")
    bad = [r for r in found.reasons if r.verdict in (DriveUse.SCRAP, DriveUse.WATCH)]
    if bad:
        return say("erase.health_worse", why=_worded(bad[0]))
    return say("erase.health_same") if told.get(BEFORE) else ""


def _worded(reason: VerdictReason) -> str:
    """The rule's sentence: from the words of the languages that do not stand beside the rules."""
    sentence = find(f"health.{reason.rule}")
    values = {"value": reason.value, "threshold": reason.threshold}
    return reason.text if sentence is None else filled_or_bare(sentence, values)
