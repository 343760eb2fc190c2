"""Watches disks and running erasures, and starts what the flow lets start. No Textual."""

from __future__ import annotations

from collections.abc import Callable

from bench.guide.happenings import Back, DisksSeen, EraseStarted, JobsSeen, NotStarted
from bench.guide.shown import DiskChoice, DiskList, JobView, SelfTestView, StartAnswer
from bench.guide.visit import Confirmed, Stage, Visit, VisitStep, running, to_start
from bench.screens.kit.desk import Desk
from bench.words.catalogue import say

JOBS_EVERY_S = 1.0
DISKS_EVERY_S = 3.0
SELFTESTS_EVERY_S = 5.0  # the drives are looked at every 15 s


class Watch:
    """The desk's eyes on the disks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.jobs: tuple[JobView, ...] = ()
        self.disks: DiskList | None = None
        self._asking_jobs = self._asking_disks = False
        self._disks_turn = 0
        self._disks_at = self._jobs_at = self._selftests_at = float("-inf")
        self.selftests: tuple[SelfTestView, ...] = ()
        self.long_asked: set[str] = set()  # paths of the drives a long test was offered for

    def forget(self) -> None:
        """Another machine has come; an answer on its way is about the one before."""
        self.jobs, self.disks, self.selftests = (), None, ()
        self.long_asked = set()
        self._disks_turn += 1
        self._asking_disks = False

    def follow(self, before: Visit) -> None:
        """What the stages of the erasure ask of the port."""
        if self._desk.visit.stage is before.stage:
            return
        if self._desk.visit.stage is Stage.RECHECK:
            self._disks_turn += 1  # an answer on its way is older than the countdown
            self._asking_disks = False
            self.ask_disks()
        elif self._desk.visit.stage is Stage.START:
            for state in to_start(self._desk.visit):
                self._start(state)
        elif before.stage is Stage.RECHECK and self._desk.visit.step is VisitStep.ERASE:
            self._desk.turn()
            self._desk.page.say(say("screens.erase.changed"))

    def _start(self, confirmed: Confirmed) -> None:
        def work() -> StartAnswer | None:
            if not any(each.key == confirmed.key for each in to_start(self._desk.visit)):
                return None  # withdrawn while the ones before it were being started
            # Not started unless the visit that allows it is on the disk.
            self._desk.port.save_visit(self._desk.visit)
            return self._desk.port.start_erase(confirmed.key, confirmed.path, confirmed.confirm)

        def done(answer: StartAnswer | None) -> None:
            if answer is not None and answer.job:
                self._desk.tell(EraseStarted(confirmed.key, answer.job))
            else:
                self._desk.tell(NotStarted(confirmed.key))
                self._desk.page.fail(
                    answer.text if answer and answer.text else say("screens.erase.not")
                )
            self.ask_jobs()

        def failed(text: str) -> None:
            self._desk.tell(NotStarted(confirmed.key))
            self._desk.page.fail(text)

        self._desk.call(work, done, failed)

    def tick(self) -> None:
        """Once a second: look at running erasures and, where a page wants it, at the disks."""
        now = self._desk.host.clock()
        watched = self._desk.visit.step in (VisitStep.ERASE, VisitStep.GRADE, VisitStep.LABEL)
        if watched and running(self._desk.visit) and now - self._jobs_at >= JOBS_EVERY_S:
            self.ask_jobs()
        if self._desk.page.wants_disks and now - self._disks_at >= DISKS_EVERY_S:
            self.ask_disks()

        tested = self._desk.visit.step in (VisitStep.CHECKS, VisitStep.ERASE)
        if tested and now - self._selftests_at >= SELFTESTS_EVERY_S:
            self.ask_selftests()

    def ask_selftests(self) -> None:
        """How the drives' own tests stand; no answer leaves what was known."""
        self._selftests_at = self._desk.host.clock()
        asset = self._desk.visit.asset

        def seen(tests: tuple[SelfTestView, ...]) -> None:
            if asset == self._desk.visit.asset:
                self.selftests = tests

        self._desk.call(self._desk.port.selftests, seen, lambda _: None)

    def ask_again(self) -> None:
        """In another language: whatever the port has said of this visit."""
        if self.jobs:
            self.ask_jobs()
        if self.disks is not None:
            self.ask_disks()
        if self.selftests:
            self.ask_selftests()

    def ask_jobs(self) -> None:
        """Read the journals of the erasures."""
        if self._asking_jobs:
            return
        self._asking_jobs = True
        self._jobs_at = self._desk.host.clock()

        def seen(jobs: tuple[JobView, ...]) -> None:
            self._asking_jobs = False
            self.jobs = jobs
            self._desk.tell(JobsSeen(jobs))

        def failed(text: str) -> None:
            self._asking_jobs = False
            self._desk.page.say(text)

        self._desk.call(self._desk.port.jobs, seen, failed)

    def ask_disks(self, then: Callable[[], None] | None = None) -> None:
        """Read the disks and the guard's answers anew."""
        if self._asking_disks and then is None:
            return
        self._asking_disks = True
        self._disks_at = self._desk.host.clock()
        turn = self._disks_turn

        def seen(disks: DiskList) -> None:
            if turn != self._disks_turn:
                return
            self._asking_disks = False
            self.disks = disks
            self._desk.tell(DisksSeen(disks.disks, disks.complete))
            if then is not None:
                then()

        def failed(text: str) -> None:
            self._asking_disks = False
            if turn != self._disks_turn:
                return
            if self._desk.visit.stage is Stage.RECHECK:  # no answer of the guard is a no
                self._desk.tell(Back())
            self._desk.page.fail(text)

        self._desk.call(self._desk.port.disks, seen, failed)

    def disk(self, key: str) -> DiskChoice | None:
        """The disk as the port last showed it."""
        found = self.disks.disks if self.disks else ()
        return next((choice for choice in found if choice.key == key), None)

    def job(self, id: str | None) -> JobView | None:
        return next((job for job in self.jobs if job.id == id), None)
