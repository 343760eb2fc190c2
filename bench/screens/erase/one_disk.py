"""Step 5, Effacer, for a machine with one disk: a page for each fate it can have."""

from __future__ import annotations

from typing import ClassVar

from bench.guide.flow import can_go_on
from bench.guide.flow_erase import fate_of
from bench.guide.happenings import DisksChosen, GoOn, TakenOut
from bench.guide.place import disk_place
from bench.guide.shown import JobView, StartAnswer
from bench.guide.visit import Fate, disk
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.times import left, progress_lines
from bench.screens.kit.view import Choice, Tone, View
from bench.screens.steps.selftest import offer_long_test
from bench.words.catalogue import say


class DisksPage(Page):
    """The disks are being looked for."""

    help = "erase"

    def opened(self) -> None:
        self.desk.watch.ask_disks(then=self.desk.watch.ask_jobs)

    def draw(self) -> View:
        return View(
            title=say("screens.disks.looking"), lines=(say("screens.wait.what"),), picture="disk"
        )


def disk_facts(desk: Desk, key: str) -> tuple[tuple[str, str], ...]:
    """What the disk is, as its label says it too."""
    seen, known = desk.watch.disk(key), disk(desk.visit, key)
    title = seen.title if seen else known.title if known else ""
    rows = [(say("screens.disks.disk"), title)]
    if seen:
        rows.append((say("screens.disks.size"), seen.size))
    if seen and seen.serial_tail:
        rows.append((say("screens.disks.number"), f"…{seen.serial_tail}"))
    if seen and seen.confirm_shown and seen.allowed:  # two of a dock look the same
        rows.append((say("screens.disks.code"), seen.confirm))
    return tuple(rows)


def begin_look(desk: Desk, job: str) -> None:
    """Read again what an erasure left; the page of the running job follows by itself."""

    def begun(answer: StartAnswer) -> None:
        if answer.job is None:
            desk.page.fail(answer.text)
        desk.watch.ask_jobs()

    desk.page.say(say("screens.recheck.begins"))
    desk.call(lambda: desk.port.recheck(job), begun)


def look_choice(offered: bool) -> tuple[Choice, ...]:
    """One key, where the power was off since."""
    return (Choice("recheck", say("screens.recheck.offer")),) if offered else ()


class DiskPage(Page):
    """About one disk. Laid over the table of many disks, it closes when it has done its work."""

    help = "erase"
    name: ClassVar[str] = ""  # in `bench.screens.book`, where it is the page the visit asks for

    def __init__(self, desk: Desk, key: str) -> None:
        super().__init__(desk)
        self.key = key

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        return disk_facts(self.desk, self.key)

    @property
    def which(self) -> tuple[tuple[str, str], ...]:
        """The disk in one line, its number first, whether or not it is seen: a PC may hold
        several that look alike."""
        known, seen = disk(self.desk.visit, self.key), self.desk.watch.disk(self.key)
        title = known.title if known else ""
        if seen and not seen.serial_tail:  # the code it is confirmed by tells it from its like
            line = f"{seen.confirm}  {title}"
        else:
            tail = seen.serial_tail if seen else known.confirm if known else ""
            line = f"…{tail}  {title}" if tail else title
        return ((say("screens.disks.disk"), line),)

    def stale(self) -> bool:
        known = disk(self.desk.visit, self.key)
        return bool(self.name) and (known is None or disk_place(known) != (self.name, self.key))

    @property
    def over(self) -> bool:
        """True when this page lies over the table of disks."""
        return self.desk.page is self and self.desk.covered

    def leave(self) -> None:
        if self.over:
            self.desk.drop()

    def choose(self, key: str) -> None:
        if key == "erase":
            self.leave()
            self.desk.tell(DisksChosen((self.key,)))
        elif key == "call":
            self.desk.call_supervisor()
        elif key == "out":
            self.desk.watch.ask_disks(then=self._looked)
        elif key == "go_on":
            self.desk.tell(GoOn())
        elif key == "stop":
            self.desk.open("stop", self.key)
        elif key == "recheck":
            self._recheck()
        elif key == "thaw":
            self.desk.open("thaw", self.key)
        elif key == "take_out":
            self.desk.open("take_out", self.key)

    def recheckable(self) -> JobView | None:
        """An earlier erasure of this disk, which was without power since."""
        found = [job for job in self.desk.watch.jobs if job.key == self.key and job.recheck]
        return found[-1] if found else None

    def _recheck(self) -> None:
        if (job := self.recheckable()) is not None:
            begin_look(self.desk, job.id)

    def _looked(self) -> None:
        known = disk(self.desk.visit, self.key)
        if known is not None and known.present:
            self.say(say("screens.out.still"), Tone.DANGER)
            return
        self.desk.call(lambda: self.desk.port.disk_taken_out(self.key), lambda _: None)
        self.desk.drop_all()
        self.desk.tell(TakenOut(self.key))

    def back(self) -> None:
        if self.over:
            self.desk.drop()
        else:
            super().back()


