"""Opens the signed log of this bench's data folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.settings import load
from bench.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.clock import Clock
    from bench.datafolder import DataFolder
    from bench.records.log import Log


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
    from bench.failure import Exit, Failure
    from bench.recording import Recorder
    from bench.report import complain

    for one in Recorder(log, data.jobs).sweep():
        complain(Failure("job_unreadable", Exit.MACHINE, job=one.job, why=one.why))
