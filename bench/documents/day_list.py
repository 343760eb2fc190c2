"""The list of a day on paper: its machines and what became of each, what is open, who closed.

A working list for the workshop's wall or file: nobody signs it and it attests nothing, which its
foot says. What it says of a disk is what the dossier says.
"""

from __future__ import annotations

import msgspec

from bench.documents.page.pdf import Sheet
from bench.documents.page.table import Column, draw_table
from bench.documents.wording import count_text, date_text
from bench.words.catalogue import for_the_workshop, language, say
from labels.identifier import is_demo

_NAMED = ("asset", "machine", "serial", "state", "grade", "disks", "where")
_SHARES = (1.7, 2.0, 1.5, 1.3, 0.6, 1.0, 1.3)


class DayMachine(msgspec.Struct, frozen=True):
    """One machine of the day, every text as it is read."""

    asset: str
    machine: str
    serial: str
    state: str
    grade: str
    disks: str  # erased of all
    where: str  # its destination

    @property
    def is_demo(self) -> bool:
        return is_demo(self.asset)


class DayList(msgspec.Struct, frozen=True):
    """All that the paper says. `open_count`: how many points there are, named or not."""

    day: str  # YYYY-MM-DD
    workshop: str
    tool: str
    lines: tuple[str, ...]  # the benches and sums of the day
    machines: tuple[DayMachine, ...]
    points: tuple[str, ...]
    open_count: int
    closings: tuple[str, ...]
    closed: bool
    demo: bool = False  # the whole record is a demonstration's


@for_the_workshop()
def day_list_pdf(content: DayList, *, logo: bytes = b"") -> bytes:
    """The paper, over as many pages as it takes. Same content, same bytes."""
    sheet = Sheet(
        title=say("day_list.title", day=date_text(content.day)),
        reference=say(f"day_list.{'closed' if content.closed else 'open'}"),
        issuer=content.workshop,
        footer=say("day_list.footer", tool=content.tool),
        date=date_text(content.day),
        language=language(),
        demo=content.demo,
        logo=logo,
    )
    tried = [machine for machine in content.machines if machine.is_demo]
    if content.demo or tried:
        everything = content.demo or len(tried) == len(content.machines)
        what = "demo_all" if everything else "demo_some"
        told = say(f"day_list.{what}", count=len(tried))
        sheet.callout(say("day_list.demo"), [told], heavy=True)
    for line in content.lines:
        sheet.paragraph(line)
    sheet.heading(say("documents.machines", count=count_text(len(content.machines))))
    if content.machines:
        columns = [
            Column(say(f"day_list.column.{name}"), share)
            for name, share in zip(_NAMED, _SHARES, strict=True)
        ]
        draw_table(sheet, columns, map(_row, content.machines))
    else:
        sheet.paragraph(say("day_list.nothing"))
    sheet.heading(say("day_list.points", count=content.open_count))
    for point in content.points:
        sheet.paragraph(f"• {point}")
    if (rest := content.open_count - len(content.points)) > 0:
        sheet.paragraph(say("day_list.more", count=rest))
    sheet.heading(say("day_list.closings"))
    for line in content.closings or (say("day_list.never"),):
        sheet.paragraph(line)
    sheet.signatures([say("day_list.sign")])
    return sheet.finish()


def _row(machine: DayMachine) -> tuple[str, ...]:
    state = machine.state
    if machine.is_demo:
        state = f"{say('day_list.demo_short')}, {state}"
    shown = msgspec.structs.replace(machine, state=state)
    return tuple(getattr(shown, name) or "-" for name in _NAMED)
