"""Step 5, Effacer, with several disks: a table to tick, up to 24 at a glance."""

from __future__ import annotations

from bench.guide.flow import can_go_on
from bench.guide.flow_erase import may_choose
from bench.guide.happenings import DisksChosen, GoOn
from bench.guide.place import disk_place
from bench.guide.shown import JobStatus, JobView
from bench.guide.visit import DiskState, Fate, Subject
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.times import at
from bench.screens.kit.view import Choice, Row, Tone, View
from bench.words.catalogue import say

_MOST_NAMED = 8  # disks in a line
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
        lines = self._standing(disks) if disks else (say("screens.tray.plug"),)
        return View(
            title=say("screens.tray.title", count=len(disks)),
            lines=lines,
            rows=rows,
            choices=self._choices(disks),
            picture="" if disks else "disk",
            rests=any(disk.fate is Fate.ERASING for disk in disks) and not any(map(_waits, disks)),
            face="tray",  # however many there are: each keeps its number
        )

    def _standing(self, disks: list[DiskState]) -> tuple[str, ...]:
        """The whole tray in two lines at most: what runs and until when, and which disks want a
        hand, by their numbers. Their order stays: a list that is read does not move."""
        running = [disk for disk in disks if disk.fate is Fate.ERASING]
        wanting = [str(at) for at, disk in enumerate(disks, 1) if self._wants_a_hand(disk)]
        free = any(may_choose(disk) and disk.fate is Fate.PENDING for disk in disks)
        lines: list[str] = []
        if running:
            told = [say("screens.tray.running", count=len(running))]
            jobs = [self.desk.watch.job(disk.job) for disk in running]
            ends = [job.finish_at for job in jobs if job is not None and job.finish_at]
            if len(ends) == len(running):  # one that says nothing may be the last
                told.append(say("screens.tray.until", at=at(max(ends))))
            seen = self.desk.visit.disks_complete and all(map(_runs, jobs))
            if seen and not wanting and not free:
                told.append(say("screens.tray.may_go"))
            lines.append(" ".join(told))
        if wanting:
            shown = ", ".join(wanting[:_MOST_NAMED])
            more = "…" if len(wanting) > _MOST_NAMED else ""
            lines.append(say("screens.tray.wanting", count=len(wanting), numbers=shown + more))
        if len(lines) < 2 and free:
            lines.insert(0, say("screens.tray.how"))
        return tuple(lines) or (say("screens.tray.all_done"),)

    def _wants_a_hand(self, disk: DiskState) -> bool:
        """Failed, stopped, unplugged or not to be erased: more than a tick is needed."""
        if disk.fate is Fate.ERASING:
            return not disk.present
        return _waits(disk) and not (disk.fate is Fate.PENDING and may_choose(disk))

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
            if not disk.present:
                state = "unplugged"
                return (
                    say(f"screens.tray.state.{state}"),
                    say("screens.tray.short.gone"),
                    Tone.DANGER,
                )
            percent = f"{job.percent} %" if job and job.percent is not None else "…"
            if job is not None and job.status is JobStatus.PAUSED:
                paused = say("screens.tray.state.paused")
                return f"{percent:>4} {paused}", say("screens.tray.short.paused"), Tone.PLAIN
            return " ".join((f"{percent:>4}", *pace(job))), percent, Tone.PLAIN
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


def _runs(job: JobView | None) -> bool:
    """Whether an erasure goes on by itself: what is not known may need somebody."""
    return job is not None and job.status in (JobStatus.RUNNING, JobStatus.PAUSED)


def pace(job: JobView | None) -> tuple[str, ...]:
    """Until when, how fast, how warm: what is not known is left out."""
    if job is None:
        return ()
    found = []
    if job.finish_at is not None:
        found.append(at(job.finish_at))
    if job.speed_bytes_s:
        found.append(say("screens.time.speed_short", count=max(1, round(job.speed_bytes_s / 1e6))))
    if job.temperature_c is not None:
        found.append(say("screens.time.degrees", count=job.temperature_c))
    return tuple(found)


def _waits(disk: DiskState) -> bool:
    """Whether a disk waits for a hand."""
    return disk.fate not in (Fate.ERASING, Fate.VERIFIED, Fate.RETIRED)
