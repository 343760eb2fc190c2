"""The pages before the first Bonjour made real: what a new stick is told, and its clock."""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench.casefile.numbers import note_given_out
from bench.errors.sentence import as_failure, sentence
from bench.exchange.asking import ask_all
from bench.guide.network import Networking
from bench.guide.starting import Asked, FirstAnswers, Needs, Request
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

REQUEST, ANSWER = joining.REQUEST, "reponse.etabli"
# Started over the network: its address comes while the first screen is there.
LOOKS, PAUSE_S = 6, 2.0


class StartBench:
    """A bench that may not be open yet. Nothing is written before `keep`. `find` gives the
    addresses of the servers on the network."""

    def __init__(
        self,
        context: Context,
        made: dt.datetime,
        find: Callable[[], list[str]] = list,
        *,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.context = context
        self.runner = context.runner()
        self.finished = False
        self.networking: Networking = NetworkDesk(self.runner, context.data.path / "wifi")
        self._made = made
        self._find, self._wait = find, wait
        self._found: list[str] = []
        self._answers: dict[str, bytes] = {}  # the latest of each address

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
        volatile, alone = live.volatile(self.runner), not self._joined()
        answer = (self._folder / ANSWER).is_file() and data.database.exists()
        asked = alone and not answer and (self._folder / REQUEST).is_file()
        return Needs(
            clock=self.clock() is None,
            first=new and not volatile,
            answer=answer,
            offer=volatile and alone and not asked and not answer,
            asked=asked,
        )

    def _joined(self) -> bool:
        """Whether it belongs to another workshop than the one it founded: that one's key goes."""
        keys = self._folder / "keys"
        return (keys / "bench.key").exists() and not (keys / "workshop.key").exists()

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
            kept = not live.volatile(self.runner)
            return Request(log.key.fingerprint, REQUEST if kept else "")

    def servers(self) -> int:
        for turn in range(LOOKS if live.over_network(self.runner) else 1):
            if turn:
                self._wait(PAUSE_S)
            self._found = self._find()
            if self._found:
                break
        return len(self._found)

    def ask(self) -> Asked:
        request = self.runner.read(str(self._folder / REQUEST)).data
        self._found = self._found or self._find()
        if request is None or not self._found:
            return Asked()
        with self._log() as log:
            told = ask_all(log, self._found, request)
        self._answers |= told.answers
        if not told.taken:
            self._found = []  # the next time they are looked for anew
        failure = as_failure(told.why) if told.why is not None and not told.taken else None
        text = sentence(failure) if failure else ""
        return Asked(len(told.taken), bool(self._answers), text[:1].upper() + text[1:])

    def forget_request(self) -> None:
        durable.drop(self._folder / REQUEST)

    def check_answer(self) -> Did:
        return _did(lambda: joining.read_answer(self._all_answers()[0]))

    def join(self, heard: str) -> Did:
        with self._log() as log:
            did = _did(lambda: _join(log, self._all_answers(), heard))
        if did.ok:
            durable.drop(self._folder / ANSWER)
            self.forget_request()
        return did

    def _all_answers(self) -> list[bytes]:
        """Those of the network, then what somebody brought. Whoever answers, may."""
        here = self.runner.read(str(self._folder / ANSWER)).data
        return [*self._answers.values(), *(() if here is None else (here,))] or [b""]

    @contextlib.contextmanager
    def _log(self) -> Iterator[Log]:
        log = self.context.open_log(record_jobs=False)
        try:
            yield log
        finally:
            log.store.close()


def _join(log: Log, answers: list[bytes], heard: str) -> None:
    answer = joining.of_heard(answers, heard)
    joining.join(log, answer, heard=heard)
    note_given_out(log, joining.numbers_of(answer))


def _did(work: Callable[[], object]) -> Did:
    """What became of it, in a sentence where the records refuse."""
    try:
        work()
    except RecordsError as error:
        failure = as_failure(error)
        return Did(False, sentence(failure) if failure else str(error))
    return Did(True)
