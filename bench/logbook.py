"""Opens the signed log of this bench's data folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.settings import load
from bench.version import VERSION

if TYPE_CHECKING:
    from bench.context import Context
    from bench.records.log import Log


def open_log(context: Context) -> Log:
    """The log, founded at its first use. Raises `Failure` or `RecordsError`."""
    from bench.records.log import open_bench

    folder = context.data.make()
    settings = load(folder)
    return open_bench(
        folder,
        context.clock,
        context.random,
        name=f"{settings.workshop}, poste {settings.bench}",
        software=f"etabli {VERSION}",
    )
