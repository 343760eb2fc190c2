"""Opens the signed log of this bench's data folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.setup.settings import load
from bench.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.records.log import Log
    from bench.setup.clock import Clock
    from bench.setup.datafolder import DataFolder


def open_log(
    data: DataFolder, clock: Clock, random: Callable[[int], bytes], *, record_jobs: bool
) -> Log:
    """The log, founded at its first use. Raises `Failure` or `RecordsError`."""
    from bench.records.log import open_bench

    folder = data.make()
    settings = load(folder)
    log = open_bench(
        folder,
        clock,
        random,
        name=f"{settings.workshop}, poste {settings.bench}",
        software=f"etabli {VERSION}",
    )
    if record_jobs:
        try:
            record(data, log)
        except BaseException:
            log.store.close()
            raise
    return log


def record(data: DataFolder, log: Log) -> None:
    """Put every job folder on record, and tell of those that cannot be read."""
    if not data.jobs.exists():
        return
    from bench.erasing.record import Recorder
    from bench.errors.failure import Exit, Failure
    from bench.errors.sentence import complain

    for one in Recorder(log, data.jobs).sweep():
        complain(Failure("job_unreadable", Exit.MACHINE, job=one.job, why=one.why))