class ReviewPage(DiskPage):
    """The disk that may be erased: erase it, or take it out."""

    name = "review"
    wants_disks = True

    def opened(self) -> None:
        offer_long_test(self)

    def draw(self) -> View:
        seen = self.desk.watch.disk(self.key)
        thaw = (Choice("thaw", say("screens.review.thaw")),) if seen and seen.can_thaw else ()
        lines = []
        if seen and seen.method:
            lines.append(seen.method)
        lines += seen.notes[:1] if seen else ()
        if seen and seen.expected_s is not None:
            lines.append(say("screens.review.time", left=left(seen.expected_s)))
        return View(
            title=say("screens.review.title"),
            lines=tuple(lines),
            facts=self.facts,
            picture="disk",
            choices=(
                Choice("erase", say("screens.review.erase")),
                *thaw,
                Choice("take_out", say("screens.review.take_out")),
                *look_choice(self.recheckable() is not None),
            ),
        )


class ProgressPage(DiskPage):
    """The erasure runs by itself; the worker may go."""

    name = "progress"
    help = "progress"

    def draw(self) -> View:
        known = disk(self.desk.visit, self.key)
        job = self.desk.watch.job(known.job if known else None)
        meanwhile: tuple[Choice, ...] = ()
        if can_go_on(self.desk.visit) and self.desk.visit.letter is None and not self.over:
            meanwhile = (Choice("go_on", say("screens.progress.meanwhile")),)
        stop = (Choice("stop", say("screens.progress.stop")),)
        return View(
            title=say("screens.progress.title"),
            lines=progress_lines(job),
            picture="disk_run",
            percent=job.percent if job else None,
            choices=meanwhile + stop,
            back=self.over,
            rests=True,
        )

    def back(self) -> None:
        if self.over:
            self.desk.drop()
        else:
            self.say(say("screens.progress.goes_on"))


class NoDiskPage(Page):
    help = "erase"
    wants_disks = True

    def draw(self) -> View:
        return View(
            title=say("screens.nodisk.title"),
            lines=(say("screens.nodisk.what"), say("screens.nodisk.look")),
            picture="pc",
            choices=(
                Choice("go_on", say("screens.nodisk.go_on")),
                Choice("look", say("screens.gone.look")),
            ),
        )

    def choose(self, key: str) -> None:
        if key == "go_on":
            self.desk.tell(GoOn())
        else:
            self.desk.watch.ask_disks(then=lambda: self.say(say("screens.nodisk.title")))


class ErasedPage(Page):
    """All is erased and verified, or out of the machine."""

    help = "erase"

    def draw(self) -> View:
        jobs = [self.desk.watch.job(disk.job) for disk in self.desk.visit.disks or ()]
        said = [job.sentence for job in jobs if job is not None and fate_of(job) is Fate.VERIFIED]
        erased = any(disk.fate is Fate.VERIFIED for disk in self.desk.visit.disks or ())
        return View(
            title=say("screens.erased.title" if erased else "screens.erased.out"),
            lines=(
                *(say("screens.erased.verified").splitlines() if erased else ()),
                *filter(None, said[:2]),
            ),
            picture="disk_good",
            choices=(
                Choice("go_on", say("screens.erased.go_on")),
                *look_choice(any(job is not None and job.recheck for job in jobs)),
            ),
            tone=Tone.GOOD,
        )

    def choose(self, key: str) -> None:
        if key != "recheck":
            self.desk.tell(GoOn())
            return
        jobs = [self.desk.watch.job(disk.job) for disk in self.desk.visit.disks or ()]
        for job in jobs:
            if job is not None and job.recheck:
                begin_look(self.desk, job.id)
