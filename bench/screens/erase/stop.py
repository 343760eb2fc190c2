"""Stopping a running erasure: asked twice, by two different keys, and said plainly."""

from __future__ import annotations

from bench.guide.visit import Fate, disk
from bench.screens.erase.one_disk import DiskPage
from bench.screens.kit.desk import Desk
from bench.screens.kit.view import Choice, Tone, View
from bench.words.catalogue import say

_FACE = "stop"
SILENT_S = 30.0  # a disk that answers lets its process stop within a second or two


class StopPage(DiskPage):
    """Laid over the progress. "Yes" is the third choice: no single key, pressed again and
    again, goes from the progress through here."""

    name = "progress"
    help = "stop"

    def __init__(self, desk: Desk, key: str) -> None:
        super().__init__(desk, key)
        self._asked_at: float | None = None

    def stale(self) -> bool:
        """It goes when the stop that was asked for came; an end that came by itself is told."""
        return super().stale() if self._asked_at is not None else self._fate is None

    @property
    def _fate(self) -> Fate | None:
        known = disk(self.desk.visit, self.key)
        return known.fate if known is not None else None

    def draw(self) -> View:
        known = disk(self.desk.visit, self.key)
        job = self.desk.watch.job(known.job if known else None)
        if self._asked_at is not None:
            return self._waiting(self._asked_at)
        call = Choice("call", say("screens.refused.call"))
        if self._fate is not Fate.ERASING:
            return self._over(call)
        can = job is None or job.stoppable
        no = Choice("no", say("screens.stop.no"))
        yes = (Choice("yes", say("screens.stop.yes")),) if can else ()
        what = "what" if can else "cannot"
        return View(
            title=say("screens.stop.title"),
            lines=tuple(say(f"screens.stop.{what}").splitlines()),
            facts=self.facts,
            picture="disk_no",
            choices=(no, call, *yes),
            tone=Tone.DANGER,
            face=_FACE,
        )

    def _over(self, call: Choice) -> View:
        """It ended before anybody chose: the same places, with nothing left to stop."""
        done = self._fate is Fate.VERIFIED
        ended = say("screens.stop.ended" if done else "screens.interrupted.title")
        return View(
            title=ended,
            lines=(say("screens.stop.nothing"),),
            facts=self.facts,
            picture="disk_good" if done else "disk_no",
            choices=(
                Choice("no", say("screens.help.back")),
                call,
                Choice("yes", say("screens.stop.yes"), off=ended),
            ),
            face=_FACE,
        )

    def _waiting(self, since: float) -> View:
        silent = self.desk.host.clock() - since > SILENT_S
        said = "silent" if silent else "stopping"
        return View(
            title=say(f"screens.stop.{said}_title"),
            lines=tuple(say(f"screens.stop.{said}").splitlines()),
            facts=self.facts,
            picture="disk_no",
            choices=(
                Choice("no", say("screens.help.back")),
                Choice("call", say("screens.refused.call")),
            ),
        )

    def choose(self, key: str) -> None:
        if key == "no":
            self.desk.drop()
        elif key == "yes":
            self._stop()
        else:
            super().choose(key)

    def _stop(self) -> None:
        known = disk(self.desk.visit, self.key)
        job = known.job if known is not None else None
        if job is None:
            return

        def asked(found: bool) -> None:
            if found:
                self._asked_at, self.at = self.desk.host.clock(), 0
            else:
                self.say(say("screens.stop.not_yet"), Tone.DANGER)
            self.desk.watch.ask_jobs()

        self.desk.call(lambda: self.desk.port.stop_erase(job), asked)
