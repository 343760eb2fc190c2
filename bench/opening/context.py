"""What every command is given: where the data lies, the clock, the machine to ask."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from bench.opening.supervisor import ask
from bench.setup.clock import Clock, SystemClock, chance
from bench.setup.datafolder import DataFolder, locate
from bench.setup.settings import Operator, load
from bench.words.version import VERSION

if TYPE_CHECKING:
    from bench.records.log import Log
    from diagnostics.command import Runner


class Context:
    """Made once in `bench.__main__`; everything in it is opened only when asked for."""

    def __init__(
        self,
        data: DataFolder,
        *,
        clock: Clock | None = None,
        random: Callable[[int], bytes] = chance,
        debug: bool = False,
    ) -> None:
        self.data = data
        self.clock = clock or SystemClock()
        self.random = random
        self.debug = debug
        self._told_open = False

    @classmethod
    def from_arguments(cls, arguments: argparse.Namespace) -> Context:
        return cls(locate(arguments.data), debug=arguments.debug)

    def runner(self, replay: str | None = None) -> Runner:
        """The real machine, or a recorded one. Raises `Failure` for a bad recording."""
        from bench.opening.runner import runner

        return runner(replay)

    def open_log(self, *, record_jobs: bool = True) -> Log:
        """The signed log of this bench, founded at its first use.

        Raises `Failure` or `RecordsError`.

        Every job folder is on record in what this gives. `record_jobs=False`: only for what
        neither reads machines nor gives anything out, or must not write yet.
        """
        from bench.records.log import open_bench

        folder = self.data.make()
        self._tell_open()
        settings = load(folder)
        log = open_bench(
            folder,
            self.clock,
            self.random,
            name=f"{settings.workshop}, poste {settings.bench}",
            software=f"etabli {VERSION}",
        )
        log.ask_supervisor = partial(ask, log)
        try:
            self._forget_what_is_owed(log)
            if record_jobs:
                self.record_into(log)
        except BaseException:
            log.store.close()
            raise
        return log

    def people(self) -> tuple[Operator, ...]:
        """Who works at this bench; founds no record to know it."""
        settings = load(self.data.path)
        if not self.data.founded:
            return settings.operators
        from bench.setup import people

        log = self.open_log(record_jobs=False)
        try:
            return people.listed(log.store, settings)
        finally:
            log.store.close()

    def operator(self, text: str) -> str:
        """The code of who is named to a command. Raises `Failure` (`operator_unknown`)."""
        from bench.setup import people

        return people.must_know(self.people(), text)

    def _tell_open(self) -> None:
        """Once: that others may read or change this folder, which could not be made private."""
        if self.data.open_to_others and not self._told_open:
            from bench.errors.failure import Exit, Failure
            from bench.errors.sentence import complain

            self._told_open = True
            code = f"data_open_{self.data.open_to_others}"
            complain(Failure(code, Exit.MACHINE, path=self.data.path))

    def _forget_what_is_owed(self, log: Log) -> None:
        """What could not be reached when a person was forgotten: a stick is back, a reader gone."""
        from bench.records.copies import forgetting

        if forgetting.is_due(log.store):
            forgetting.finish(log.store)
        self._forget_comforts(log)

    def _forget_comforts(self, log: Log) -> None:
        """Who is no longer listed here loses what was kept of their comfort."""
        from bench.errors.failure import Failure
        from bench.errors.sentence import complain
        from bench.records.log import DEMO
        from bench.setup import comfort, people

        if log.store.meta(DEMO):  # whose people no settings list, and who are nobody
            return
        try:
            comfort.keep_only(
                self.data.path, lambda: people.listed(log.store, load(self.data.path))
            )
        except Failure as failure:  # it keeps nobody from working
            complain(failure)

    def record_into(self, log: Log) -> None:
        """Put every job folder on record, and tell of those that cannot be read."""
        if not self.data.jobs.exists():
            return
        from bench.erasing.record import Recorder
        from bench.errors.failure import Exit, Failure
        from bench.errors.sentence import complain

        for job in Recorder(log, self.data.jobs).sweep():
            complain(Failure(job.code, Exit.MACHINE, job=job.job, why=job.why))

    def record_jobs(self) -> None:
        """Bring the record up to date; where there is none yet, only for somebody's machine.

        A throw-away image file with no asset number is nobody's: it founds no record.
        """
        from bench.erasing.record import any_wanted

        if self.data.founded or any_wanted(self.data.jobs):
            self.open_log().store.close()
