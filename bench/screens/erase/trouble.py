"""Step 5, Effacer: what to do with a disk that is not erased, with words and hands."""

from __future__ import annotations

from bench.guide.happenings import JobResumed
from bench.guide.shown import StartAnswer
from bench.guide.visit import Subject, disk
from bench.screens.erase.one_disk import DiskPage
from bench.screens.kit.desk import Desk
from bench.screens.kit.page import Page
from bench.screens.kit.view import Choice, Tone, View
from bench.words.catalogue import find, say


class RefusedPage(DiskPage):
    """The guard refuses: why, and what to do with one's hands."""

    name = "refused"
    wants_disks = True

    def draw(self) -> View:
        seen = self.desk.watch.disk(self.key)
        reasons = seen.reasons if seen and seen.reasons else (say("screens.refused.why"),)
        advice = seen.advice if seen else ()
        return View(
            title=say("screens.refused.title"),
            lines=(*reasons[:3], *advice[:2]),
            facts=self.facts,
            picture="disk_no",
            choices=(
                Choice("call", say("screens.refused.call")),
                Choice("take_out", say("screens.review.take_out")),
            ),
            tone=Tone.DANGER,
        )


class FailedPage(DiskPage):
    """The disk is "à retirer": steps for the hands, in order."""

    name = "failed"
    help = "failed"

    def draw(self) -> View:
        known = disk(self.desk.visit, self.key)
        job = self.desk.watch.job(known.job if known else None)
        said = job.sentence if job and job.sentence else say("screens.failed.what")
        return View(
            title=say("screens.failed.title"),
            facts=self.which,
            lines=(said, *steps(self.desk, job.steps if job else ())),
            picture="disk_no",
            choices=(
                Choice("call", say("screens.refused.call")),
                Choice("out", say("screens.out.done")),
                Choice("erase", say("screens.failed.again")),
            ),
            tone=Tone.DANGER,
        )


class TakeOutPage(DiskPage):
    """Laid over: the worker chose to take the disk out rather than to erase it."""

    help = "take_out"

    def draw(self) -> View:
        return View(
            title=say("screens.out.title"),
            lines=steps(self.desk, ()),
            facts=self.which,
            picture="disk_out",
            choices=(
                Choice("no", say("screens.out.no")),
                Choice("out", say("screens.out.done")),
            ),
        )

    def choose(self, key: str) -> None:
        if key == "no":
            self.desk.drop()
        else:
            super().choose(key)

    def back(self) -> None:
        self.desk.drop()


def steps(desk: Desk, given: tuple[str, ...]) -> tuple[str, ...]:
    """The physical steps, numbered; our own where the job gives none."""
    loose = desk.visit.subject is Subject.DISKS
    words = find("screens.out.steps_loose" if loose else "screens.out.steps_pc") or ""
    own = given or tuple(words.splitlines())
    return tuple(f"{index}. {text}" for index, text in enumerate(own[:5], 1))


class GonePage(DiskPage):
    """A disk of this machine is not seen any more, and was not erased."""

    name = "gone"
    help = "gone"
    wants_disks = True

    def draw(self) -> View:
        return View(
            title=say("screens.gone.title"),
            lines=(say("screens.gone.what"),),
            facts=self.which,
            picture="disk_out",
            choices=(
                Choice("look", say("screens.gone.look")),
                Choice("out", say("screens.out.done")),
                Choice("call", say("screens.refused.call")),
            ),
        )

    def choose(self, key: str) -> None:
        if key == "look":
            self.desk.watch.ask_disks(then=lambda: self.say(say("screens.gone.title")))
        else:
            super().choose(key)


class InterruptedPage(DiskPage):
    """The erasure was cut: it goes on where it was."""

    name = "interrupted"
    help = "progress"

    def draw(self) -> View:
        return View(
            title=say("screens.interrupted.title"),
            lines=(say("screens.interrupted.what"), say("screens.interrupted.not_erased")),
            facts=self.facts,
            picture="disk",
            choices=(
                Choice("resume", say("screens.interrupted.resume")),
                Choice("erase", say("screens.interrupted.anew")),
                Choice("call", say("screens.refused.call")),
            ),
        )

    def choose(self, key: str) -> None:
        if key != "resume":
            super().choose(key)
            return
        known = disk(self.desk.visit, self.key)
        if known is not None and known.job is not None:
            job = known.job
            self.desk.call(lambda: self.desk.port.resume(job), self._resumed)

    def _resumed(self, answer: StartAnswer) -> None:
        if answer.job is None:
            self.fail(answer.text or say("screens.erase.not"))
            return
        self.leave()
        self.desk.tell(JobResumed(answer.job))
        if answer.text:
            self.desk.page.say(answer.text)
        self.desk.watch.ask_jobs()


class HiddenPage(Page):
    """The list of disks may be incomplete: nobody may conclude that there is none."""

    help = "erase"
    wants_disks = True

    def draw(self) -> View:
        warnings = self.desk.watch.disks.warnings if self.desk.watch.disks else ()
        return View(
            title=say("screens.hidden.title"),
            lines=(*warnings[:3], say("screens.hidden.what")),
            picture="disk_no",
            choices=(
                Choice("call", say("screens.refused.call")),
                Choice("look", say("screens.gone.look")),
            ),
            tone=Tone.DANGER,
        )

    def choose(self, key: str) -> None:
        if key == "call":
            self.desk.call_supervisor()
        else:
            self.desk.watch.ask_disks(then=lambda: self.say(say("screens.hidden.title")))
