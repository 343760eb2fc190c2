"""The pages before the first Bonjour made real: what a new stick is told, and its clock."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench.errors.sentence import as_failure, sentence
from bench.guide.network import Networking
from bench.guide.starting import FirstAnswers, Needs, Request
from bench.guide.supervision import Did
from bench.records import joining
from bench.records.day import pin
from bench.records.errors import RecordsError
from bench.setup import live
from bench.setup.clock import plausible
from bench.setup.files import write_file
from bench.setup.settings import Settings, load, write_first
from bench.words.catalogue import choose, for_the_workshop, language, say
from bench.workbench.network import NetworkDesk
from diagnostics import durable

if TYPE_CHECKING:
    from bench.opening.context import Context
    from bench.records.log import Log

REQUEST, ANSWER = "demande.etabli", "reponse.etabli"


class StartBench:
    """A bench that may not be open yet. Nothing is written before `keep`."""

    def __init__(self, context: Context, made: dt.datetime) -> None:
        self.context = context
        self.runner = context.runner()
        self.finished = False
        self.networking: Networking = NetworkDesk(self.runner, context.data.path / "wifi")
        self._made = made

    @property
    def _folder(self) -> Path:
        return self.context.data.path

    def needs(self) -> Needs:
        """Nothing but on the stick; the names only where no bench was ever, and they are kept."""
        if not live.is_stick(self.runner):
            return Needs()
        data = self.context.data
        kept = (self._folder / "settings.toml", data.database, self._folder / "keys")
        new = data.origin == "stick" and not any(path.exists() for path in kept)
        return Needs(
            clock=self.clock() is None,
            first=new and not live.volatile(self.runner),
            answer=(self._folder / ANSWER).is_file() and data.database.exists(),
        )

    def set_keyboard(self, name: str) -> bool:
        return live.set_keyboard(self.runner, name)

    def clock(self) -> dt.datetime | None:
        now = self.context.clock.now()
        return now.astimezone() if plausible(now, self._made) else None

    def set_clock(self, moment: dt.datetime) -> Did:
        if not plausible(moment.astimezone(), self._made):
            return Did(False, say("start.clock.before", day=f"{self._made:%d/%m/%Y}"))
        done = live.set_clock(self.runner, moment.astimezone())
        return Did(done, "" if done else say("start.clock.not"))

    def keep(self, answers: FirstAnswers) -> None:
        choose(language())  # who sets the bench up chooses for the workshop
        self.context.data.make()
        told = Settings(
            bench=answers.bench,
            workshop=answers.workshop,
            language=language(),
            keyboard=answers.keyboard,
        )
        write_first(self._folder, told)

    def pin_fits(self, code: str) -> Did:
        return _did(lambda: pin.check_strength(code))

    def choose_pin(self, code: str) -> Did:
        with self._log() as log:
            if pin.is_set(log):
                return Did(False, say("supervisor.pin_kept"))
            return _did(lambda: pin.choose(log, code))

    def request(self) -> Request:
        settings = load(self._folder)
        with self._log() as log:
            named = {"workshop": settings.workshop, "bench": settings.bench}
            with for_the_workshop():
                name = say("start.request.name", **named)
            write_file(self._folder / REQUEST, joining.request(log, name, pin.public(log)))
            return Request(log.key.fingerprint, REQUEST)

    def check_answer(self) -> Did:
        return _did(lambda: joining.read_answer(self._answer()))

    def join(self, heard: str) -> Did:
        with self._log() as log:
            did = _did(lambda: joining.join(log, self._answer(), heard=heard))
        if did.ok:
            durable.drop(self._folder / ANSWER)
        return did

    def _answer(self) -> bytes:
        return self.runner.read(str(self._folder / ANSWER)).data or b""

    @contextlib.contextmanager
    def _log(self) -> Iterator[Log]:
        log = self.context.open_log(record_jobs=False)
        try:
            yield log
        finally:
            log.store.close()


def _did(work: Callable[[], object]) -> Did:
    """What became of it, in a sentence where the records refuse."""
    try:
        work()
    except RecordsError as error:
        failure = as_failure(error)
        return Did(False, sentence(failure) if failure else str(error))
    return Did(True)
