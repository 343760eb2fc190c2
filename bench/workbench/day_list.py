"""The list of a day on paper, made from its review: every figure is read, none is made."""

from __future__ import annotations

from pathlib import Path

from bench.casefile.reading import file_of
from bench.casefile.search import state_text
from bench.casefile.story import brief
from bench.documents.day_list import DayList, DayMachine, day_list_pdf
from bench.documents.logo import logo_of
from bench.documents.parties import workshop_of
from bench.documents.wording import time_text
from bench.guide.supervision import DayFinding
from bench.records.day.machines import machines_of
from bench.records.day.review import Review
from bench.records.log import Log
from bench.setup.files import write_file
from bench.setup.settings import Settings
from bench.words.catalogue import for_the_workshop, say
from bench.words.version import VERSION
from bench.workbench.review_words import closing_lines, day_lines

_MOST_POINTS = 200


@for_the_workshop()
def day_list(
    log: Log, found: Review, findings: tuple[DayFinding, ...], settings: Settings
) -> DayList:
    """What the paper says of the day of this review. Raises `RecordsError`."""
    devices = machines_of(log.store, found.day)
    machines = sorted((_machine(log, device) for device in devices), key=lambda told: told.asset)
    return DayList(
        day=found.day,
        workshop=workshop_of(log, settings).name,
        tool=f"etabli {VERSION}",
        lines=day_lines(found),
        machines=tuple(machines),
        points=tuple(finding.said for finding in findings[:_MOST_POINTS]),
        open_count=found.open_count,
        closings=closing_lines(found, when=lambda at, _day: time_text(at)),
        closed=found.closed_everywhere,
        demo=log.demo,
    )


def keep_day_list(
    log: Log,
    settings: Settings,
    folder: Path,
    found: Review,
    findings: tuple[DayFinding, ...],
    *,
    name: str = "",
) -> Path:
    """Write the PDF into the folder, and give where it is.

    Raises `RecordsError`, `Failure` (`file_unwritable`).
    """
    path = folder / (name or f"journee-{found.day}.pdf")
    logo = logo_of(settings, log.store.path.parent)
    write_file(path, day_list_pdf(day_list(log, found, findings, settings), logo=logo))
    return path


def _machine(log: Log, device: str) -> DayMachine:
    ((blocked,),) = log.store.query("SELECT blocked FROM machine WHERE device = ?", (device,))
    file = file_of(log, device)
    row, inside = file.row, file.dossier.inside
    erased = sum(disk.erased for disk in inside)
    return DayMachine(
        asset=brief(row["asset"]) or device[:13],
        machine=brief(f"{row['maker']} {row['model']}"),
        serial=brief(row["serial"]),
        state=state_text("blocked" if blocked else row["state"]),
        grade=brief(row["grade"]),
        disks=say("day_list.erased", erased=erased, count=len(inside)),
        where=say(f"documents.destination.{file.destination}"),
    )
