"""Step 5, Effacer, with several disks: a table to tick, up to 24 at a glance."""

from __future__ import annotations

from bench.guide.flow import can_go_on
from bench.guide.flow_erase import may_choose
from bench.guide.happenings import DisksChosen, GoOn
from bench.guide.place import disk_place
from bench.guide.visit import DiskState, Fate, Subject
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.times import at
from bench.screens.kit.view import Choice, Row, Tone, View
from bench.words.catalogue import say

TALL = 12  # more rows than this are drawn in two columns


class TrayPage(Page):
    help = "tray"
    wants_disks = True

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.marked: set[str] = set()

    @property
    def _shown(self) -> list[DiskState]:
        return [disk for disk in self.desk.visit.disks or () if not disk.ours]

    def draw(self) -> View:
        disks = self._shown
        rows = tuple(self._row(disk) for disk in disks)
        lines = (say("screens.tray.how" if disks else "screens.tray.plug"),)
        return View(
            title=say("screens.tray.title", count=len(disks)),
            lines=lines,
            rows=rows,
            choices=self._choices(disks),
            picture="" if disks else "disk",
            rests=any(disk.fate is Fate.ERASING for disk in disks) and not any(map(_waits, disks)),
            face="tray",  # however many there are: each keeps its number
        )

    def _choices(self, disks: list[DiskState]) -> tuple[Choice, ...]:
        free = [disk.key for disk in disks if may_choose(disk)]
        marked = self.marked & set(free)
        choices = []
        if free:
            # First, where Tab comes to: an Enter too many ticks no disk.
            first = "" if marked else say("screens.tray.first")
            choices.append(Choice("erase", say("screens.tray.erase", count=len(marked)), off=first))
            every = "none" if marked == set(free) else "all"
            choices.append(Choice("every", say(f"screens.tray.{every}")))
        if can_go_on(self.desk.visit) and (disks or self.desk.visit.subject is Subject.PC):
            loose = self.desk.visit.subject is Subject.DISKS
            choices.append(Choice("go_on", say(f"screens.tray.{'end' if loose else 'go_on'}")))
        if self.desk.visit.disks is not None and not self.desk.visit.disks_complete:
            choices.append(Choice("call", say("screens.refused.call")))
        return tuple(choices)

    def _row(self, disk: DiskState) -> Row:
        seen = self.desk.watch.disk(disk.key)
        state, short, tone = self._state(disk)
        free = may_choose(disk)
        return Row(
            key=disk.key,
            title=disk.title,
            size=seen.size if seen else "",
            tail=(seen.serial_tail or seen.confirm) if seen else disk.confirm,
            state=state,
            short=short,
            mark=disk.key in self.marked if free else None,
            tone=tone,
        )

    def _state(self, disk: DiskState) -> tuple[str, str, Tone]:
        """The disk's fate: in full, in six characters, and how it feels."""
        if disk.fate is Fate.ERASING:
            job = self.desk.watch.job(disk.job)
            percent = f"{job.percent} %" if job and job.percent is not None else "…"
            if job and job.finish_at:
                return (
                    f"{percent}, {say('screens.progress.end_short', at=at(job.finish_at))}",
                    percent,
                    (Tone.PLAIN),
                )
            return percent, percent, Tone.PLAIN
        name = disk.fate.value
        if disk.fate is Fate.PENDING and not disk.present:
            name = "gone"
        elif disk.fate is Fate.PENDING and not may_choose(disk):
            name = "refused"
        good = disk.fate in (Fate.VERIFIED, Fate.RETIRED)
        bad = disk.fate in (Fate.FAILED, Fate.INTERRUPTED) or name in ("gone", "refused")
        tone = Tone.GOOD if good else Tone.DANGER if bad else Tone.PLAIN
        return say(f"screens.tray.state.{name}"), say(f"screens.tray.short.{name}"), tone

    def choose(self, key: str) -> None:
        free = {choice.key for choice in self._shown if may_choose(choice)}
        if key == "every":
            self.marked = set() if self.marked >= free else free
        elif key == "erase":
            order = [choice.key for choice in self._shown if choice.key in self.marked & free]
            self.desk.tell(DisksChosen(tuple(order)))
        elif key == "go_on":
            self.desk.tell(GoOn())
        elif key == "call":
            self.desk.call_supervisor()
        else:
            self._row_taken(key)

    def _row_taken(self, key: str) -> None:
        choice = next((each for each in self._shown if each.key == key), None)
        if choice is None or choice.fate in (Fate.VERIFIED, Fate.RETIRED):
            return
        if may_choose(choice) and choice.fate is Fate.PENDING:
            self.marked ^= {key}
        else:
            self.desk.open(*disk_place(choice))

    def special(self, name: str) -> bool:
        """Space ticks any disk that may be erased, a failed one too; Enter looks at it."""
        rows = self.view().rows
        if name == "space" and 0 <= self.at < len(rows) and rows[self.at].mark is not None:
            self.marked ^= {rows[self.at].key}
            return True
        return False

    def _move(self, view: View, step: int, key: str) -> None:
        rows = len(view.rows)
        if key in ("left", "right") and rows > TALL and self.at < rows:
            column = (rows + 1) // 2
            target = self.at + step * column
            self.at = target if 0 <= target < rows else self.at
        elif key == "tab" and self.at < rows and view.choices:
            self.at = rows
        else:
            super()._move(view, step, key)


def _waits(disk: DiskState) -> bool:
    """Whether a disk waits for a hand."""
    return disk.fate not in (Fate.ERASING, Fate.VERIFIED, Fate.RETIRED)
