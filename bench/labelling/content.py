"""What the label of a recorded machine may say: only what its record carries."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from bench.casefile.reading import file_of
from bench.words.catalogue import for_the_workshop, say
from bench.words.dates import local
from bench.words.facts import gibibytes, gigabytes
from diagnostics.model import DiskKind, Machine
from diagnostics.naming import machine_name
from diagnostics.processor import processor_name
from labels.content import LabelContent, LabelState, strongest_state

if TYPE_CHECKING:
    from bench.grading.result import GradeResult
    from bench.records.kinds.machine import EraseDone
    from bench.records.log import Log
    from bench.setup.settings import Settings

_FLASH = (DiskKind.SSD, DiskKind.NVME, DiskKind.EMMC, DiskKind.UFS, DiskKind.SAS_SSD)


@for_the_workshop()
def content_of(
    log: Log, device: str, asset: str, grade: GradeResult | None, settings: Settings
) -> LabelContent:
    """The label of a machine: identity, what is in it, grade and what may be claimed."""
    file = file_of(log, device)
    machine, clean = file.machine, file.dossier.data_removed
    done = [disk.standing.data for disk in file.dossier.inside if disk.standing is not None]
    erased_on = _latest_day(done) if clean else None
    refurbished = grade is not None and grade.refurbished_allowed and clean
    state = strongest_state(
        all_functions_tested=refurbished,
        data_removed=clean,
        erased=erased_on is not None,
        # D because something is still unknown is not "for parts": somebody must look first.
        parts=grade is not None and grade.final == "D" and not grade.missing,
    )
    return LabelContent(
        asset=asset,
        state=state if clean or state is LabelState.PARTS else LabelState.TO_TEST,
        title=machine_name(machine.identity.maker, machine.identity.model),
        lines=tuple(fact_lines(machine)),
        # Not before the supervisor has answered: the letter may be another one then.
        grade=grade.final if grade is not None and not file.dossier.locks_open else "",
        erased_on=erased_on,
        erased_method=_method(done) if erased_on else "",
        site=settings.site,
        qr_text=asset,
        all_functions_tested=refurbished,
        data_removed=clean,
        demo=log.demo,
    )


@for_the_workshop()
def fact_lines(machine: Machine) -> list[str]:
    """What is in the machine, the most important first: a model tells its processor, never what
    memory and disk somebody put in."""
    memory = gibibytes(machine.memory.installed_bytes or machine.memory.total_bytes)
    disks = [
        f"{'SSD' if disk.kind in _FLASH else 'HDD'} {gigabytes(disk.size_bytes)}"
        for disk in machine.disks
        if disk.size_bytes and disk.kind not in (DiskKind.OPTICAL, DiskKind.USB_FLASH)
    ]
    inside = [say("labelling.memory", size=memory)] if memory else []
    name = processor_name(machine.cpu.model)
    return [text for text in (" · ".join(inside + disks), name) if text]


def _latest_day(done: list[EraseDone]) -> dt.date | None:
    days = []
    for erasure in done:
        there = local(erasure.ended)
        if there is None:
            return None  # an erasure without a date cannot be printed with one
        days.append(there.date())
    return max(days, default=None)


def _method(done: list[EraseDone]) -> str:
    return "NIST Purge" if {erasure.claim for erasure in done} == {"purge"} else "NIST Clear"
